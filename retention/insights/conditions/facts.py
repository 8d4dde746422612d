"""Sets of customers found by their events: the pieces that conditions on facts are built from.

Each set takes one pass over the events of its window. What is compared with nothing ("at most
twice") is everyone but those beyond it, so that who never did it counts too.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet
from django.utils.timezone import make_aware

from catalog.models import Category, Product
from customers.models import Event

from .fields import Number, Options, Whole
from .kinds import Values, Wrongs
from .wording import LEAST, MOST

LONGEST = 3_650
SUGGESTED = 300
ORDERS = Count("order_id", distinct=True)
LATELY = Whole(name="days", label="in the last", after="days", least=1, most=LONGEST)


def bounds(
    first: int | None = None, *, after: str = "", most: int = 1_000_000
) -> tuple[Whole, Whole]:
    """at_least and at_most of something counted: one of the two is enough."""
    return (
        Whole(name=LEAST, label="at least", most=most, first=first),
        Whole(name=MOST, label="at most", after=after, most=most),
    )


def measures(first: float, *, after: str, most: float) -> tuple[Number, Number]:
    """at_least and at_most of something measured."""
    return (
        Number(name=LEAST, label="at least", most=most, first=first),
        Number(name=MOST, label="at most", after=after, most=most),
    )


def events(kind: str, values: Values, at: datetime) -> QuerySet[Event]:
    """Events of a kind with a customer, before a moment, within the window that is said."""
    # Without the customers that are NULL: "not in" a list that holds NULL is true of nobody.
    rows = Event.objects.filter(kind=kind, customer__isnull=False, occurred_at__lt=at).order_by()
    days = values.get("days")
    return rows.filter(occurred_at__gte=at - timedelta(days=days)) if days else rows


def those_of(rows: QuerySet[Any]) -> Q:
    """The customers of some rows."""
    return Q(pk__in=rows.order_by().values("customer"))


def so_many(rows: QuerySet[Event], values: Values, how: Aggregate = ORDERS) -> Q:
    """Customers whose events come to as much as at_least and at_most say."""
    least, most = values.get(LEAST), values.get(MOST)
    counted = rows.values("customer").annotate(n=how)
    found = Q(pk__isnull=False)
    if least == 1 and isinstance(how, Count):
        found &= those_of(rows)
    elif least:
        found &= those_of(counted.filter(n__gte=least))
    if most is not None:
        found &= ~those_of(counted.filter(n__gt=most))
    return found


def below(category: str) -> QuerySet[Any]:
    """The products of a category and of those inside it."""
    return Product.objects.below(category).values("pk")


def midnight(day: str) -> datetime:
    """When a day begins on the shop's own clock."""
    return make_aware(datetime.combine(date.fromisoformat(day), time()))


def categories() -> Options:
    paths = Category.objects.order_by("path").values_list("path", flat=True)[:SUGGESTED]
    return [(path, path) for path in paths]


def unknown_names(values: Values) -> Wrongs:
    """A category or a product that the shop does not have."""
    path, product = values.get("category"), values.get("product")
    if path and not Category.objects.filter(path=path).exists():
        yield "category", f"There is no category {path!r}. Write it whole, as Kitchen > Mugs."
    if product and not Product.objects.filter(external_id=product).exists():
        yield "product", f"There is no product {product!r}. Give the shop's own id of it."


def wants_a_bound(values: Values) -> Wrongs:
    """Something compared has one bound at least, and both in order."""
    yield from wants_one_of(values, LEAST, MOST)


def wants_one_of(values: Values, least: str, most: str) -> Wrongs:
    low, high = values.get(least), values.get(most)
    if low is None and high is None:
        spoken = (least.replace("_", " "), most.replace("_", " "))
        yield least, f"Say how much: {' or '.join(spoken)}."
    elif low is not None and high is not None and low > high:
        yield most, f"{high:g} is less than the {low:g} before it."


def all_of(*checks: Callable[[Values], Wrongs]) -> Callable[[Values], Wrongs]:
    def wrong(values: Values) -> Wrongs:
        for check in checks:
            yield from check(values)

    return wrong
