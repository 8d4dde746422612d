from contextlib import suppress
from itertools import combinations, product
from time import process_time

import numpy as np
import pytest

from retention.learning.churn.asking import (
    HOPED,
    coarse_values,
    compare,
    fine_values,
    judge,
    smallest_change,
    steps,
)
from retention.learning.churn.following import Impossible, UnknownFact, changed
from retention.learning.churn.labels import ChurnDefinition, outcome
from retention.learning.churn.model import ChurnModel
from retention.learning.churn.one_customer import OneCustomer
from retention.learning.churn.wording_visits import BEHAVIOUR
from retention.learning.features import FeatureTable
from tests.learning.churn.shops import DAY_0
from tests.learning.churn.test_following import Facts, a_busy_shop

FEW = ("days_since_last_order", "orders_90", "visit_days_30")


@pytest.fixture(scope="module")
def customers(model: ChurnModel) -> list[OneCustomer]:
    panel = a_busy_shop()
    seen = outcome(panel, ChurnDefinition(), cut_off=DAY_0 + 300)
    known = [OneCustomer.of(panel, row, cut_off=seen.cut_off) for row in seen.customers.tolist()]
    return sorted(known, key=lambda who: -judge(model, who.facts).probability)


def way(model: ChurnModel, name: str, before: float, after: float) -> float:
    knots = model.curve(name)[0]
    if np.isnan(before):
        return 1.0
    low, high = (float(np.interp(v, knots, np.linspace(0, 1, len(knots)))) for v in (before, after))
    return abs(high - low)


def by_force(model: ChurnModel, who: OneCustomer, many: int) -> list[tuple[float, float]]:
    """Probability and size of every possible change of so many facts."""
    facts = who.facts
    tried: list[tuple[Facts, float]] = []
    values = fine_values if many == 1 else coarse_values
    for names in combinations(FEW, many):
        for wanted in product(*(values(model, name) for name in names)):
            asked = dict(zip(names, wanted, strict=True))
            if any(facts[name] == value for name, value in asked.items()):
                continue
            size = sum(way(model, name, facts[name], v) for name, v in asked.items())
            with suppress(Impossible):
                tried.append((changed(who, asked), size))
    rows = np.array([[then[spec.name] for spec in BEHAVIOUR] for then, _ in tried])
    said = model.probability(FeatureTable(rows, np.arange(len(rows)), BEHAVIOUR))
    return [(float(p), size) for p, (_, size) in zip(said, tried, strict=True)]


def test_the_smallest_change_is_what_trying_all_finds(
    model: ChurnModel, customers: list[OneCustomer]
) -> None:
    for who in customers[:3]:
        now = judge(model, who.facts).probability
        one, two = by_force(model, who, 1), by_force(model, who, 2)
        alone, together = min(one)[0], min(two)[0]
        assert together < alone < now
        for below, tried, many in (
            ((now + alone) / 2, one, 1),
            ((alone + together) / 2, two, 2),
        ):
            found = smallest_change(model, who, below=below, among=FEW)
            assert found is not None
            assert len(found.changes) == many
            assert found.judged.probability < below
            least = min(size for then, size in tried if then < below)
            assert found.size == pytest.approx(least, abs=1e-6)
        assert smallest_change(model, who, below=together - 1e-6, among=FEW) is None


def test_where_nothing_is_enough_that_is_known_within_a_second(
    model: ChurnModel, customers: list[OneCustomer]
) -> None:
    began = process_time()

    found = smallest_change(model, customers[0], below=1e-6)

    assert found is None
    assert process_time() - began < 1


def test_the_smallest_change_goes_on_from_what_is_asked_already(
    model: ChurnModel, customers: list[OneCustomer]
) -> None:
    who, asked = customers[0], {"days_since_last_order": 20.0}
    there = changed(who, asked)
    below = judge(model, there).probability - 0.02

    found = smallest_change(model, who, below=below, asked=asked, among=FEW)

    assert found is not None
    assert found.judged.facts == changed(who, asked | found.changes)
    assert all(there[name] != value for name, value in found.changes.items())


def test_who_is_below_already_needs_no_change(
    model: ChurnModel, customers: list[OneCustomer]
) -> None:
    found = smallest_change(model, customers[-1], below=0.9)

    assert found is not None
    assert (found.changes, found.size) == ({}, 0.0)


def test_only_what_a_shop_could_hope_for_is_changed(
    model: ChurnModel, customers: list[OneCustomer]
) -> None:
    for who in customers[:10]:
        found = smallest_change(model, who, below=judge(model, who.facts).probability - 0.1)
        assert found is not None
        assert set(found.changes) <= set(HOPED)


def test_the_differences_of_two_customers_add_up(
    model: ChurnModel, customers: list[OneCustomer]
) -> None:
    mine, theirs = customers[0].facts, customers[-1].facts

    gaps = compare(model, mine, theirs)

    whole = judge(model, mine).log_odds - judge(model, theirs).log_odds
    assert sum(gap.effect for gap in gaps) == pytest.approx(whole, abs=1e-9)


def test_silence_moves_all_that_hangs_on_it(
    model: ChurnModel, customers: list[OneCustomer]
) -> None:
    busy = (who for who in customers if who.facts["orders_90"] > 2)
    who = next(who for who in busy if who.facts["days_since_last_order"] < 30)
    facts = who.facts

    now = changed(who, {"days_since_last_order": 120.0})

    assert now["overdue_ratio"] == pytest.approx(120 / facts["usual_gap_days"])
    assert [now[f"orders_{days}"] for days in (30, 90)] == [0, 0]
    assert now["spend_90"] == 0
    assert steps(facts, now, {"days_since_last_order": 120.0})[0].asked


def test_an_unknown_fact_is_named_with_those_that_exist(customers: list[OneCustomer]) -> None:
    with pytest.raises(UnknownFact, match=r"'days_silent'.*days_since_last_order, .*last_rating"):
        changed(customers[0], {"days_silent": 3.0})
    with pytest.raises(UnknownFact, match="change days_since_last_order or usual_gap_days"):
        changed(customers[0], {"overdue_ratio": 3.0})


@pytest.mark.parametrize(
    "asked",
    [
        {"orders_30": 1.5},
        {"orders_30": -1.0},
        {"discount_share": 1.1},
        {"average_order": float("nan")},
        {"orders_30": 0.0, "days_since_last_order": 3.0},
        {"orders_30": 5.0, "orders_90": 2.0},
        {"days_since_last_order": 50.0, "days_since_first_order": 20.0},
    ],
)
def test_what_no_customer_can_be_is_refused(asked: Facts, customers: list[OneCustomer]) -> None:
    with pytest.raises(Impossible, match=next(iter(asked))):
        changed(customers[0], asked)
