"""The one compiler from a rule to customers, and asking the database no longer than is fair."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Q, Sum
from django.utils.crypto import salted_hmac

from customers.models import Purpose
from customers.querysets import CustomerQuerySet
from retention.insights.quality.cleaning import learnable

from .tree import Condition, Group, Node, Not

STEPS = 10_000
"""SQLite looks at its clock once in so many steps of its machine: some tens of microseconds."""


class TookTooLong(Exception):
    """A rule that the database did not answer in time."""


def customers_of(rule: Node, *, at: datetime) -> CustomerQuerySet:
    """Those of whom the rule is true at a moment, of all whom insights are about."""
    return learnable(Purpose.ANALYTICS).filter(filter_of(rule, at=at))


def filter_of(rule: Node, *, at: datetime) -> Q:
    """The rule as a filter of Customer rows."""
    match rule:
        case Condition():
            return rule.kind.where(rule.values, at)
        case Not():
            return ~filter_of(rule.of, at=at)
        case Group():
            found = Q()
            for one in rule.of:
                part = filter_of(one, at=at)
                found = found & part if rule.joined == "all" else found | part
            return found


def count_of(rule: Node, *, at: datetime, seconds: float) -> int:
    """How many they are. Raises TookTooLong."""
    with within(seconds):
        return customers_of(rule, at=at).count()


def about_count_of(rule: Node, *, at: datetime, seconds: float) -> int:
    """A ten at most 10 away from how many they are; 0 for fewer than 20, and so for nobody.

    For who may not look customers up: whom one condition more finds would tell of a person. Which
    ten it is depends on who they are, so that asking again in other words tells no more.
    Raises TookTooLong.
    """
    with within(seconds):
        found = customers_of(rule, at=at).aggregate(n=Count("pk"), who=Sum("pk"))
    drawn = salted_hmac("about how many", f"{found['n']} {found['who']}").digest()[0] / 256
    tens = int(max(found["n"] / 10 - drawn, 0))
    return 10 * (tens + 1) if tens else 0


def members_of(rule: Node, *, at: datetime, seconds: float) -> list[int]:
    """Their keys. Raises TookTooLong."""
    with within(seconds):
        return list(customers_of(rule, at=at).order_by("pk").values_list("pk", flat=True))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """A statement inside is cut off after so long. Raises TookTooLong."""
    limit = _limit_postgres if connection.vendor == "postgresql" else _limit_sqlite
    try:
        with limit(seconds):
            yield
    except OperationalError as error:
        if not any(word in str(error) for word in ("interrupted", "statement timeout")):
            raise
        raise TookTooLong(
            f"The database did not answer within {seconds:g} seconds. Take conditions out of the"
            " rule, or shorten their days."
        ) from error


@contextmanager
def _limit_postgres(seconds: float) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()[0]
        cursor.execute(f"SET LOCAL statement_timeout = {max(int(seconds * 1000), 1)}")
        yield
        # After an error there is nothing to set back: the savepoint undoes it.
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


@contextmanager
def _limit_sqlite(seconds: float) -> Iterator[None]:
    # No transaction: ours are IMMEDIATE, and nobody could write while it is counted.
    connection.ensure_connection()
    ends = time.monotonic() + seconds
    raw = connection.connection
    raw.set_progress_handler(lambda: time.monotonic() > ends, STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, STEPS)
