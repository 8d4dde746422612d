"""What `demo` and `start` share: an installation made ready, and served until Ctrl-C."""

import socket
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from retention.demo.console import Steps
from retention.demo.fresh import (
    NotReplaceable,
    check_replaceable,
    serving,
    set_aside,
    spoken,
    what_goes,
)
from retention.env import PROJECT_DIR
from retention.schedule import sync_schedules
from retention.supervisor import supervise
from retention.supervisor.embedded import embedded

HOST = "127.0.0.1"
HIGHEST_PORT = 65_535


class ServingCommand(BaseCommand):
    """`furnish` puts in what this command is about and returns what to say once all is ready."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--fresh", action="store_true", help="Set the demonstration that is here aside first."
        )
        parser.add_argument("--only-setup", action="store_true", help="Prepare, and do not serve.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.check_call(options)
        now, steps = timezone.now(), Steps()
        try:
            if options["fresh"]:
                self.set_aside(now)
            with serving():
                self.prepare(steps, now=now)
                welcome = self.furnish(options, steps, now=now)
                if options["only_setup"]:
                    return
                children = embedded(host=HOST, port=options["port"])
                raise SystemExit(supervise(children, on_ready=lambda: self.say(welcome)))
        except NotReplaceable as refused:
            raise CommandError(str(refused)) from None

    def check_call(self, options: dict[str, Any]) -> None:
        """Raises CommandError where the call cannot succeed, before anything is touched."""
        if not options["only_setup"]:
            check_port(HOST, options["port"])

    def say(self, words: str) -> None:
        """At once, also where the output goes to a file or a pipe and not to a terminal."""
        self.stdout.write(words)
        self.stdout.flush()

    def furnish(self, options: dict[str, Any], steps: Steps, *, now: datetime) -> str:
        raise NotImplementedError

    def set_aside(self, now: datetime) -> None:
        check_replaceable()
        if going := what_goes():
            names = ", ".join(path.name for path in going)
            self.stdout.write(f"  The demonstration goes out of the way: {names}.")
            connection.close()
            aside = set_aside(going, at=now)
            self.stdout.write(f"  It is in {spoken(aside)} now; delete that when you like.")

    def prepare(self, steps: Steps, *, now: datetime) -> None:
        steps("Preparing the database and the pages")
        call_command("migrate", verbosity=0)
        sync_schedules(at=now)
        collect_pages()
        steps.end()

    def address(self, port: int) -> str:
        return self.style.SUCCESS(f"\n  Open {url(port)}/\n")


def url(port: int) -> str:
    return f"http://{HOST}:{port}"


def check_port(host: str, port: int) -> None:
    """Raises CommandError where nothing can listen there."""
    if not 0 < port <= HIGHEST_PORT:
        raise CommandError(f"There is no port {port}: say --port 8000, or another.")
    with socket.socket() as door:
        # As gunicorn does: a port whose last connections only fade away is free.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except PermissionError:
            raise CommandError(
                f"Port {port} is for administrators: say --port 8000, or another."
            ) from None
        except OSError:
            other = port + 1 if port < HIGHEST_PORT else 8000
            raise CommandError(f"Port {port} is taken: say --port {other}, or another.") from None


def collect_pages() -> None:
    """Collect and compress static files, unless they are just those of the last start."""
    done = Path(settings.STATIC_ROOT) / "collected"
    sources = [PROJECT_DIR / "requirements.txt", *(PROJECT_DIR / "static").rglob("*")]
    newest = str(max(path.stat().st_mtime_ns for path in sources))
    if not done.exists() or done.read_text() != newest:
        call_command("collectstatic", verbosity=0, interactive=False)
        done.write_text(newest)
