import numpy as np
import pytest

from retention.learning.panel import FloatArray, IntArray, Kind, Panel
from retention.learning.timing.bought import Bought, Known, features_of, shelf_of
from retention.learning.timing.chances import (
    Foreseen,
    Shortage,
    chances_at,
    train_chances,
)

DAYS = 300
CATEGORIES = 4


def lines(rng: np.random.Generator, rates: FloatArray) -> Bought:
    """Purchases at each customer's steady rate a day in each category; rates : (n, c)."""
    counts = rng.poisson(rates * DAYS)
    cells = np.repeat(np.arange(rates.size), counts.ravel())
    return bought(cells // CATEGORIES, cells % CATEGORIES, rng.uniform(0, DAYS, len(cells)), rates)


def bought(who: IntArray, what: IntArray, day: FloatArray, rates: FloatArray) -> Bought:
    panel = Panel.of(
        n_customers=len(rates),
        customer=who,
        kind=np.full(len(who), Kind.PURCHASE),
        day=day,
        product=what,
        category=what,
    )
    return Bought.of(panel, n_categories=CATEGORIES)


def trained(seed: int, *, differ: bool) -> tuple[Foreseen, Bought]:
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.5, 0.03, size=(600, CATEGORIES)) if differ else np.full((600, 4), 0.01)
    some = lines(rng, rates)
    found = train_chances(some, cut_off=float(DAYS), rng=rng)
    assert isinstance(found, Foreseen)
    return found, some


def test_where_customers_differ_their_chances_are_better_than_usual_and_true() -> None:
    found, _ = trained(1, differ=True)

    assert found.exam.over_base.high < -0.05
    assert found.exam.ece < 0.03


def test_where_the_past_says_nothing_no_chances_are_told() -> None:
    found, _ = trained(2, differ=False)

    assert not found.is_better


def test_one_customer_is_as_among_many() -> None:
    found, some = trained(3, differ=True)
    past, shelf = some, shelf_of(some, cut_off=DAYS, days=30, audience_days=365)

    who, chances, _ = next(chances_at(found.model, some, cut_off=DAYS))
    alone = found.model.of(Known.of(past, who[[7]], cut_off=DAYS), shelf)

    assert alone[0] == pytest.approx(chances[7], abs=1e-12)


def test_what_is_known_is_what_a_plain_reading_finds() -> None:
    rng = np.random.default_rng(4)
    who, what = rng.integers(0, 9, 200), rng.integers(0, CATEGORIES, 200)
    day = rng.uniform(0, 100, 200)
    some = bought(who, what, day, np.zeros((9, CATEGORIES))).before(80.0)

    known = Known.of(some, np.array([2, 5]), cut_off=80.0)

    for row, customer in enumerate((2, 5)):
        for category in range(CATEGORIES):
            mine = (who == customer) & (what == category) & (day < 80)
            days = sorted(set(np.floor(day[mine]).tolist()))
            assert known.times[row, category] == len(days)
            assert known.first[row, category] == days[0]
            assert known.last[row, category] == days[-1]
            faded = sum(0.5 ** ((80 - one) / 90) for one in days)
            assert known.faded[row, category] == pytest.approx(faded)
        assert known.orders[row] == len(set(np.floor(day[(who == customer) & (day < 80)])))


def test_who_never_bought_from_a_category_has_features_too() -> None:
    never = bought(np.array([0, 1]), np.array([1, 2]), np.array([3.0, 9.0]), np.zeros((2, 4)))
    shelf = shelf_of(never, cut_off=20.0, days=30, audience_days=365)

    features = features_of(Known.of(never, np.array([0, 1]), cut_off=20.0), shelf)

    assert np.isfinite(features).all()


def test_a_young_shop_is_told_what_is_missing() -> None:
    empty = bought(np.array([], int), np.array([], int), np.array([]), np.zeros((2, 4)))

    found = train_chances(empty, cut_off=50.0, rng=np.random.default_rng(1))

    assert found == Shortage("Needs orders of 150 days from products with a category.")
