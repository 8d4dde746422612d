"""Rows to arrays: the only bulk reader. Plain SQL: an ORM row costs five times as much."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from catalog.models import Product
from customers.models import Customer, Event
from retention.learning.interactions import Interactions
from retention.learning.panel import Kind, Panel
from retention.learning.vocabulary import Vocabulary

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

CHUNK = 20_000
SECONDS_A_DAY = 86_400
QUARTER = 900
"""Seconds in which no zone's offset changes: some change theirs at half past the hour."""
EPOCH = {
    # Whole seconds, cut and not rounded, or the two databases would differ by one.
    "sqlite": "CAST(strftime('%%s', substr(occurred_at, 1, 19)) AS INTEGER)",
    "postgresql": "FLOOR(EXTRACT(EPOCH FROM occurred_at))::bigint",
}
TASTE = (Kind.PURCHASE, Kind.RATING, Kind.CART, Kind.VIEW)
"""What says most about taste, first: the first of these that a shop has is learned from."""
LONGEST_HISTORY = 1_000
"""So many of a customer's newest events are asked about at once: more change no list."""


@dataclass(frozen=True)
class Facts:
    """Every event of the customers who may be learned from, known before a moment.

    All arrays are (n,): customer and product are rows of the vocabularies (product -1 where the
    event has none), kind a learning Kind, second since 1970 in UTC, amounts in minor units, order
    a number shared by the lines of an order (-1 where there is none), rating nan where none.
    72 bytes an event; a million events are read in about 5 s.
    """

    customers: Vocabulary
    products: Vocabulary
    categories: IntArray
    customer: NDArray[np.int32]
    product: NDArray[np.int32]
    kind: NDArray[np.int64]
    second: IntArray
    quantity: IntArray
    amount: IntArray
    discount: IntArray
    order: IntArray
    rating: FloatArray

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def days(self) -> FloatArray:
        """When each event happened, in days since 1970 on the shop's own clock, (n,)."""
        return local_seconds(self.second, settings.SHOP_TIME_ZONE) / SECONDS_A_DAY

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The first and the last moment known."""
        return moment_of(int(self.second.min())), moment_of(int(self.second.max()))

    def panel(self) -> Panel:
        """The events as behaviour features want them."""
        category = np.append(self.categories, -1)[self.product]
        return Panel.of(
            n_customers=len(self.customers),
            customer=self.customer,
            kind=self.kind,
            day=self.days,
            quantity=self.quantity,
            amount=self.amount,
            discount=self.discount,
            product=self.product,
            category=category,
            order=self.order,
            rating=self.rating,
        )

    def interactions(self) -> Interactions:
        """What customers took, as recommenders want it: purchases where there are any.

        A shop that knows only ratings is learned from by its stars, one that knows only visits by
        its carts or views; "bought twice" and "bought together" then mean those.
        """
        known = self.product >= 0
        weights = self.taste.weights(self.kind, self.rating)
        said = (weights > 0) & known
        return Interactions.of(
            self.customer[said],
            self.product[said],
            weights=weights[said],
            times=self.days[said],
            n_customers=len(self.customers),
            n_products=len(self.products),
        )

    def baskets(self) -> Interactions | None:
        """What was bought together, a row for each order; None where no order has two products."""
        bought = (self.kind == Kind.PURCHASE) & (self.product >= 0) & (self.order >= 0)
        orders, rows = np.unique(self.order[bought], return_inverse=True)
        if not len(orders) or len(orders) == np.count_nonzero(bought):
            return None
        return Interactions.of(
            rows,
            self.product[bought],
            times=self.days[bought],
            n_customers=len(orders),
            n_products=len(self.products),
        )

    @property
    def taste(self) -> "Taste":
        """What is learned from here: the strongest kind of event that the shop has."""
        known = self.product >= 0
        kinds = (kind for kind in TASTE if ((self.kind == kind) & known).any())
        return Taste(next(kinds, Kind.PURCHASE), float(np.nan_to_num(self.rating).max(initial=0)))


@dataclass(frozen=True)
class Taste:
    """Which kind of event says what somebody likes, and for ratings how many stars are full marks.

    Stored with a model, so that it is asked later about the same that it learned from.
    """

    kind: Kind
    stars: float

    def weights(self, kind: NDArray[np.int64], rating: FloatArray) -> NDArray[np.float32]:
        """How much each event says, (n,), 0 for nothing; a rating says its share of full marks."""
        weights: NDArray[np.float32] = (kind == self.kind).astype(np.float32)
        if self.kind == Kind.RATING:
            weights *= (np.nan_to_num(rating) / max(self.stars, 1.0)).astype(np.float32)
        return weights


def history_of(
    customer: Customer, *, products: Vocabulary, taste: Taste, before: datetime
) -> Interactions:
    """What one customer took, now and not when the model learned: as `Facts.interactions`."""
    rows = (
        Event.objects.filter(customer=customer, kind=taste.kind.name, occurred_at__lt=before)
        .exclude(product=None)
        .order_by("-occurred_at")
        .values_list("product_id", "occurred_at", "rating")[:LONGEST_HISTORY]
    )
    ids, moments, stars = zip(*rows, strict=True) if rows else ((), (), ())
    seconds = np.array([int(at.timestamp()) for at in moments], dtype=np.int64)
    rating = np.array([np.nan if star is None else star for star in stars], dtype=np.float64)
    weights = taste.weights(np.full(len(ids), taste.kind, dtype=np.int64), rating)
    days = local_seconds(seconds, settings.SHOP_TIME_ZONE) / SECONDS_A_DAY
    return of_one(products.rows(ids), weights, days, n_products=len(products))


def of_one(
    rows: NDArray[np.int32], weights: NDArray[np.float32], days: FloatArray, *, n_products: int
) -> Interactions:
    """The events of one customer, or one visit; rows : of a model's products, -1 for none."""
    said = (rows >= 0) & (weights > 0)
    return Interactions.of(
        np.zeros(int(said.sum()), dtype=np.int32),
        rows[said],
        weights=weights[said],
        times=days[said],
        n_customers=1,
        n_products=n_products,
    )


