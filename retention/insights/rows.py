"""Events as columns of numbers, in plain SQL: an ORM row costs five times as much."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from customers.messages import MOST_STARS
from retention.learning.panel import Kind

CHUNK = 20_000
EPOCH: Final = {
    # Whole seconds, cut and not rounded, or the two databases would differ by one.
    "sqlite": "CAST(strftime('%%s', substr(occurred_at, 1, 19)) AS INTEGER)",
    "postgresql": "FLOOR(EXTRACT(EPOCH FROM occurred_at))::bigint",
}
_KINDS = " ".join(f"WHEN '{kind.name}' THEN {kind.value}" for kind in Kind if kind != Kind.OTHER)
NUMBERS: Final = {
    "event": "id",
    "customer": "COALESCE(customer_id, -1)",
    "product": "COALESCE(product_id, -1)",
    "kind": f"CASE kind {_KINDS} ELSE {Kind.OTHER.value} END",
    "quantity": "quantity",
    "amount": "COALESCE(amount, 0)",
    "discount": "discount",
    "corrected": "CASE WHEN clock_corrected THEN 1 ELSE 0 END",
    # Some came before the door had a bound: one of 1e300 would be full marks for all others.
    "rating": f"CASE WHEN rating BETWEEN 0 AND {MOST_STARS} THEN rating END",
}
"""Columns that are numbers as they are; none is -1, of money 0, of stars nan."""
NUMBERED: Final = {
    "order": "order_id",
    "currency": "currency",
    # What one request or one file brought arrived together.
    "delivery": "COALESCE(CAST(batch_id AS text), CAST(received_at AS text))",
}
"""Columns of text, which get a number each: equal text, equal number; none is -1."""

PRICES: Final = """
    OR kind IN ('PURCHASE', 'RETURN')
    AND product_id IN (SELECT product_id FROM customers_event WHERE customer_id = %s)
"""

Columns = dict[str, NDArray[Any]]


def read_columns(
    names: Sequence[str],
    *,
    before: datetime,
    of: int | None = None,
    kind: Kind | None = None,
    priced: bool = False,
    nobodys: bool = False,
    texts: dict[str, dict[str, int]] | None = None,
) -> Columns:
    """The named columns of the events before a moment, (n,) each, in no particular order.

    names : of NUMBERS and NUMBERED, or "second": since 1970 in UTC. nobodys : anonymous events too.
    of : the id of the one customer that is asked about; priced : and what others paid for the
    products of that customer. kind : events of this one alone.
    texts : is filled with the number of each text, by column.
    """
    texts = {} if texts is None else texts
    texts |= {name: {} for name in names if name in NUMBERED}
    parts: dict[str, list[NDArray[Any]]] = {n: [np.empty(0, dtype=_type(n))] for n in names}
    for rows in _chunks(names, before, of=of, kind=kind, priced=priced, nobodys=nobodys):
        for name, column in zip(names, zip(*rows, strict=True), strict=True):
            values = _numbers_of(column, texts[name]) if name in texts else column
            parts[name].append(np.array(values, dtype=_type(name)))
    return {name: np.concatenate(part) for name, part in parts.items()}


def moment(moment: datetime) -> str | datetime | None:
    """A parameter as the database compares it; SQLite compares text."""
    return connection.ops.adapt_datetimefield_value(moment)


def _numbers_of(column: Sequence[str | None], known: dict[str, int]) -> list[int]:
    return [known.setdefault(text, len(known)) if text else -1 for text in column]


def _type(column: str) -> type[np.float64] | type[np.int64]:
    return np.float64 if column == "rating" else np.int64


def _chunks(
    names: Sequence[str],
    before: datetime,
    *,
    of: int | None,
    kind: Kind | None,
    priced: bool,
    nobodys: bool,
) -> Iterator[list[tuple[Any, ...]]]:
    columns = NUMBERS | NUMBERED | {"second": EPOCH[connection.vendor]}
    sql = f"""
        SELECT {", ".join(columns[name] for name in names)}
        FROM customers_event
        WHERE occurred_at < %s {"" if nobodys else "AND customer_id IS NOT NULL"}
    """
    parameters: list[str | int | datetime | None] = [moment(before)]
    if of is not None:
        sql += f" AND (customer_id = %s {PRICES if priced else ''})"
        parameters += [of, of] if priced else [of]
    if kind is not None:
        sql += " AND kind = %s"
        parameters.append(kind.name)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(CHUNK):
            yield rows
