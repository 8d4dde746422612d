from typing import Any

import numpy as np
import pytest

from retention.learning.recommend.buy_again import BuyAgain
from retention.learning.recommend.habits import habits_of
from tests.learning.recommend.made import bought, shop

FIRST = np.array([0], dtype=np.int32)
PLAIN: dict[str, Any] = {"half_life_days": None, "due": 0.0, "rate": 0.0}


def test_only_what_was_bought_is_bought_again() -> None:
    model = BuyAgain().fit(shop(), at_day=100.0)

    products, _ = model.recommend(FIRST, k=30)

    assert set(products[0][products[0] >= 0]) == set(shop().matrix(100.0)[[0]].indices)


def test_what_is_bought_more_often_comes_first() -> None:
    events = bought((0, 2, 1.0), (0, 2, 11.0), (0, 2, 21.0), (0, 1, 20.0))

    products, scores = BuyAgain(**PLAIN).fit(events, at_day=30.0).recommend(FIRST, k=2)

    assert products[0].tolist() == [2, 1]
    assert scores[0].tolist() == [3, 1]


def test_several_purchases_on_one_day_are_one() -> None:
    events = bought((0, 2, 1.1), (0, 2, 1.4), (0, 2, 1.9), (0, 1, 1.0), (0, 1, 2.0))

    products, _ = BuyAgain(**PLAIN).fit(events, at_day=30.0).recommend(FIRST, k=2)

    assert products[0].tolist() == [1, 2]


def test_what_was_bought_of_late_comes_first() -> None:
    events = bought((0, 1, 1.0), (0, 2, 29.0))
    model = BuyAgain(half_life_days=10.0, due=0.0, rate=0.0).fit(events, at_day=30.0)

    products, scores = model.recommend(FIRST, k=2)

    assert products[0].tolist() == [2, 1]
    assert scores[0, 1] / scores[0, 0] == pytest.approx(0.5 ** (28 / 10))


def test_what_people_come_back_for_is_above_what_they_buy_once() -> None:
    # Customers 1 to 3 buy product 1 again and again, and product 2 never twice.
    returning = [(c, 1, float(day)) for c in (1, 2, 3) for day in (1, 8, 15)]
    single = [(c, 2, 1.0) for c in (1, 2, 3)]
    events = bought(*returning, *single, (0, 1, 20.0), (0, 2, 20.0))

    products, _ = BuyAgain(prior=1.0).fit(events, at_day=40.0).recommend(FIRST, k=2)

    assert products[0].tolist() == [1, 2]


def test_what_was_bought_yesterday_is_not_due_before_its_usual_gap() -> None:
    monthly = [(1, p, float(day)) for p in (1, 2) for day in (1, 31, 61, 91)]
    events = bought(*monthly, (0, 1, 99.0), (0, 2, 69.0))
    model = BuyAgain(half_life_days=None, due=1.0, prior=0.0).fit(events, at_day=100.0)

    products, _ = model.recommend(FIRST, k=2)

    assert products[0].tolist() == [2, 1]


def test_being_due_is_judged_on_the_day_asked_about() -> None:
    monthly = [(1, p, float(day)) for p in (1, 2) for day in (1, 31, 61, 91)]
    events = bought(*monthly, (0, 1, 99.0), (0, 2, 69.0), (0, 1, 20.0))
    model = BuyAgain(half_life_days=None, due=1.0, prior=0.0).fit(events, at_day=100.0)

    later, _ = model.recommend_from(events.of_customers(FIRST), at_day=180.0, k=2)

    assert later[0].tolist() == [1, 2]


def test_the_evidence_is_times_days_ago_and_usual_gap() -> None:
    events = bought((0, 2, 10.0), (0, 2, 40.0), (0, 2, 70.0), (0, 1, 95.0), (1, 2, 5.0))
    model = BuyAgain(prior=0.0).fit(events, at_day=100.0)

    due = model.explain(FIRST, np.array([[2, 1, 4, -1]], dtype=np.int32))

    assert due.times.tolist() == [[3, 1, 0, 0]]
    np.testing.assert_array_equal(due.days_ago, [[30, 5, np.nan, np.nan]])
    assert due.gap_days[0, 0] == pytest.approx(30.0)
    assert np.isnan(due.gap_days[0, 2:]).all()


def test_strangers_have_no_evidence() -> None:
    model = BuyAgain().fit(shop(), at_day=100.0)

    due = model.explain(np.array([-1, 999], np.int32), np.array([[1, 2], [3, 4]], np.int32))

    assert not due.times.any()


def test_habits_agree_with_counting_by_hand() -> None:
    events = shop()

    habits = habits_of(events, at_day=60.0, half_life_days=20.0)

    days: dict[tuple[int, int], set[float]] = {}
    for customer, product, time in zip(
        events.customers, events.products, events.times, strict=True
    ):
        if time < 60.0:
            days.setdefault((int(customer), int(product)), set()).add(float(np.floor(time)))
    owners = np.repeat(np.arange(events.n_customers), np.diff(habits.starts))
    pairs = list(zip(owners.tolist(), habits.products.tolist(), strict=True))
    assert pairs == sorted(days)
    assert habits.times.tolist() == [len(days[pair]) for pair in pairs]
    assert habits.first.tolist() == [min(days[pair]) for pair in pairs]
    assert habits.last.tolist() == [max(days[pair]) for pair in pairs]
    faded = [sum(0.5 ** ((60.0 - day) / 20.0) for day in days[pair]) for pair in pairs]
    np.testing.assert_allclose(habits.strength, faded, rtol=1e-5)


@pytest.mark.parametrize("name", ["due", "rate", "prior"])
def test_negative_options_are_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must not be negative"):
        BuyAgain(**{name: -1.0}).fit(shop(), at_day=100.0)
