"""`manage.py demo`: a whole shop on this machine, from nothing to a measured campaign."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from customers.models import Customer
from retention.demo.console import Steps
from retention.demo.loop import run_loop
from retention.demo.signing_in import SignIn, sign_in
from retention.demo.story import Story, Told
from retention.env import PROJECT_DIR
from retention.schedule import sync_schedules
from retention.supervisor import supervise
from retention.supervisor.embedded import embedded

CONSENTS = "marketing,analytics,recommendation"


class Command(BaseCommand):
    help = (
        "Set everything up, make a demonstration shop (or import a real one with --data), run the"
        " loop once, and serve it until Ctrl-C. A second start takes seconds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--data", nargs="+", type=Path, metavar="FILE", default=[])
        parser.add_argument("--customers", type=int, default=2_000, help="Of the simulated shop.")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--only-setup", action="store_true", help="Prepare, and do not serve.")

    def handle(self, *args: Any, **options: Any) -> None:
        if missing := [str(path) for path in options["data"] if not path.exists()]:
            raise CommandError(f"There is no file {', '.join(missing)}.")
        now, steps = timezone.now(), Steps()
        steps("Preparing the database and the pages")
        call_command("migrate", verbosity=0)
        sync_schedules(at=now)
        collect_pages()
        who = sign_in(at=now)
        steps.end()
        if Customer.objects.exists():
            self.stdout.write("  The shop of the last start is still here.")
        elif options["data"]:
            self.import_shop(options["data"], steps, now=now)
        else:
            self.play(options, steps, who, now=now)
        if options["only_setup"]:
            return
        children = embedded(host="127.0.0.1", port=options["port"])
        code = supervise(children, on_ready=lambda: self.welcome(who, options["port"]))
        raise SystemExit(code)

    def import_shop(self, files: list[Path], steps: Steps, *, now: datetime) -> None:
        self.stdout.write("  For this look the customers are taken to have agreed to everything.")
        call_command("import_shop", *map(str, files), consent=CONSENTS, yes=True)
        for line in run_loop(at=now, tell=steps):
            steps.end()
            self.stdout.write(f"  {line}")

    def play(self, options: dict[str, Any], steps: Steps, who: SignIn, *, now: datetime) -> None:
        story = Story(
            now=now,
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
        self.stdout.write(in_words(told))

    def welcome(self, who: SignIn, port: int) -> None:
        self.stdout.write(
            self.style.SUCCESS(f"\n  Open http://127.0.0.1:{port}/\n")
            + f"  sign in as {who.operator} (or, to approve a campaign, {who.approver})"
            f" with the password {who.password}\n"
            f"  API key {who.api_key}\n"
            "  Ctrl-C stops everything.\n"
        )


def collect_pages() -> None:
    """Collect and compress static files, unless they are just those of the last start."""
    done = Path(settings.STATIC_ROOT) / "collected"
    sources = [PROJECT_DIR / "requirements.txt", *(PROJECT_DIR / "static").rglob("*")]
    newest = str(max(path.stat().st_mtime_ns for path in sources))
    if not done.exists() or done.read_text() != newest:
        call_command("collectstatic", verbosity=0, interactive=False)
        done.write_text(newest)


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
