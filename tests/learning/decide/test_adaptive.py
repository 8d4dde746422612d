import numpy as np
import pytest

from retention.learning.decide.adaptive import FLOOR, chance_best, chance_highest, next_shares


def test_the_chance_of_being_best_is_how_often_a_draw_is() -> None:
    customers, responded = np.array([[90, 120, 40]]), np.array([[9, 20, 8]])
    rng = np.random.default_rng(1)

    ours = chance_best(customers, responded)

    drawn = rng.beta(1 + responded[0], 1 + (customers - responded)[0], (400_000, 3))
    slow = np.bincount(drawn.argmax(axis=1), minlength=3) / len(drawn)
    assert ours == pytest.approx(slow, abs=0.004)


def test_of_means_too() -> None:
    mean, error = np.array([310.0, 250.0, 330.0]), np.array([40.0, 20.0, 90.0])
    rng = np.random.default_rng(2)

    ours = chance_highest(mean, error)

    drawn = rng.normal(mean, error, (400_000, 3))
    slow = np.bincount(drawn.argmax(axis=1), minlength=3) / len(drawn)
    assert ours == pytest.approx(slow, abs=0.004)


def test_nothing_known_or_nothing_between_them_is_equal_shares() -> None:
    nothing = np.empty((0, 3), dtype=np.int64)
    same = np.array([[50, 50, 50]]), np.array([[5, 5, 5]])
    lacking = np.array([[50, 50, 0]]), np.array([[5, 25, 0]])

    shares = [next_shares(nothing, nothing), next_shares(*same), next_shares(*lacking)]

    assert np.array(shares) == pytest.approx(np.full((3, 3), 1 / 3))


def test_the_worst_arm_keeps_its_floor_and_shares_sum_to_one() -> None:
    customers, responded = np.array([[5_000, 5_000]]), np.array([[100, 2_500]])

    shares = next_shares(customers, responded)

    assert shares == pytest.approx([FLOOR / 2, 1 - FLOOR / 2])


def test_an_arm_that_had_most_of_a_good_season_is_no_better_for_it() -> None:
    # Both arms have the same rate in each wave; the second had most customers of the good one.
    customers, responded = np.array([[200, 200], [40, 360]]), np.array([[20, 20], [16, 144]])

    chance = chance_best(customers, responded)

    plain = chance_best(customers.sum(axis=0, keepdims=True), responded.sum(axis=0, keepdims=True))
    assert plain[1] > 0.99
    assert chance[1] == pytest.approx(0.5, abs=0.03)


def test_one_arm_is_the_best() -> None:
    assert chance_best(np.array([[10]]), np.array([[3]])) == pytest.approx([1.0])


def test_no_answer_by_chance_that_nothing_underflows() -> None:
    chance = chance_best(np.array([[10**6] * 4]), np.array([[0, 1, 10**6, 10**6]]))

    assert chance == pytest.approx([0, 0, 0.5, 0.5], abs=1e-6)
