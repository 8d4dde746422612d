import numpy as np
import pytest

from retention.learning.churn.labels import (
    ChurnDefinition,
    CutOffPlan,
    DataShortage,
    Minimum,
    NotMatured,
    Outcome,
    audience,
    check_enough,
    horizons,
    outcome,
    plan_cut_offs,
    spell_days,
)
from retention.learning.panel import Kind, Panel
from tests.learning.churn.shops import DAY_0, orders_on

A_MONTH = ChurnDefinition(horizon_days=30, active_within_days=100)


def test_who_orders_within_the_horizon_is_kept() -> None:
    panel = orders_on({0: [0, 110], 1: [0, 131], 2: [0, 200]})

    seen = outcome(panel, A_MONTH, cut_off=DAY_0 + 100)

    assert seen.customers.tolist() == [0, 1, 2]
    assert seen.lost.tolist() == [False, True, True]
    assert seen.base_rate == pytest.approx(2 / 3)


def test_the_horizon_begins_with_the_cut_off_and_ends_before_its_last_moment() -> None:
    panel = orders_on({0: [0, 100], 1: [0, 130], 2: [0, 200]})

    seen = outcome(panel, A_MONTH, cut_off=DAY_0 + 100)

    assert seen.lost.tolist() == [False, True, True]


OWN_GAP = ChurnDefinition(horizon_days=60, overdue_times=2)


def test_by_their_own_gap_who_orders_often_has_left_sooner() -> None:
    panel = orders_on({0: [0, 10, 20, 30, 55], 1: [0, 10, 40, 130]})

    seen = outcome(panel, OWN_GAP, cut_off=DAY_0 + 31)

    assert seen.lost.tolist() == [True, False]


def test_everybody_is_waited_for_twice_their_gap_a_week_at_least_and_the_horizon_at_most() -> None:
    panel = orders_on({0: [0, 10, 20], 1: [17, 18, 20], 2: [-80, -30, 20], 3: [10, 20], 4: [20]})

    waited = horizons(panel, OWN_GAP, cut_off=DAY_0 + 21, customers=np.arange(5))

    assert waited.tolist() == [20, 7, 60, 60, 60]


def test_how_long_a_customer_is_waited_for_is_known_at_the_cut_off() -> None:
    later = orders_on({0: [0, 10, 20, 90, 190]})

    assert horizons(later, OWN_GAP, cut_off=DAY_0 + 21, customers=np.array([0])) == [20]


def test_sooner_than_usual_is_not_overdue() -> None:
    with pytest.raises(ValueError, match=r"sooner than usual, got 0\.5 times"):
        ChurnDefinition(overdue_times=0.5)


def test_who_was_silent_too_long_is_not_in_the_audience() -> None:
    panel = orders_on({0: [0, 200], 1: [50, 200]})

    assert audience(panel, A_MONTH, cut_off=DAY_0 + 120).tolist() == [1]


def test_who_has_ordered_too_seldom_is_not_in_the_audience() -> None:
    twice = ChurnDefinition(horizon_days=30, min_orders=2)
    panel = orders_on({0: [0, 10], 1: [10, 150]})

    assert audience(panel, twice, cut_off=DAY_0 + 100).tolist() == [0]


def test_lines_of_one_order_do_not_make_two() -> None:
    twice = ChurnDefinition(min_orders=2)
    panel = Panel.of(
        n_customers=1, customer=[0, 0], kind=[Kind.PURCHASE] * 2, day=[DAY_0] * 2, order=[1, 1]
    )

    assert audience(panel, twice, cut_off=DAY_0 + 1).tolist() == []


def test_a_view_keeps_nobody() -> None:
    panel = Panel.of(
        n_customers=1,
        customer=[0, 0, 0],
        kind=[Kind.PURCHASE, Kind.VIEW, Kind.PURCHASE],
        day=[DAY_0, DAY_0 + 15, DAY_0 + 90],
    )

    assert outcome(panel, A_MONTH, cut_off=DAY_0 + 10).lost.tolist() == [True]


def test_an_outcome_is_refused_before_its_horizon_is_over() -> None:
    panel = orders_on({0: [0, 100]})

    with pytest.raises(NotMatured, match="known on day 19110"):
        outcome(panel, A_MONTH, cut_off=DAY_0 + 80)


def test_every_horizon_is_over_before_the_next_kind_of_cut_off() -> None:
    panel = orders_on({0: [0, 365]})

    plan = plan_cut_offs(panel, A_MONTH)

    assert isinstance(plan, CutOffPlan)
    assert plan.test == DAY_0 + 335
    assert plan.choose + 30 <= plan.test
    assert max(plan.train) + 30 <= plan.choose
    assert min(plan.train) >= DAY_0 + 30
    assert plan.train == tuple(sorted(plan.train))


def test_a_plan_can_be_carried_out() -> None:
    panel = orders_on({0: [0.4, 200.9]})

    plan = plan_cut_offs(panel, A_MONTH)

    assert isinstance(plan, CutOffPlan)
    assert outcome(panel, A_MONTH, cut_off=plan.test).customers is not None


def test_too_short_a_history_says_what_is_missing() -> None:
    panel = orders_on({0: [0, 38]})

    plan = plan_cut_offs(panel, ChurnDefinition(horizon_days=21))

    assert isinstance(plan, DataShortage)
    assert str(plan) == "Too little data: needs 3 months of orders, has 5 weeks."


def test_no_orders_at_all_is_a_shortage_too() -> None:
    panel = Panel.of(n_customers=1, customer=[0], kind=[Kind.VIEW], day=[DAY_0])

    assert str(plan_cut_offs(panel, A_MONTH)) == "Too little data: needs orders, has none."


def test_one_class_is_a_shortage_of_the_other() -> None:
    everyone_lost = Outcome(DAY_0, np.arange(600), np.ones(600, dtype=bool))

    shortage = check_enough([everyone_lost], everyone_lost, everyone_lost, Minimum())

    assert shortage is not None
    assert "needs 100 customers who came back for training, has 0" in shortage.missing


def test_enough_is_no_shortage() -> None:
    half = Outcome(DAY_0, np.arange(600), np.arange(600) % 2 == 0)

    assert check_enough([half], half, half, Minimum()) is None


def test_a_definition_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ChurnDefinition(horizon_days=0)


@pytest.mark.parametrize(
    ("days", "said"),
    [(1.0, "1 day"), (13.9, "13 days"), (35.0, "5 weeks"), (93.0, "3 months")],
)
def test_a_span_is_said_in_the_unit_a_person_would_use(days: float, said: str) -> None:
    assert spell_days(days) == said
