"""Which categories the same customers buy from, against chance among those who order as often."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan
from typing import Final

from django.db.models import Count

from catalog.models import Category
from catalog.services.grow import branch_of, depth_of
from customers.models import Event, Purpose
from retention.insights.quality.cleaning import learnable
from retention.learning.basket.affinity import affinity
from retention.learning.measure.intervals import Estimate

from .ordering import Found, Rule

SHOWN: Final = 12
"""The categories with the most buyers are crossed."""
COUNTED: Final = 60
"""So many of those most often bought from are looked at."""
BANDS: Final = 6
LEVELS: Final = (1, 2, 3)


@dataclass(frozen=True)
class Pair:
    """Two categories. neither : bought in these days, and from none of the two."""

    first: str
    second: str
    lift: Estimate | None
    both: Found
    only_first: Found
    only_second: Found
    neither: Found

    @property
    def is_beyond_chance(self) -> bool:
        return self.lift is not None and not self.lift.low <= 1 <= self.lift.high


@dataclass(frozen=True)
class AffinityMap:
    """The last `days` days, by categories `level` deep. levels : those where there are several.

    categories : with the most buyers first; buyers : how many each has; pairs : in that order.
    """

    days: int
    level: int
    levels: list[int]
    people: int
    categories: list[str]
    buyers: list[Found]
    pairs: list[Pair]


def affinity_map(*, at: datetime, days: int, level: int | None = None) -> AffinityMap:
    """Three queries. level : without it that with the most pairs beyond chance."""
    bought = Event.objects.purchases().filter(
        occurred_at__gte=at - timedelta(days=days),
        occurred_at__lt=at,
        customer__in=learnable(Purpose.ANALYTICS),
    )
    taken = list(bought.order_by().values_list("customer", "product__category").distinct())
    often = Counter(category for _, category in taken)
    paths = dict(Category.objects.filter(pk__in=often).values_list("pk", "path"))
    branches = {one: _branches(paths, one, often) for one in LEVELS}
    levels = [one for one in LEVELS if len(branches[one]) > 1]
    each = bought.order_by().values("customer").annotate(n=Count("order_id", distinct=True))
    bands = {who: _band(n) for who, n in each.values_list("customer", "n")}
    maps = [
        _Counted(days, branches[one], _masks(bands, taken, branches[one])).map(one, levels)
        for one in ([level] if level in levels else levels or LEVELS[:1])
    ]
    return max(maps, key=lambda one: sum(pair.is_beyond_chance for pair in one.pairs))


def _branches(paths: dict[int, str], level: int, often: Counter[int]) -> dict[str, list[int]]:
    """The categories inside each that lies so deep; those most often bought from first."""
    found: dict[str, list[int]] = {}
    for pk, path in paths.items():
        if depth_of(path) >= level:
            found.setdefault(branch_of(path, level), []).append(pk)
    most = sorted(found, key=lambda path: (-sum(often[pk] for pk in found[path]), path))
    return {path: found[path] for path in most[:COUNTED]}


def _masks(
    bands: dict[int, int], taken: Iterable[tuple[int, int | None]], branches: dict[str, list[int]]
) -> Counter[tuple[int, int]]:
    """How many customers bought from which of them, a bit each, and are of which band."""
    bits = {pk: 1 << i for i, pks in enumerate(branches.values()) for pk in pks}
    masks: dict[int, int] = {}
    for who, category in taken:
        masks[who] = masks.get(who, 0) | bits.get(category or 0, 0)
    return Counter((masks.get(who, 0), band) for who, band in bands.items())


def _band(orders: int) -> int:
    """Customers who order about as often: 1, 2, to 4, to 8, to 16, and more orders."""
    return min((orders - 1).bit_length(), BANDS - 1)


class _Counted:
    """masks : customers by what they bought from and their band."""

    def __init__(self, days: int, branches: Iterable[str], masks: Counter[tuple[int, int]]) -> None:
        self.days, self.masks, self.people = days, masks, masks.total()
        bits = {path: 1 << i for i, path in enumerate(branches)}
        buyers = {path: sum(self.people_by_band(bit)) for path, bit in bits.items()}
        self.shown = sorted(bits, key=lambda path: (-buyers[path], path))[:SHOWN]
        self.bits = [bits[path] for path in self.shown]

    def people_by_band(self, *bits: int) -> list[int]:
        """How many bought from all of some, by band."""
        found, wanted = [0] * BANDS, sum(set(bits))
        for (mask, band), n in self.masks.items():
            if mask & wanted == wanted:
                found[band] += n
        return found

    def map(self, level: int, levels: list[int]) -> AffinityMap:
        own = [self.people_by_band(bit) for bit in self.bits]
        both = [[self.people_by_band(a, b) for b in self.bits] for a in self.bits]
        told = affinity(
            self.people_by_band(),
            [[one[band] for one in own] for band in range(BANDS)],
            [[[cell[band] for cell in row] for row in both] for band in range(BANDS)],
        )
        places = range(len(self.shown))
        return AffinityMap(
            days=self.days,
            level=level,
            levels=levels,
            people=self.people,
            categories=self.shown,
            buyers=[
                Found(sum(n), self._bought(path)) for n, path in zip(own, self.shown, strict=True)
            ],
            pairs=[
                self._pair(
                    (self.shown[i], self.shown[j]),
                    (sum(own[i]), sum(own[j]), sum(both[i][j])),
                    Estimate(*(float(one[i, j]) for one in (told.lift, told.low, told.high))),
                )
                for i in places
                for j in places[i + 1 :]
            ],
        )

    def _pair(self, names: tuple[str, str], counts: tuple[int, int, int], lift: Estimate) -> Pair:
        first, second = map(self._bought, names)
        a, b, both = counts
        ordered = {"is": "orders", "at_least": 1, "days": self.days}
        return Pair(
            *names,
            None if isnan(lift.value) else lift,
            both=Found(both, {"all": [first, second]}),
            only_first=Found(a - both, {"all": [first, {"not": second}]}),
            only_second=Found(b - both, {"all": [second, {"not": first}]}),
            neither=Found(
                self.people - a - b + both,
                {"all": [ordered, {"not": {"any": [first, second]}}]},
            ),
        )

    def _bought(self, category: str) -> Rule:
        return {"is": "bought_category", "category": category, "at_least": 1, "days": self.days}
