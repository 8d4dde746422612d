"""PostgreSQL: rows go into a table of this session by COPY, and from there where they belong."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from .rows import EVENT_COLUMN_LIST, SourceId


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


def see_customers(customers: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET"
            " first_seen_at = (SELECT MIN(occurred_at) FROM customers_event"
            "  WHERE customer_id = customers_customer.id),"
            " last_seen_at = (SELECT MAX(occurred_at) FROM customers_event"
            "  WHERE customer_id = customers_customer.id)"
            " WHERE id = ANY(%s)",
            [list(customers)],
        )


def moment(at: datetime, /) -> datetime:
    return at


def insert_events(rows: Sequence[tuple[Any, ...]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_STAGING)
        with cursor.copy(f"COPY event_staging ({EVENT_COLUMN_LIST}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        # Read back in the order written: sorted, so that two writers never wait for each other.
        cursor.execute(
            f"INSERT INTO customers_event ({EVENT_COLUMN_LIST})"
            f" SELECT {EVENT_COLUMN_LIST} FROM event_staging"
            " ON CONFLICT (source, message_id) DO NOTHING"
        )
        stored: int = cursor.rowcount
    return stored


_STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS event_staging (
    source text, message_id text, kind text, customer_id bigint, product_id bigint,
    quantity integer, unit_price bigint, discount bigint, amount bigint, currency text,
    order_id text, coupon_code text, rating double precision,
    occurred_at timestamptz, received_at timestamptz, clock_corrected boolean,
    extra jsonb, batch_id bigint
) ON COMMIT DELETE ROWS
"""
