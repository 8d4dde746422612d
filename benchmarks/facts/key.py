"""Prints a new API key that may send events: `python -m benchmarks.facts.key`."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after the setup
from django.utils import timezone  # noqa: E402

from retention.access.models import Scope  # noqa: E402
from retention.access.services.keys import make_key  # noqa: E402

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    _, secret = make_key("Benchmark", scopes=[Scope.EVENTS_WRITE], at=timezone.now())
    print(secret)
