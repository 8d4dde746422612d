from django.urls import path

from customers.api.customers import (
    CustomerConsents,
    CustomerDetail,
    CustomerExport,
    CustomerList,
)
from customers.api.events import EventList

urlpatterns = [
    path("events/", EventList.as_view(), name="events"),
    path("customers/", CustomerList.as_view(), name="customers"),
    path("customers/<str:external_id>/", CustomerDetail.as_view(), name="customer"),
    path("customers/<str:external_id>/consents/", CustomerConsents.as_view(), name="consents"),
    path("customers/<str:external_id>/export/", CustomerExport.as_view(), name="export"),
]
