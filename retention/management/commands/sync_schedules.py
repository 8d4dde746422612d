from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from retention.schedule import sync_schedules


class Command(BaseCommand):
    help = "Add the schedules a new installation starts with; changes nothing that is there."

    def handle(self, *args: Any, **options: Any) -> None:
        added = sync_schedules(at=timezone.now())
        self.stdout.write(f"{added} schedules added." if added else "All schedules are there.")
