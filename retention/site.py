"""The admin as operators see it: our name, our home page, all apps on one screen."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class RetentionSite(AdminSite):
    site_header = "Retention"
    site_title = "Retention"
    index_title = "Home"


class RetentionAdminConfig(AdminConfig):
    default_site = "retention.site.RetentionSite"
