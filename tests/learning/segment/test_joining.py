"""Who comes into a segment: the facts against reading them one by one, and what is learned."""

import math

import numpy as np
import pytest

from retention.learning.churn.labels import DataShortage
from retention.learning.panel import BoolArray, Kind, Panel
from retention.learning.segment.joining import (
    FACTS,
    NEVER,
    Grouped,
    Joining,
    facts_of,
    learn_joining,
)

CUT_OFF = 20_000.0


def _shop(seed: int, *, n: int = 600, customers: int = 25, days: int = 500) -> Grouped:
    rng = np.random.default_rng(seed)
    who = rng.integers(0, customers, n)
    # Whole days in part: a bound that is one off shows.
    day = CUT_OFF + 5 - np.where(rng.random(n) < 0.5, 1, rng.random(n)) * rng.integers(0, days, n)
    kind = rng.choice([Kind.PURCHASE, Kind.VIEW, Kind.RETURN], n, p=[0.6, 0.3, 0.1])
    panel = Panel.of(
        n_customers=customers + 1,
        customer=who,
        kind=kind,
        day=day,
        amount=rng.integers(1, 9_000, n),
        order=np.where(kind == Kind.PURCHASE, rng.integers(0, 4, n) + 10 * who, -1),
        category=rng.integers(0, 2, n),
    )
    return Grouped(panel, panel.category, 2)


def _slowly(shop: Grouped, who: int) -> list[float]:
    """The facts of one customer, event by event."""
    panel = shop.panel
    rows = [i for i in range(len(panel)) if panel.customer[i] == who]
    age = {i: CUT_OFF - panel.second[i] / 86_400 for i in rows}
    rows = [i for i in rows if age[i] > 0]
    bought = [i for i in rows if panel.kind[i] == Kind.PURCHASE]

    def orders(within: float, group: int | None = None) -> int:
        those = [i for i in bought if age[i] <= within and group in {None, shop.group[i]}]
        return len({int(panel.order[i]) for i in those})

    def events(kind: Kind, within: float) -> int:
        return sum(panel.kind[i] == kind and age[i] <= within for i in rows)

    def spent(within: float) -> int:
        return sum(int(panel.amount[i]) for i in bought if age[i] <= within)

    ages, so_far = [age[i] for i in bought], orders(math.inf)
    span = max(ages, default=0) - min(ages, default=0)
    return [
        math.ceil(min(ages)) if ages else NEVER,
        max(ages) if ages else -1,
        math.ceil(round(span / (so_far - 1), 9)) if so_far > 1 else NEVER,
        *(orders(days) for days in (30, 90, 365)),
        *(spent(days) for days in (90, 365)),
        events(Kind.VIEW, 30),
        events(Kind.RETURN, 365),
        *(orders(365, group) for group in (0, 1)),
    ]


def test_the_facts_are_what_a_plain_reading_finds() -> None:
    shop = _shop(1)

    facts = facts_of(shop, cut_off=CUT_OFF)

    assert facts.shape == (26, len(FACTS) + 2)
    for who in range(26):
        assert facts[who] == pytest.approx(_slowly(shop, who), abs=1e-5), who


def _later(*, of: int) -> Joining | DataShortage:
    """Who has bought in the 30 days before comes into the segment a month later, mostly."""
    shop = _shop(2, n=40_000, customers=1_500)
    hidden = np.random.default_rng(of).random((25_000, shop.panel.n_customers))

    def inside(day: float) -> BoolArray:
        lately = facts_of(shop, cut_off=day - 30)[:, list(FACTS).index("orders_30")] > 0
        chance = lately if of else np.full(len(lately), 0.5)
        there: BoolArray = (hidden[int(day)] < 0.3) & (chance > hidden[int(day) + 1])
        return there

    return learn_joining(
        shop,
        inside,
        horizon_days=30,
        rng=np.random.default_rng(1),
        progress=lambda done, total, message: None,
    )


def test_what_brings_customers_in_is_found_and_chance_is_called_chance() -> None:
    found, chance = _later(of=1), _later(of=0)

    assert isinstance(found, Joining)
    assert found.tells
    assert list(FACTS)[found.tree.feature[0]] in {"orders_30", "silent_days"}
    assert found.n[found.tree.leaves].sum() == found.n[0] == found.quality.n
    assert isinstance(chance, Joining)
    assert not chance.tells


def test_a_young_shop_and_a_rare_segment_are_told_what_is_missing() -> None:
    def ask(shop: Grouped, days: int) -> str:
        return str(
            learn_joining(
                shop,
                lambda day: np.zeros(shop.panel.n_customers, dtype=bool),
                horizon_days=days,
                rng=np.random.default_rng(1),
                progress=lambda done, total, message: None,
            )
        )

    assert "of orders, has" in ask(_shop(3), 365)
    assert "needs 50 customers who came into it to learn from, has 0" in ask(_shop(3), 30)
