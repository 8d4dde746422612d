from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.learning.decide.priority import ResponsePrior, priority, select_under_budget


def test_it_is_risk_by_value_by_response() -> None:
    score = priority(risk=np.array([0.5]), value=np.array([10_000.0]))

    assert score.tolist() == pytest.approx([0.5 * 10_000 * 0.06])


def test_the_surest_loss_is_not_the_first_to_write_to() -> None:
    risk = np.linspace(0, 1, 101)

    kept = priority(risk=risk, value=np.ones(101))

    assert risk[np.argmax(kept)] == pytest.approx(0.62, abs=0.02)
    assert kept[-1] < kept[40]


def test_among_customers_at_risk_value_decides() -> None:
    risk, value = np.array([0.9, 0.5]), np.array([5_000.0, 10_000.0])

    score = priority(risk=risk, value=value)

    assert score[1] > score[0]


def test_the_response_falls_from_one_end_to_the_other() -> None:
    prior = ResponsePrior(at_no_risk=0.2, at_full_risk=0.1)

    assert prior.of(np.array([0.0, 0.5, 1.0])).tolist() == pytest.approx([0.2, 0.15, 0.1])


def test_unknown_and_negative_value_is_worth_nothing() -> None:
    score = priority(risk=np.array([0.5, 0.5]), value=np.array([np.nan, -3.0]))

    assert score.tolist() == [0, 0]


def test_a_risk_that_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match=r"none is 1\.2"):
        priority(risk=np.array([0.5, 1.2]), value=np.ones(2))


def test_a_rising_response_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got 0\.1 and 0\.3"):
        ResponsePrior(at_no_risk=0.1, at_full_risk=0.3)


def test_with_equal_costs_the_best_are_chosen() -> None:
    score = np.array([1.0, 5.0, 3.0, 4.0])

    chosen = select_under_budget(score, np.full(4, 500), budget=1_200)

    assert chosen.rows.tolist() == [1, 3]
    assert chosen.committed == 1_000
    assert chosen.unaffordable == 2


def test_what_no_longer_fits_is_stepped_over() -> None:
    score = np.array([10.0, 50.0, 3.0])

    chosen = select_under_budget(score, np.array([600, 700, 300]), budget=1_000)

    assert chosen.rows.tolist() == [1, 2]


def test_no_gain_is_no_offer() -> None:
    chosen = select_under_budget(np.array([0.0, np.nan, 1.0]), np.full(3, 10), budget=1_000)

    assert chosen.rows.tolist() == [2]
    assert chosen.unaffordable == 0


def test_a_number_of_offers_is_a_limit_too() -> None:
    chosen = select_under_budget(np.arange(1.0, 6.0), np.full(5, 10), budget=1_000, most=2)

    assert chosen.rows.tolist() == [4, 3]


def test_ties_go_to_the_lower_row() -> None:
    score = np.tile([1.0, 2.0], 500)

    chosen = select_under_budget(score, np.full(1_000, 10), budget=6_000)

    assert chosen.rows.tolist() == [*range(1, 1_000, 2), *range(0, 200, 2)]


def test_no_budget_and_nobody_are_no_offers() -> None:
    nobody = np.empty(0, dtype=np.int64)

    assert select_under_budget(np.ones(3), np.full(3, 10), budget=0).rows.tolist() == []
    assert select_under_budget(np.empty(0), nobody, budget=10).rows.tolist() == []


CUSTOMERS = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=7)


@given(customers=CUSTOMERS, budget=st.integers(0, 90))
def test_greedy_keeps_the_budget_and_is_within_one_offer_of_the_best(
    customers: list[tuple[int, int]], budget: int
) -> None:
    score = np.array([gain for gain, _ in customers], dtype=float)
    cost = np.array([price for _, price in customers], dtype=np.int64)
    subsets = [s for r in range(len(cost) + 1) for s in combinations(range(len(cost)), r)]
    best = max(score[list(s)].sum() for s in subsets if cost[list(s)].sum() <= budget)

    chosen = select_under_budget(score, cost, budget=budget)

    assert chosen.committed == cost[chosen.rows].sum() <= budget
    assert len(set(chosen.rows.tolist())) == len(chosen.rows)
    assert score[chosen.rows].sum() >= best - score.max(initial=0)


def test_a_budget_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        select_under_budget(np.ones(1), np.ones(1, dtype=np.int64), budget=-1)
