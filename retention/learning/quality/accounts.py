"""Customers that are no person: a till, a test account, a program that reads every page."""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from retention.learning.panel import SECONDS_A_DAY, BoolArray, IntArray, Kind
from retention.learning.quality.log import Found, Log, Problem, ends, groups, part

HOUR = 3600
WORDS: Final = frozenset(
    "test tests tester testing dummy demo till pos cash cashier kasse kassen laufkunde walkin"  # noqa: SIM905
    " guest guests gast caisse comptoir essai caja prueba cassa prova kassa".split()
)
FILLERS: Final = frozenset(
    "user customer client kunde account shop store sale sales no nr id web example com".split()  # noqa: SIM905
)
NAMED_AT_LEAST = 2
"""So many events: an account that did nothing misleads nobody."""
MANY, USUAL = 10.0, 0.99
"""Orders: so many times what 99 of 100 buyers place at most."""
FEWEST_BUYERS = 50
DAILY, FEWEST_DAYS = 0.6, 30
FEWEST_ORDERS, BUSY_HOUR, FEWEST_HOURS = 50, 0.005, 8
WIDE, FEWEST_PRODUCTS = 1 / 3, 100
HEAVY, TIMES_THE_MEAN = 0.01, 20
MOST = 10

MANY_VIEWS = 200
WINDOW, PER_WINDOW = 600, 120
QUICK_GAP, HOURS_A_DAY = 3, 20


def sounds_like_no_person(name: str) -> bool:
    """Whether an id is made of words for tests and tills only: TEST001, till-2, cash sales."""
    words = re.findall(r"[^\W\d_]+", name.lower())
    return bool(WORDS.intersection(words)) and all(w in WORDS or w in FILLERS for w in words)


@dataclass(frozen=True)
class Buyers:
    """How the buyers of a shop buy, a row each. All (n,) but hours and products.

    hours, products : how many hours of the day the shop sells in, and how many products it sold.
    """

    customer: IntArray
    lines: IntArray
    orders: IntArray
    days: IntArray
    trading_days: IntArray
    hours: IntArray
    products: IntArray
    of_hours: int
    of_products: int

    @classmethod
    def of(cls, sold: Log) -> "Buyers":
        """sold : purchases, at least one."""
        customer, who, lines = np.unique(sold.customer, return_inverse=True, return_counts=True)
        day, hour = sold.second // SECONDS_A_DAY, sold.second % SECONDS_A_DAY // HOUR
        order = np.where(sold.order >= 0, sold.order, -2 - day)
        trading = np.unique(day)
        first, last = _first_and_last(who, day, len(customer))
        busy = np.bincount(hour, minlength=24) >= BUSY_HOUR * len(sold)
        return cls(
            customer=customer,
            lines=lines,
            orders=_different(who, order, len(customer)),
            days=_different(who, day, len(customer)),
            trading_days=np.searchsorted(trading, last, side="right")
            - np.searchsorted(trading, first),
            hours=_different(who, np.where(busy[hour], hour, -1), len(customer), unless=-1),
            products=_different(who, sold.product, len(customer), unless=-1),
            of_hours=int(busy.sum()),
            of_products=len(np.unique(sold.product[sold.product >= 0])),
        )

    def signs(self) -> dict[str, BoolArray]:
        """What speaks for a till in each buyer, by the name of the sign, (n,) each."""
        usual = float(np.quantile(self.orders, USUAL, method="lower"))
        often = self.orders >= FEWEST_ORDERS
        return {
            "many": often & (self.orders > MANY * usual) & (len(self.orders) >= FEWEST_BUYERS),
            "daily": (self.days >= FEWEST_DAYS) & (self.days >= DAILY * self.trading_days),
            "hours": often & (self.hours == self.of_hours) & (self.of_hours >= FEWEST_HOURS),
            "wide": (self.products >= FEWEST_PRODUCTS) & (self.products > WIDE * self.of_products),
            "heavy": self.lines
            >= max(HEAVY * self.lines.sum(), TIMES_THE_MEAN * self.lines.mean()),
        }


def _different(who: IntArray, what: IntArray, n: int, *, unless: int | None = None) -> IntArray:
    """How many different things each of n has, (n,)."""
    if unless is not None:
        who, what = who[what != unless], what[what != unless]
    if not len(who):
        return np.zeros(n, dtype=np.int64)
    _, first = np.unique(groups(what, who), return_index=True)
    return np.bincount(who[first], minlength=n)


