from django.apps import AppConfig


class PresentConfig(AppConfig):
    """How numbers, times, states and pictures look, everywhere the same."""

    name = "retention.present"
    label = "present"
