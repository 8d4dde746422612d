"""SQLite: many rows a statement, prepared once. The transaction is IMMEDIATE, so we are alone."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

import msgspec
from django.db import connection

from .rows import CUSTOMER, EVENT_COLUMN_LIST, EVENT_COLUMNS, Home, SourceId


def find_customers(ids: Sequence[SourceId]) -> dict[SourceId, int]:
    return {one: customer for one, (customer, _) in find_homes(ids).items()}


def find_homes(ids: Sequence[SourceId]) -> dict[SourceId, Home]:
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, external_id in ids:
        by_source[source].append(external_id)
    found: dict[SourceId, Home] = {}
    with connection.cursor() as cursor:
        for source, wanted in by_source.items():
            cursor.execute(
                "SELECT external_id, customer_id, home_id FROM customers_customeridentity"
                " WHERE source = %s AND external_id IN (SELECT value FROM json_each(%s))",
                [source, json.dumps(wanted)],
            )
            found.update({(source, one): (now, home) for one, now, home in cursor.fetchall()})
    return found


def add_customers(names: Sequence[tuple[str, str, str]], *, at: datetime) -> int:
    (arrived,) = moments([at])
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO customers_customer (external_id, timezone, locale, created_at)"
            " VALUES (%s, '', '', %s) ON CONFLICT (external_id) DO NOTHING",
            [(name, arrived) for name, _, _ in names],
        )
        added: int = cursor.rowcount
        cursor.executemany(
            "INSERT INTO customers_customeridentity (customer_id, source, external_id)"
            " SELECT id, %s, %s FROM customers_customer WHERE external_id = %s"
            " ON CONFLICT (source, external_id) DO NOTHING",
            [(source, external_id, name) for name, source, external_id in names],
        )
    return added


def hold_customers(customers: Iterable[int]) -> set[int]:
    return lock_customers(customers)


def lock_customers(customers: Iterable[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM customers_customer"
            " WHERE id IN (SELECT value FROM json_each(%s)) AND merged_into_id IS NULL",
            [json.dumps(list(customers))],
        )
        return {row[0] for row in cursor.fetchall()}


def moments(times: Sequence[datetime]) -> list[str]:
    """As Django writes them: UTC, without saying so. All at once, in C."""
    data = _json.encode(times).replace(b"T", b" ").replace(b"Z", b"")
    return msgspec.json.decode(data, type=list[str])


STATEMENT = 1_000
"""Rows a statement: while it runs, another thread can work. Row by row, they would hold it up."""
_json = msgspec.json.Encoder()


def insert_events(rows: Sequence[tuple[Any, ...]]) -> int:
    whole = len(rows) - len(rows) % STATEMENT
    stored = 0
    with connection.cursor() as cursor:
        if whole:
            starts = range(0, whole, STATEMENT)
            blocks = [list(chain.from_iterable(rows[at : at + STATEMENT])) for at in starts]
            cursor.executemany(_insert(STATEMENT), blocks)
            stored += cursor.rowcount
        if whole < len(rows):
            cursor.executemany(_insert(1), rows[whole:])
            stored += cursor.rowcount
        if stored:
            # Which of them were new, executemany does not say: look at what is there.
            cursor.execute(_SEE, [json.dumps(sorted({row[CUSTOMER] for row in rows} - {None}))])
    return stored


@cache
def _insert(rows: int) -> str:
    # Not INSERT OR IGNORE, which would also swallow rows that break another constraint.
    row = f"({', '.join(['%s'] * len(EVENT_COLUMNS))})"
    return (
        f"INSERT INTO customers_event ({EVENT_COLUMN_LIST}) VALUES {', '.join([row] * rows)}"
        " ON CONFLICT (source, message_id) DO NOTHING"
    )


_SEE = """
UPDATE customers_customer SET
    first_seen_at = (
        SELECT MIN(occurred_at) FROM customers_event WHERE customer_id = customers_customer.id),
    last_seen_at = (
        SELECT MAX(occurred_at) FROM customers_event WHERE customer_id = customers_customer.id)
WHERE id IN (SELECT value FROM json_each(%s))
"""
