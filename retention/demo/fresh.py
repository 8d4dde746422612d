"""Beginning anew where a demonstration is: its files step aside, and nothing else does."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from retention.demo.signing_in import people_file
from retention.env import PROJECT_DIR

DATABASE = "shop.sqlite3"
FILES = (f"{DATABASE}-wal", f"{DATABASE}-shm", DATABASE, "models", "uploads", "demonstration")


class NotReplaceable(Exception):
    """What is there is no demonstration of ours, or somebody works with it."""


def data_folder() -> Path:
    return Path(settings.ARTIFACT_DIR).parent


def spoken(folder: Path) -> str:
    """A folder as people would type it here."""
    inside = folder.is_relative_to(PROJECT_DIR)
    return f"{folder.relative_to(PROJECT_DIR) if inside else folder}/"


def is_demonstration_here() -> bool:
    """Whether the embedded database is here, and `demo` made it."""
    return _is_embedded() and people_file().exists()


def check_replaceable() -> None:
    """Raises NotReplaceable, unless there is nothing or a demonstration to replace."""
    if not _is_embedded():
        raise NotReplaceable(
            "--fresh replaces the demonstration's own SQLite file and no other database:"
            f" DATABASE_URL names {connection.settings_dict['NAME']}. Empty it yourself."
        )
    if (data_folder() / DATABASE).exists() and not people_file().exists():
        raise NotReplaceable(
            f"The shop in {spoken(data_folder())} was not made by demo, so --fresh leaves it alone."
            " Set RETENTION_DATA_DIR to another folder."
        )


def what_goes() -> list[Path]:
    """What of the demonstration is there. Its people last: until they went, it is one."""
    folder = data_folder()
    return [path for path in (*(folder / name for name in FILES), people_file()) if path.exists()]


def set_aside(paths: list[Path], *, at: datetime) -> Path:
    """Move them, closed by whoever calls, into a folder of their own; returns it.

    Raises NotReplaceable.
    """
    aside = data_folder() / f"before-{at:%Y%m%d-%H%M%S}"
    with _in_use(fcntl.LOCK_EX):
        aside.mkdir(mode=0o700)
        for path in paths:
            path.rename(aside / path.name)
    return aside


@contextmanager
def serving() -> Iterator[None]:
    """While it lasts nobody sets the files aside. Many may serve."""
    with _in_use(fcntl.LOCK_SH):
        yield


@contextmanager
def _in_use(how: int) -> Iterator[None]:
    data_folder().mkdir(parents=True, exist_ok=True)
    # The system lets go of it, however the process ends.
    with (data_folder() / "in-use").open("w") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotReplaceable(
                f"The shop in {spoken(data_folder())} is in use: stop the other start of it first."
            ) from None
        yield


def _is_embedded() -> bool:
    return str(connection.settings_dict["NAME"]) == str(data_folder() / DATABASE)