def read_facts(*, purpose: str, before: datetime, since: datetime | None = None) -> Facts:
    """The events before a moment of the customers who may be processed for a purpose."""
    columns = _columns(before, since)
    allowed = np.fromiter(
        Customer.objects.consenting(purpose).values_list("pk", flat=True), dtype=np.int64
    )
    kept = np.isin(columns["customer"], allowed)
    columns = {name: column[kept] for name, column in columns.items()}
    products = list(Product.objects.order_by("pk").values_list("pk", "category_id"))
    goods = Vocabulary.of(np.array([pk for pk, _ in products], dtype=np.int64))
    people = Vocabulary.of(allowed)
    return Facts(
        customers=people,
        products=goods,
        categories=np.array([-1 if c is None else c for _, c in products], dtype=np.int64),
        customer=people.rows(columns.pop("customer")),
        product=goods.rows(columns.pop("product")),
        **columns,
    )


def local_seconds(seconds: IntArray, zone: str) -> IntArray:
    """Seconds since 1970 on a zone's wall clock, from seconds in UTC."""
    quarters, place = np.unique(seconds // QUARTER, return_inverse=True)
    clock = ZoneInfo(zone)
    offsets = [
        (
            datetime.fromtimestamp(quarter * QUARTER, clock).utcoffset() or timedelta()
        ).total_seconds()
        for quarter in quarters.tolist()
    ]
    return seconds + np.array(offsets, dtype=np.int64)[place]


def local_day(at: datetime) -> float:
    """A moment on the shop's own clock, in days since 1970: the cut-off that fits `Facts.days`."""
    second = np.array([int(at.timestamp())], dtype=np.int64)
    return float(local_seconds(second, settings.SHOP_TIME_ZONE)[0]) / SECONDS_A_DAY


def moment_of(second: int) -> datetime:
    """Seconds since 1970 in UTC as a moment."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)


COLUMNS = (
    "customer", "product", "kind", "second", "quantity", "amount", "discount", "order", "rating",
)  # fmt: skip


def _columns(before: datetime, since: datetime | None) -> dict[str, NDArray[Any]]:
    orders: dict[str, int] = {}
    parts: list[list[NDArray[Any]]] = [[np.empty(0, dtype=_type(name))] for name in COLUMNS]
    for rows in _chunks(before, since):
        *whole, order, rating = zip(*rows, strict=True)
        numbers = [orders.setdefault(o, len(orders)) if o else -1 for o in order]
        for part, name, column in zip(parts, COLUMNS, (*whole, numbers, rating), strict=True):
            part.append(np.array(column, dtype=_type(name)))
    return {name: np.concatenate(part) for name, part in zip(COLUMNS, parts, strict=True)}


def _type(column: str) -> type[np.float64] | type[np.int64]:
    return np.float64 if column == "rating" else np.int64


def _chunks(before: datetime, since: datetime | None) -> Iterator[list[tuple[int | str, ...]]]:
    kinds = " ".join(f"WHEN '{kind.name}' THEN {kind.value}" for kind in Kind if kind != Kind.OTHER)
    sql = f"""
        SELECT customer_id, COALESCE(product_id, -1),
               CASE kind {kinds} ELSE {Kind.OTHER.value} END,
               {EPOCH[connection.vendor]}, quantity, COALESCE(amount, 0), discount,
               order_id, rating
        FROM customers_event
        WHERE customer_id IS NOT NULL AND occurred_at < %s
    """
    parameters: list[str | datetime | None] = [moment(before)]
    if since is not None:
        sql += " AND occurred_at >= %s"
        parameters.append(moment(since))
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(CHUNK):
            yield rows


def moment(moment: datetime) -> str | datetime | None:
    """A parameter as the database compares it; SQLite compares text."""
    return connection.ops.adapt_datetimefield_value(moment)
