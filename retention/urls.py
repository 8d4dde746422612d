from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from campaigns.unsubscribing import unsubscribe_page
from retention import health

handler400 = "retention.errors.bad_request"
handler403 = "retention.errors.permission_denied"
handler404 = "retention.errors.not_found"
handler500 = "retention.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Browsers ask here on pages that are not ours to head: a file of JSON, a download.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("retention/mark.svg"))),
    path("admin/", admin.site.urls),
    path("api/v1/", include("retention.api")),
    path("unsubscribe/<str:token>/", unsubscribe_page, name="unsubscribe"),
    path("health/live", health.live),
    path("health/ready", health.ready),
]
