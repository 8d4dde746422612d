"""Rows to arrays: the only bulk reader, and what operators left out of learning stays out here."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.utils.timezone import make_aware
from numpy.typing import NDArray

from catalog.models import Product
from customers.models import Customer, Purpose
from retention.insights.quality.cleaning import cleaning_in_force
from retention.insights.rows import Columns, read_columns
from retention.learning.interactions import Interactions
from retention.learning.panel import Kind, Panel
from retention.learning.quality.cleaning import Cleaning, LeftOut, clean
from retention.learning.quality.log import Log, groups
from retention.learning.vocabulary import Vocabulary

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

SECONDS_A_DAY = 86_400
QUARTER = 900
"""Seconds in which no zone's offset changes: some change theirs at half past the hour."""
TASTE = (Kind.PURCHASE, Kind.RATING, Kind.CART, Kind.VIEW)
"""What says most about taste, first: the first of these that a shop has is learned from."""


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
    left_out: LeftOut = field(default_factory=LeftOut)
    """What operators had left out of these facts, and is in none of the arrays."""

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def days(self) -> FloatArray:
        """When each event happened, in days since 1970 on the shop's own clock, (n,)."""
        return local_seconds(self.second, settings.TIME_ZONE) / SECONDS_A_DAY

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
        return self._said(self.taste.weights(self.kind, self.rating))

    def stars(self) -> Interactions:
        """What customers gave products, as it was given: weights are stars; 0 says nothing."""
        given = (self.kind == Kind.RATING) & (self.rating > 0)
        return self._said(np.where(given, self.rating, 0))

    def _said(self, weights: FloatArray | NDArray[np.float32]) -> Interactions:
        """The events about a product whose weight (n,) is above 0."""
        said = (weights > 0) & (self.product >= 0)
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


def read_facts(
    *, purpose: str, before: datetime, kind: Kind | None = None, of: int | None = None
) -> Facts:
    """The cleaned events before a moment of the customers who may be processed for a purpose, or
    `of` the one with this id: then nothing of the others is read, unless what they paid says which
    of this one's prices are believed. kind : of this one alone."""
    cleaning = cleaning_in_force()
    priced = of is not None and cleaning.winsorises
    columns = read_columns(
        (*COLUMNS, *cleaning.columns), before=before, kind=kind, of=of, priced=priced
    )
    willing = Customer.objects.consenting(purpose)
    if of is not None and not priced:
        willing = willing.filter(pk=of)
    allowed = np.fromiter(willing.values_list("pk", flat=True), dtype=np.int64)
    columns, left_out = _cleaned(_taken(columns, np.isin(columns["customer"], allowed)), cleaning)
    if priced:
        columns, allowed = _taken(columns, columns["customer"] == of), allowed[allowed == of]
    sold = {} if of is None else {"pk__in": np.unique(columns["product"]).tolist()}
    goods_of = Product.objects.filter(**sold).order_by("pk")
    products = list(goods_of.values_list("pk", "category_id"))
    goods = Vocabulary.of(np.array([pk for pk, _ in products], dtype=np.int64))
    people = Vocabulary.of(np.setdiff1d(allowed, cleaning.excluded))
    # Two sources may count their orders alike: an order is one of its customer's.
    told = columns["order"] >= 0
    columns["order"][told] = groups(columns["customer"][told], columns["order"][told])
    return Facts(
        customers=people,
        products=goods,
        categories=np.array([-1 if c is None else c for _, c in products], dtype=np.int64),
        customer=people.rows(columns.pop("customer")),
        product=goods.rows(columns.pop("product")),
        left_out=left_out,
        **columns,
    )


def _cleaned(columns: Columns, cleaning: Cleaning) -> tuple[Columns, LeftOut]:
    """The same events without what the decisions leave out, lines capped as they say."""
    done = clean(log_of(columns, learned=None), cleaning)
    kept = _taken({name: columns[name] for name in COLUMNS}, done.kept)
    return kept | {"amount": done.amount}, done.left_out


def _taken(columns: Columns, rows: NDArray[Any]) -> Columns:
    return {name: column[rows] for name, column in columns.items()}


@dataclass(frozen=True)
class Logged:
    """Everything that happened, anonymous events too, without what operators left out; lines whole.

    currencies : the code behind each number of a currency.
    """

    log: Log
    left_out: LeftOut
    currencies: dict[int, str]


def read_log(*, before: datetime) -> Logged:
    """The events before a moment, for checks; of objectors only that they are nobody's to learn
    from. 5 s of a core a million events; 250 bytes an event while it reads."""
    texts: dict[str, dict[str, int]] = {}
    names = (*LOGGED, "second", "corrected")
    columns = read_columns(names, before=before, nobodys=True, texts=texts)
    willing = Customer.objects.consenting(Purpose.ANALYTICS).values_list("pk", flat=True)
    learned = np.isin(columns["customer"], np.fromiter(willing, dtype=np.int64))
    log = log_of(columns, learned=learned)
    cleaning = cleaning_in_force()
    # A capped line would be a price far from its product's: it is shown to the checks whole.
    shown = clean(log, replace(cleaning, line_cap=None))
    return Logged(
        log=replace(log.take(shown.kept), amount=shown.amount),
        left_out=clean(log, cleaning).left_out,
        currencies={number: code for code, number in texts["currency"].items()},
    )


def log_of(columns: Columns, *, learned: NDArray[np.bool_] | None) -> Log:
    """The events as checks see them. learned : (n,) which models may learn from; None for all.

    A column that was not read is as if nothing had been sent.
    """
    n = len(columns["customer"])
    given = {name: columns.get(name, np.full(n, -1)) for name in LOGGED}
    return Log(
        **given,
        second=local_seconds(columns["second"], settings.TIME_ZONE),
        corrected=columns.get("corrected", np.zeros(n)) > 0,
        learned=np.ones(n, dtype=bool) if learned is None else learned,
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
    return float(local_seconds(second, settings.TIME_ZONE)[0]) / SECONDS_A_DAY


def moment_on_the_clock(second: int) -> datetime:
    """Seconds since 1970 on the shop's own clock as a moment."""
    return make_aware(datetime(1970, 1, 1) + timedelta(seconds=second))  # noqa: DTZ001 - the shop's


def moment_of(second: float) -> datetime:
    """Seconds since 1970 in UTC as a moment."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)


COLUMNS = (
    "customer", "product", "kind", "second", "quantity", "amount", "discount", "order", "rating",
)  # fmt: skip
LOGGED = (
    "event", "customer", "product", "kind", "quantity", "amount", "discount", "order", "currency",
    "delivery",
)  # fmt: skip
