"""`manage.py test`: the whole suite on SQLite, then on a real PostgreSQL, always with a Redis."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retention.env import PROJECT_DIR

NO_DATABASE = ("architecture", "insights/families", "learning", "present")
SUITE = {
    "sqlite": ["tests"],
    "postgres": ["tests", *(f"--ignore=tests/{folder}" for folder in NO_DATABASE)],
}
"""What runs on each: what no database can change runs once."""


class Command(BaseCommand):
    help = "Run the tests on SQLite and on PostgreSQL with Redis. More words go to pytest."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=["sqlite", "postgres"], help="One database only.")
        parser.add_argument("words", nargs="*", help="Passed on to pytest (after --).")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = [options["only"]] if options["only"] else ["sqlite", "postgres"]
        failed = [name for name in wanted if not self.passes(name, options["words"])]
        if failed:
            raise CommandError(f"Tests failed on {' and '.join(failed)}.")

    def passes(self, database: str, words: list[str]) -> bool:
        self.stdout.write(self.style.MIGRATE_HEADING(f"Tests on {database}"))
        self.stdout.flush()
        environment = clean_environment() | {"TEST_DATABASE": database}
        run = [sys.executable, "-m", "tests.run", *(words or SUITE[database])]
        return subprocess.run(run, cwd=PROJECT_DIR, env=environment, check=False).returncode == 0


def clean_environment() -> dict[str, str]:
    """Ours without what points at somebody's own database, broker or data, or slows every start.

    Hundreds of processes start in the tests: without cached bytecode each compiles all our files.
    """
    ours = {"DATABASE_URL", "REDIS_URL", "RETENTION_DATA_DIR", "DJANGO_SETTINGS_MODULE", "DEBUG"}
    ours.add("PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if name not in ours}
