"""Everything under /api/v1/: each app's endpoints, the schema and its page."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import include, path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView

from retention.access.api import IsSignedIn

urlpatterns = [
    path("", include("catalog.api.urls")),
    path("", include("customers.api.urls")),
    path("", include("retention.insights.api.urls")),
    path("", include("campaigns.api.urls")),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[IsSignedIn]), name="schema"),
    path(
        "docs/",
        staff_member_required(TemplateView.as_view(template_name="api/docs.html")),
        name="api-docs",
    ),
]
