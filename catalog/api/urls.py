from django.urls import path

from catalog.api.products import ProductDetail, ProductList

urlpatterns = [
    path("products/", ProductList.as_view(), name="products"),
    path("products/<str:external_id>/", ProductDetail.as_view(), name="product"),
]
