from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "retention.access"
    label = "access"
    verbose_name = "Access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .api import schema  # noqa: F401 - registers itself
