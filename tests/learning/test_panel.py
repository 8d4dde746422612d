import numpy as np
import pytest

from retention.learning.panel import Kind, Panel


def test_events_are_sorted_by_customer_and_time() -> None:
    panel = Panel.of(n_customers=2, customer=[1, 0, 1], kind=[0, 0, 0], day=[3.0, 2.0, 1.0])

    assert panel.customer.tolist() == [0, 1, 1]
    assert (panel.second / 86_400).tolist() == [2.0, 1.0, 3.0]


def test_purchases_of_a_day_without_an_order_id_are_one_order() -> None:
    panel = Panel.of(
        n_customers=2,
        customer=[0, 0, 0, 1],
        kind=[Kind.PURCHASE] * 4,
        day=[10.1, 10.9, 11.1, 10.1],
    )

    assert panel.order.tolist() == [0, 0, 1, 2]


def test_an_order_id_never_meets_a_day() -> None:
    panel = Panel.of(
        n_customers=1, customer=[0, 0], kind=[Kind.PURCHASE] * 2, day=[10, 10], order=[5, -1]
    )

    assert sorted(panel.order.tolist()) == [0, 1]


def test_only_purchases_belong_to_an_order() -> None:
    panel = Panel.of(n_customers=1, customer=[0, 0], kind=[Kind.VIEW, Kind.RETURN], day=[1, 2])

    assert panel.order.tolist() == [-1, -1]


def test_an_anonymous_event_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="Leave anonymous events out"):
        Panel.of(n_customers=1, customer=[-1], kind=[0], day=[1.0])


def test_arrays_of_different_lengths_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'amount': 2"):
        Panel.of(n_customers=1, customer=[0], kind=[0], day=[1.0], amount=[1, 2])


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        Panel.of(n_customers=1, customer=[0], kind=[2], day=[1.0], amount=[-5])


def test_before_leaves_out_the_day_itself() -> None:
    panel = Panel.of(n_customers=1, customer=[0, 0], kind=[0, 0], day=[1.0, 2.0])

    assert np.unique(panel.before(2.0).second).tolist() == [86_400]
