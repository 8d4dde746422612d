"""Which database holds an invented shop, so that nobody mixes a real one into it unawares.

A file in the data folder says it and names the database, since another may be configured later.
"""

from pathlib import Path

from django.conf import settings
from django.db import connection

from customers.models import Customer


def mark_demonstration() -> None:
    """From now on this database's customers are invented."""
    _mark().parent.mkdir(parents=True, exist_ok=True)
    _mark().write_text(_database())


def is_demonstration() -> bool:
    is_marked = _mark().exists() and _mark().read_text() == _database()
    return is_marked and Customer.objects.exists()


def _mark() -> Path:
    return Path(settings.ARTIFACT_DIR).parent / "demonstration"


def _database() -> str:
    where = connection.settings_dict
    return f"{connection.vendor}:{where['HOST']}:{where['PORT']}/{where['NAME']}"
