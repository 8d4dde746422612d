from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import linprog

from retention.learning.decide.allocation import Allocation, allocate

Rng = np.random.Generator


def a_shop(rng: Rng, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    cost = rng.integers(0, 60, (n, m))
    return rng.normal(10, 20, (n, m)) + cost * rng.uniform(0, 1, (n, 1)), cost


def best_of_all(gain: np.ndarray, cost: np.ndarray, budget: int) -> float:
    """Every way to give every customer an offer or none."""
    ways = product(range(-1, gain.shape[1]), repeat=len(gain))
    best = 0.0
    for way in ways:
        given = [(i, j) for i, j in enumerate(way) if j >= 0]
        if sum(cost[i, j] for i, j in given) <= budget:
            best = max(best, sum(gain[i, j] for i, j in given))
    return best


def linear_bound(gain: np.ndarray, cost: np.ndarray, budget: int) -> float:
    n, m = gain.shape
    one_each = np.kron(np.eye(n), np.ones(m))
    limits = np.vstack([one_each, cost.reshape(1, -1)])
    room = np.append(np.ones(n), budget)
    return -float(linprog(-gain.ravel(), A_ub=limits, b_ub=room, bounds=(0, 1)).fun or 0)


def in_order(found: Allocation, gain: np.ndarray, cost: np.ndarray, budget: int) -> None:
    """What it says is what it chose, and the budget holds."""
    rows = np.flatnonzero(found.offer >= 0)
    assert found.cost == cost[rows, found.offer[rows]].sum() <= budget
    assert found.gain == pytest.approx(gain[rows, found.offer[rows]].sum())
    assert found.gain <= found.bound + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_no_allocation_gains_more_than_the_bound_and_ours_lacks_one_offer_at_most(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    gain, cost = a_shop(rng, 6, 3)
    budget = int(rng.integers(0, 200))
    found = allocate(gain, cost, budget=budget)
    in_order(found, gain, cost, budget)
    best = best_of_all(gain, cost, budget)
    assert best <= found.bound + 1e-9
    assert best - found.gain <= gain.max() + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_is_that_of_linear_programming_and_is_nearly_reached(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gain, cost = a_shop(rng, 400, 4)
    found = allocate(gain, cost, budget=4_000)
    in_order(found, gain, cost, 4_000)
    assert found.bound == pytest.approx(linear_bound(gain, cost, 4_000))
    assert found.gap < 0.002


def test_what_gains_nothing_is_given_to_nobody() -> None:
    gain = np.array([[-1.0, 0.0], [np.nan, np.nan]])
    found = allocate(gain, np.array([[1, 1], [0, 0]]), budget=100)
    assert (found.offer.tolist(), found.cost, found.bound) == ([-1, -1], 0, 0)
    assert found.gap == 0


def test_without_a_budget_only_what_is_free_is_given() -> None:
    gain, cost = np.array([[5.0, 9.0], [3.0, 2.0]]), np.array([[0, 4], [7, 1]])
    found = allocate(gain, cost, budget=0)
    assert found.offer.tolist() == [0, -1]


def test_a_dearer_offer_is_given_only_while_it_is_worth_the_more_it_costs() -> None:
    gain, cost = np.array([[10.0, 12.0], [8.0, 9.0]]), np.array([[10, 20], [10, 20]])
    assert allocate(gain, cost, budget=20).offer.tolist() == [0, 0]
    assert allocate(gain, cost, budget=30).offer.tolist() == [1, 0]


def test_of_one_offer_ties_go_to_the_lower_row_and_who_no_longer_fits_is_stepped_over() -> None:
    cost = np.array([[600], [700], [300], [300]])
    found = allocate(np.array([[10.0], [50.0], [3.0], [3.0]]), cost, budget=1_000)
    assert found.offer.tolist() == [-1, 0, 0, -1]


def best_for(most: int, gain: np.ndarray, cost: np.ndarray, budget: int) -> float:
    """Of every group of so many, every way to give each of them an offer or none."""
    groups = combinations(range(len(gain)), most)
    return max(best_of_all(gain[list(group)], cost[list(group)], budget) for group in groups)


@pytest.mark.parametrize("seed", range(10))
def test_where_only_so_many_may_be_given_something_nothing_gains_more_than_the_bound(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    gain, cost = a_shop(rng, 6, 2)
    found = allocate(gain, cost, budget=90, most=2)
    assert (found.offer >= 0).sum() <= 2
    assert found.cost <= 90
    best = best_for(2, gain, cost, 90)
    assert found.gain <= best + 1e-9 <= found.bound + 2e-9


def test_the_largest_number_of_customers_is_filled_with_hardly_anything_lost() -> None:
    gain, cost = a_shop(np.random.default_rng(1), 2_000, 3)
    found = allocate(gain, cost, budget=20_000, most=300)
    assert (found.offer >= 0).sum() == 300
    assert found.cost <= 20_000
    assert 0 <= found.gap < 0.005


def test_a_control_is_meant_for_what_the_rule_would_give_it_and_costs_nothing() -> None:
    rng = np.random.default_rng(2)
    gain, cost = a_shop(rng, 4_000, 3)
    treated = rng.random(4_000) < 0.7
    found = allocate(gain, cost, budget=9_000, counted=treated)
    given = np.flatnonzero(treated & (found.offer >= 0))
    assert found.cost == cost[given, found.offer[given]].sum() <= 9_000
    assert 0 <= found.gap < 0.01
    shares = [np.bincount(found.offer[arm] + 1, minlength=4) / arm.sum() for arm in
              (treated, ~treated)]  # fmt: skip
    assert shares[0] == pytest.approx(shares[1], abs=0.03)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        allocate(np.ones((1, 1)), np.ones((1, 1), dtype=np.int64), budget=-1)
    with pytest.raises(ValueError, match="one \\(n, m\\) shape"):
        allocate(np.ones((1, 2)), np.ones((1, 1), dtype=np.int64), budget=1)


@pytest.mark.parametrize("seed", range(200))
def test_offers_that_gain_in_proportion_to_their_cost_stay_within_the_budget(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost = rng.integers(1, 700, (40, 3))
    gain = cost * rng.choice([0.1, 0.3, 0.7, 1.1], (40, 1))
    budget = int(rng.integers(0, 2_000))
    in_order(allocate(gain, cost, budget=budget), gain, cost, budget)
