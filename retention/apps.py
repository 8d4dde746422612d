from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """The wiring: commands, pages and answers that need all apps at once."""

    name = "retention"

    def ready(self) -> None:
        from . import checks, schedule, write_ahead  # noqa: F401 - they register themselves
