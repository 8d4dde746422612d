"""PostgreSQL: rows go into a table of this session by COPY, and from there where they belong."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from .rows import EVENT_COLUMN_LIST, EVENT_COLUMNS, SourceId


def find_customers(ids: Sequence[SourceId]) -> dict[SourceId, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source, external_id, customer_id FROM customers_customeridentity"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (source, external_id)"
            " USING (source, external_id)",
            [[source for source, _ in ids], [external_id for _, external_id in ids]],
        )
        return {(source, one): customer for source, one, customer in cursor.fetchall()}


def add_customers(names: Sequence[tuple[str, str, str]], *, at: datetime) -> int:
    columns = [list(column) for column in zip(*names, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customer (external_id, timezone, locale, created_at)"
            " SELECT name, '', '', %s FROM unnest(%s::text[]) AS new (name)"
            " ON CONFLICT (external_id) DO NOTHING",
            [at, columns[0]],
        )
        added: int = cursor.rowcount
        cursor.execute(
            "INSERT INTO customers_customeridentity (customer_id, source, external_id)"
            " SELECT customer.id, new.source, new.external_id"
            " FROM unnest(%s::text[], %s::text[], %s::text[])"
            "  WITH ORDINALITY AS new (name, source, external_id, place)"
            " JOIN customers_customer AS customer ON customer.external_id = new.name"
            " ORDER BY new.place ON CONFLICT (source, external_id) DO NOTHING",
            columns,
        )
    return added


def hold_customers(customers: Iterable[int]) -> set[int]:
    # Other writers of events do not wait for this, whoever would erase or rename does.
    return _locked(customers, "FOR KEY SHARE")


def lock_customers(customers: Iterable[int]) -> set[int]:
    return _locked(customers, "FOR UPDATE")


def _locked(customers: Iterable[int], strength: str) -> set[int]:
    with connection.cursor() as cursor:
        # In one order, so that two writers never wait for each other.
        cursor.execute(
            f"SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id {strength}",
            [list(customers)],
        )
        return {row[0] for row in cursor.fetchall()}


def moments(times: Sequence[datetime]) -> Sequence[datetime]:
    return times


def insert_events(rows: Sequence[tuple[Any, ...]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_STAGING)
        cursor.execute("DELETE FROM event_staging")  # An earlier batch of the same transaction.
        with cursor.copy("COPY event_staging FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(_TYPES)
            for row in rows:
                copy.write_row(row)
        cursor.execute(_STORE)
        stored = cursor.fetchall()
        # Foreign keys are checked before the customers are locked, so that others wait less.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    _see([row for row in stored if row[0] is not None])
    return sum(count for _, _, _, count in stored)


# Read back in the order written: sorted, so that two writers never wait for each other.
_STORE = f"""
WITH stored AS (
    INSERT INTO customers_event ({EVENT_COLUMN_LIST})
    SELECT {EVENT_COLUMN_LIST.replace("extra", "extra::jsonb")} FROM event_staging
    ON CONFLICT (source, message_id) DO NOTHING
    RETURNING customer_id, occurred_at
)
SELECT customer_id, MIN(occurred_at), MAX(occurred_at), COUNT(*) FROM stored GROUP BY customer_id
"""


def _see(moments: Sequence[tuple[int, datetime, datetime, int]]) -> None:
    """Move first and last seen of these customers, to what was stored just now."""
    if not moments:
        return
    customers, first, last, _ = zip(*moments, strict=True)
    _locked(customers, "FOR NO KEY UPDATE")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer AS customer SET"
            " first_seen_at = LEAST(first_seen_at, first_at),"
            " last_seen_at = GREATEST(last_seen_at, last_at)"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[])"
            "  AS seen (id, first_at, last_at) WHERE customer.id = seen.id",
            [list(customers), list(first), list(last)],
        )


_COLUMN_TYPES = {
    "customer_id": "int8",
    "product_id": "int8",
    "quantity": "int4",
    "unit_price": "int8",
    "discount": "int8",
    "amount": "int8",
    "rating": "float8",
    "occurred_at": "timestamptz",
    "received_at": "timestamptz",
    "clock_corrected": "bool",
    "batch_id": "int8",
}
_TYPES = [_COLUMN_TYPES.get(column, "text") for column in EVENT_COLUMNS]
_STAGING = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS event_staging (
    {", ".join(f"{column} {kind}" for column, kind in zip(EVENT_COLUMNS, _TYPES, strict=True))}
) ON COMMIT DELETE ROWS
"""
