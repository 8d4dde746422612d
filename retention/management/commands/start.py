"""`manage.py start`: an empty shop on this machine, its first operator, and the address."""

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from retention.demo.console import Steps
from retention.demo.fresh import data_folder, is_demonstration_here, spoken
from retention.management.serving import ServingCommand

FIRST = "operator"


class Command(ServingCommand):
    help = (
        "Set everything up for a shop of your own, make its first operator, and serve it until"
        " Ctrl-C. The same call starts it again."
    )

    def check_call(self, options: dict[str, Any]) -> None:
        super().check_call(options)
        if is_demonstration_here() and not options["fresh"]:
            raise CommandError(
                f"The demonstration is in {spoken(data_folder())}. Say --fresh to begin your own"
                " shop in its place, or set RETENTION_DATA_DIR to another folder."
            )

    def furnish(self, options: dict[str, Any], steps: Steps, *, now: datetime) -> str:
        said = first_operator()
        # At once: a start that fails later must not take the password with it.
        self.stdout.write(f"  {said}")
        return (
            self.address(options["port"]) + f"  {said}\n"
            "  Fill it: python3 manage.py import_shop FILE..., or make an API key in the admin.\n"
            "  Ctrl-C stops everything.\n"
        )


def first_operator() -> str:
    """How to sign in. The password is said once, where nobody is here yet, and kept nowhere."""
    if User.objects.exists():
        return (
            "Sign in as before. A forgotten password is set anew by"
            f" `python3 manage.py changepassword {FIRST}`."
        )
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(FIRST, password=password)
    return f"Sign in as {FIRST} with the password {password} (it is shown this once only)"
