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


def lock_customers(customers: Iterable[int]) -> set[int]:
    with connection.cursor() as cursor:
        # In one order, so that two writers never wait for each other. NO KEY: the foreign keys of
        # other writers' events may still point here.
        cursor.execute(
            "SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
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
        cursor.execute(_STORE_AND_SEE)
        (stored,) = cursor.fetchone()
    return int(stored)


# Read back in the order written: sorted, so that two writers never wait for each other.
_STORE_AND_SEE = f"""
WITH stored AS (
    INSERT INTO customers_event ({EVENT_COLUMN_LIST})
    SELECT {EVENT_COLUMN_LIST.replace("extra", "extra::jsonb")} FROM event_staging
    ON CONFLICT (source, message_id) DO NOTHING
    RETURNING customer_id, occurred_at
), seen AS (
    UPDATE customers_customer AS customer
    SET first_seen_at = LEAST(first_seen_at, first_at),
        last_seen_at = GREATEST(last_seen_at, last_at)
    FROM (
        SELECT customer_id, MIN(occurred_at) AS first_at, MAX(occurred_at) AS last_at
        FROM stored WHERE customer_id IS NOT NULL GROUP BY customer_id
    ) AS moments
    WHERE customer.id = moments.customer_id
)
SELECT COUNT(*) FROM stored
"""

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
