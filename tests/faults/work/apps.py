from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "tests.faults.work"
    label = "faultwork"
    default_auto_field = "django.db.models.BigAutoField"
