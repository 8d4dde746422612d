"""What the environment says, read once. Nothing set is a complete configuration."""

import os
import secrets
import sys
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ

PROJECT_DIR = Path(__file__).resolve().parent.parent
# Compose files and unit files pass "NAME=" for what nobody set: empty is not set.
environ.Env.ENVIRON = {name: value for name, value in os.environ.items() if value}
env = environ.Env()

DATA_DIR = Path(env.str("RETENTION_DATA_DIR", default=str(PROJECT_DIR / "var")))
"""Where everything lives that is not code: the embedded database, model artifacts, secrets."""

ASKS_FOR_HELP = not {"-h", "--help", "--version"}.isdisjoint(sys.argv[1:])


def time_of_day(name: str, *, default: str) -> time:
    """A wall-clock time. Raises ImproperlyConfigured."""
    said = env.str(name, default=default)
    try:
        return time.fromisoformat(said).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise environ.ImproperlyConfigured(
            f"{name} is {said!r}. Give a time of day, as in 21:00."
        ) from None


def time_zone(name: str, *, default: str) -> str:
    """A zone that the machine knows. Raises ImproperlyConfigured."""
    said = env.str(name, default=default)
    try:
        return ZoneInfo(said).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise environ.ImproperlyConfigured(
            f"{name} is {said!r}. Give an IANA name, as in Europe/London."
        ) from None


def kept_secret(name: str) -> str:
    """The secret from the environment, or one made once and kept with mode 0600. Who only asks what
    a command can do leaves nothing behind."""
    if given := os.environ.get(name):
        return given
    path = DATA_DIR / "secrets" / name.lower()
    if path.exists():
        return path.read_text().strip()
    value = secrets.token_urlsafe(50)
    if ASKS_FOR_HELP:
        return value
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: of two processes starting at once, one makes the secret and the other reads it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    return value
