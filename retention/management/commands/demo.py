"""`manage.py demo`: a whole shop on this machine, from nothing to a measured campaign."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from customers.management.demonstration import mark_demonstration
from customers.models import Customer
from retention.demo.console import Steps
from retention.demo.fresh import data_folder, spoken
from retention.demo.loop import run_loop
from retention.demo.segments import example_segments
from retention.demo.signing_in import SignIn, people_file, sign_in
from retention.demo.story import Story, Told
from retention.management.serving import ServingCommand, url

CONSENTS = "marketing,analytics,recommendation"


class Command(ServingCommand):
    help = (
        "Set everything up, make a demonstration shop (or import a real one with --data), run the"
        " loop once, and serve it until Ctrl-C. A second start takes seconds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--data", nargs="+", type=Path, metavar="FILE", default=[])
        parser.add_argument("--customers", type=int, default=3_000, help="Of the simulated shop.")
        parser.add_argument("--seed", type=int, default=7)

    def check_call(self, options: dict[str, Any]) -> None:
        super().check_call(options)
        if missing := [str(path) for path in options["data"] if not path.exists()]:
            raise CommandError(f"There is no file {', '.join(missing)}.")

    def furnish(self, options: dict[str, Any], steps: Steps, *, now: datetime) -> str:
        if User.objects.exists() and not people_file().exists():
            raise CommandError(
                "This installation has operators of its own; the demonstration makes people and a"
                " shop. Set RETENTION_DATA_DIR to another folder for it."
            )
        here = Customer.objects.exists()
        if here and options["data"]:
            raise CommandError(
                f"A shop is here already, in {spoken(data_folder())}: --data fills an empty one."
                " Say --fresh to begin anew in its place, or set RETENTION_DATA_DIR to another"
                " folder."
            )
        who = sign_in(at=now)
        if here:
            self.stdout.write("  The shop of the last start is still here.")
        elif options["data"]:
            self.import_shop(options["data"], steps, now=now)
        else:
            self.play(options, steps, who, now=now)
        return self.welcome(who, options["port"])

    def import_shop(self, files: list[Path], steps: Steps, *, now: datetime) -> None:
        self.stdout.write("  For this look the customers are taken to have agreed to everything.")
        call_command("import_shop", *map(str, files), consent=CONSENTS, yes=True)
        example_segments(at=now)
        for line in run_loop(at=now, clock=timezone.now, tell=steps):
            steps.end()
            self.stdout.write(f"  {line}")

    def play(self, options: dict[str, Any], steps: Steps, who: SignIn, *, now: datetime) -> None:
        mark_demonstration()
        story = Story(
            now=now,
            clock=timezone.now,
            currency=settings.SHOP_CURRENCY,
            tell=steps,
            customers=options["customers"],
            seed=options["seed"],
        )
        told = story.play(
            operator=User.objects.get(username=who.operator),
            approver=User.objects.get(username=who.approver),
        )
        steps.end()
        for line in story.notes:
            self.stdout.write(f"  {line}")
        self.stdout.write(in_words(told))

    def welcome(self, who: SignIn, port: int) -> str:
        return (
            self.address(port) + f"  sign in as {who.operator} (or, to approve a campaign,"
            f" {who.approver}) with the password {who.password}\n"
            f"  for the API: export SHOP={url(port)} KEY={who.api_key}\n"
            "  Ctrl-C stops everything.\n"
        )


def in_words(told: Told) -> str:
    """What the story came to, the measured effect beside the true one."""
    said = [f"  {told.customers:,} customers, {told.events:,} events."]
    if told.kept:
        kept = told.kept
        said.append(
            f"  The campaign kept {kept.effect * 100:+.1f} customers in a hundred, measured"
            f" [{kept.ci_low * 100:+.1f}, {kept.ci_high * 100:+.1f}]; the simulation knows that it"
            f" was {told.true_effect * 100:+.1f}."
        )
    return "\n".join(said)
