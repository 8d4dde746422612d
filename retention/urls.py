from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from retention import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("retention.api")),
    path("health/live", health.live),
    path("health/ready", health.ready),
]
