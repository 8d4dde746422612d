import numpy as np
import pytest

from retention.learning.panel import FloatArray
from retention.learning.timing.circle import Circle, Seen

SHOP = np.arange(1.0, 25.0) / 300.0


def drawn(rng: np.random.Generator, *, strength: float, people: int, days: int) -> Seen:
    """Hours of customers whose habits are Dirichlet distributed around the shop's."""
    habits = rng.dirichlet(SHOP * strength, size=people)
    orders = np.array([rng.multinomial(days, habit) for habit in habits], dtype=np.float64)
    return Seen(orders, np.zeros_like(orders))


def only(orders: FloatArray, row: int, bin: int) -> Seen:
    """One customer, without one of the days in a bin."""
    fewer = orders[[row]].copy()
    fewer[0, bin] -= 1
    return Seen(fewer, np.zeros_like(fewer))


def test_a_share_without_one_of_the_days_is_the_share_of_who_never_had_it() -> None:
    seen = drawn(np.random.default_rng(1), strength=5.0, people=20, days=6)
    circle = Circle(SHOP, strength=3.0, spread=1.0, visit=0.5)

    left_out = circle.left_out(seen)

    for row, bin in zip(*np.nonzero(seen.orders), strict=True):
        without = circle.shares(only(seen.orders, row, bin))[0, bin]
        assert left_out[row, bin] == pytest.approx(without, rel=1e-12)


def test_the_strength_that_made_the_habits_is_found_again() -> None:
    seen = drawn(np.random.default_rng(2), strength=20.0, people=3_000, days=15)

    circle = Circle.fit(seen)

    assert circle.spread == 0.0
    assert circle.strength == pytest.approx(20.0, rel=0.15)


def test_where_customers_do_not_differ_nobody_is_said_to_have_a_habit() -> None:
    seen = drawn(np.random.default_rng(3), strength=1e6, people=3_000, days=10)

    habits = Circle.fit(seen).habits(seen)

    assert habits.own.mean() < 0.01
    assert set(habits.place[~habits.own].tolist()) == {23}


def test_habits_turn_with_the_clock_and_one_customer_is_as_among_many() -> None:
    seen = drawn(np.random.default_rng(4), strength=2.0, people=50, days=8)
    circle = Circle(SHOP, strength=2.0, spread=1.0, visit=1.0)
    turned = Circle(np.roll(SHOP, 5), strength=2.0, spread=1.0, visit=1.0)

    habits = circle.habits(seen)
    later = turned.habits(Seen(np.roll(seen.orders, 5, axis=1), np.roll(seen.visits, 5, axis=1)))
    alone = circle.habits(seen.take(np.array([7])))

    assert (later.place == (habits.place + 5) % 24).all()
    assert (alone.place[0], alone.own[0]) == (habits.place[7], habits.own[7])


def test_visits_count_as_much_as_they_tell_of_orders() -> None:
    rng = np.random.default_rng(5)
    kind = drawn(rng, strength=2.0, people=2_000, days=4)
    noise = rng.multinomial(20, SHOP, size=2_000).astype(np.float64)

    misleading = Circle.fit(Seen(kind.orders, noise))
    telling = Circle.fit(Seen(kind.orders, 5 * kind.orders))

    assert misleading.visit < telling.visit
