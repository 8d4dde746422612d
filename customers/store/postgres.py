"""PostgreSQL: what is new is told from what is there, and goes in by COPY."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from .rows import CUSTOMER, EVENT_COLUMN_LIST, EVENT_COLUMNS, EXTRA, OCCURRED_AT, Home, SourceId


def find_customers(ids: Sequence[SourceId]) -> dict[SourceId, int]:
    return {one: customer for one, (customer, _) in find_homes(ids).items()}


def find_homes(ids: Sequence[SourceId]) -> dict[SourceId, Home]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source, external_id, customer_id, home_id FROM customers_customeridentity"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (source, external_id)"
            " USING (source, external_id)",
            [[source for source, _ in ids], [external_id for _, external_id in ids]],
        )
        return {
            (source, one): (customer, home) for source, one, customer, home in cursor.fetchall()
        }


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
    # Other writers of events do not wait for this, whoever would erase, rename or merge does.
    return _locked(customers, "FOR KEY SHARE")


def lock_customers(customers: Iterable[int]) -> set[int]:
    return _locked(customers, "FOR UPDATE")


def _locked(customers: Iterable[int], strength: str) -> set[int]:
    with connection.cursor() as cursor:
        # In one order, so that two writers never wait for each other.
        cursor.execute(
            "SELECT id FROM customers_customer WHERE id = ANY(%s) AND merged_into_id IS NULL"
            f" ORDER BY id {strength}",
            [list(customers)],
        )
        return {row[0] for row in cursor.fetchall()}


def moments(times: Sequence[datetime]) -> list[int]:
    """Microseconds since 2000: a timestamptz as COPY takes it."""
    return [
        (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        for since in (time - _MILLENNIUM for time in times)
    ]


_MILLENNIUM = datetime(2000, 1, 1, tzinfo=UTC)


def insert_events(rows: Sequence[tuple[Any, ...]]) -> int:
    while True:
        new = _new(rows)
        try:
            with transaction.atomic():
                _copy(new)
            break
        except IntegrityError as error:
            # Another writer stored one of them since we looked: look again.
            if not _is_twice(error):
                raise
    if new:
        _check_foreign_keys()
        _see(new)
    return len(new)


def _is_twice(error: IntegrityError) -> bool:
    cause = error.__cause__
    return (
        isinstance(cause, UniqueViolation) and cause.diag.constraint_name == "an_event_counts_once"
    )


def _new(rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Those that are not there yet. Of two with one name, the first stands."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_source[row[0]].append(row[1])
    stored = _stored_before(by_source)
    if not stored and all(len(set(ids)) == len(ids) for ids in by_source.values()):
        return rows
    named = {row[:2]: row for row in reversed(rows)}
    return [row for name, row in reversed(named.items()) if name not in stored]


def _stored_before(by_source: dict[str, list[str]]) -> set[tuple[str, str]]:
    """(source, message id) of those that are there."""
    found: set[tuple[str, str]] = set()
    with connection.cursor() as cursor:
        for source, wanted in by_source.items():
            # One walk along the index. The array is made there: to write it here takes longer
            # than to look, and a planner who knows its length may prefer to read the whole table.
            cursor.execute(
                "SELECT message_id FROM customers_event WHERE source = %s AND message_id ="
                " ANY(ARRAY(SELECT json_array_elements_text(%s::json)))",
                [source, msgspec.json.encode(wanted).decode()],
            )
            found.update((source, message_id) for (message_id,) in cursor.fetchall())
    return found


def _copy(rows: Sequence[tuple[Any, ...]]) -> None:
    """COPY writes a page at a time, where INSERT ... ON CONFLICT goes row by row."""
    if not rows:
        return
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY customers_event ({EVENT_COLUMN_LIST}) FROM STDIN (FORMAT BINARY)") as to,
    ):
        to.set_types(_TYPES)
        for row in rows:
            extra = row[EXTRA]
            to.write_row(
                row if extra is None else (*row[:EXTRA], f"\x01{extra}", *row[EXTRA + 1 :])
            )


def _check_foreign_keys() -> None:
    """Before the customers are locked, so that others wait less."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _see(rows: Sequence[tuple[Any, ...]]) -> None:
    """Move first and last seen of these events' customers."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for row in rows:
        customer, at = row[CUSTOMER], row[OCCURRED_AT]
        if customer is not None:
            if at <= first.get(customer, at):
                first[customer] = at
            if at >= last.get(customer, at):
                last[customer] = at
    if not first:
        return
    customers = sorted(first)
    _locked(customers, "FOR NO KEY UPDATE")
    with connection.cursor() as cursor:
        cursor.execute(
            _SEE, [customers, [first[c] for c in customers], [last[c] for c in customers]]
        )


_SEE = """
UPDATE customers_customer AS customer SET
    first_seen_at = LEAST(first_seen_at, moment.first),
    last_seen_at = GREATEST(last_seen_at, moment.last)
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS seen (id, first, last),
    LATERAL (SELECT
        timestamptz '2000-01-01 00:00Z' + seen.first * interval '1 microsecond' AS first,
        timestamptz '2000-01-01 00:00Z' + seen.last * interval '1 microsecond' AS last
    ) AS moment
WHERE customer.id = seen.id
    AND (first_seen_at IS NULL OR moment.first < first_seen_at OR moment.last > last_seen_at)
"""


# As they lie on the wire: a moment as its microseconds, jsonb as text after the number 1.
_COLUMN_TYPES = {
    "customer_id": "int8",
    "product_id": "int8",
    "quantity": "int4",
    "unit_price": "int8",
    "discount": "int8",
    "amount": "int8",
    "rating": "float8",
    "occurred_at": "int8",
    "received_at": "int8",
    "clock_corrected": "bool",
    "batch_id": "int8",
}
_TYPES = [_COLUMN_TYPES.get(column, "text") for column in EVENT_COLUMNS]