def _first_and_last(who: IntArray, day: IntArray, n: int) -> tuple[IntArray, IntArray]:
    first, last = np.full(n, np.iinfo(np.int64).max), np.full(n, np.iinfo(np.int64).min)
    np.minimum.at(first, who, day)
    np.maximum.at(last, who, day)
    return first, last


def tills(log: Log, named: IntArray) -> list[Found]:
    """Customers who buy as no person does, or are named so; the most influential first.

    named : ids of customers whose name in the shop sounds like no person.
    """
    sold = log.of(Kind.PURCHASE)
    if not len(sold):
        return []
    buyers = Buyers.of(sold)
    signs = {"name": _named(buyers, log, named)} | buyers.signs()
    # Ten times the orders of all others, or much of everything every day, is no person's habit.
    certain = signs["name"] | signs["many"] | signs["daily"] & (signs["wide"] | signs["heavy"])
    likely = signs["heavy"] & (signs["wide"] | signs["hours"])
    rows = np.flatnonzero(certain | likely)
    rows = rows[np.argsort(-buyers.lines[rows], kind="stable")][:MOST].tolist()
    told = {row: [sign for sign, said in signs.items() if said[row]] for row in rows}
    return [
        _till(row, buyers, sold, {"signs": said, "certain": bool(certain[row])})
        for row, said in told.items()
    ]


def _named(buyers: Buyers, log: Log, named: IntArray) -> BoolArray:
    busy, events = np.unique(log.customer[log.learned], return_counts=True)
    return np.isin(buyers.customer, np.intersect1d(named, busy[events >= NAMED_AT_LEAST]))


def _till(row: int, buyers: Buyers, sold: Log, said: dict[str, Any]) -> Found:
    mine = sold.customer == buyers.customer[row]
    others = np.delete(buyers.orders, row)
    evidence = said | {
        "orders": int(buyers.orders[row]),
        "next": int(others.max(initial=0)),
        "days": int(buyers.days[row]),
        "trading_days": int(buyers.trading_days[row]),
        "hours": int(buyers.hours[row]),
        "of_hours": buyers.of_hours,
        "products": int(buyers.products[row]),
        "of_products": buyers.of_products,
        "revenue_share": part(sold.amount[mine].sum(), sold.amount.sum()),
    }
    lines = int(buyers.lines[row])
    share = max(part(lines, len(sold)), evidence["revenue_share"])
    return Found(
        Problem.TILL,
        share,
        lines,
        len(sold),
        **ends(sold.second[mine]),
        customer=int(buyers.customer[row]),
        evidence=evidence,
    )


def bots(log: Log) -> list[Found]:
    """Customers with hundreds of views at a pace no reader has, and no purchase."""
    seen = log.of(Kind.VIEW)
    bought = np.unique(log.of(Kind.PURCHASE).customer)
    customer, views = np.unique(seen.customer, return_counts=True)
    some = customer[(views >= MANY_VIEWS) & ~np.isin(customer, bought)]
    found = [_bot(int(who), seen.take(seen.customer == who), len(seen)) for who in some]
    return sorted((one for one in found if one), key=lambda one: -one.count)[:MOST]


def _bot(who: int, seen: Log, of: int) -> Found | None:
    second = np.sort(seen.second)
    in_window = np.searchsorted(second, second + WINDOW) - np.arange(len(second))
    day, hour = second // SECONDS_A_DAY, second // HOUR
    hours = np.unique(np.unique(hour) * HOUR // SECONDS_A_DAY, return_counts=True)[1]
    gap = float(np.median(np.diff(second)))
    evidence = {
        "in_ten_minutes": int(in_window.max()),
        "hours_a_day": int(hours.max()),
        "usual_gap": gap,
        "days": len(np.unique(day)),
        "products": len(np.unique(seen.product)),
    }
    inhuman = (
        evidence["in_ten_minutes"] >= PER_WINDOW
        or evidence["hours_a_day"] >= HOURS_A_DAY
        or gap <= QUICK_GAP
    )
    if not inhuman:
        return None
    share, n = part(len(seen), of), len(seen)
    return Found(Problem.BOT, share, n, of, **ends(second), customer=who, evidence=evidence)
