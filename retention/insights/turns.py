"""One at a time: whoever numbers, promotes or publishes a kind of insight waits for the other."""

from django.db import connection

_LOCK = 7_301_119


def take_turn(name: str) -> None:
    """Inside a transaction: nobody else has this turn before the transaction ends."""
    # SQLite needs none: its transactions are IMMEDIATE, so that writers queue from the start.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, name])
