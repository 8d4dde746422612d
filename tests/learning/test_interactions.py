import numpy as np
import pytest

from retention.learning.interactions import BrokenInteractions, Interactions


def events() -> Interactions:
    """Customer 0 takes product 1 on days 10 and 20, customer 2 takes product 0 on day 15."""
    return Interactions.of(
        [0, 0, 2],
        [1, 1, 0],
        weights=[1.0, 2.0, 4.0],
        times=[10.0, 20.0, 15.0],
        n_customers=3,
        n_products=2,
    )


def test_before_a_day_leaves_out_the_day_itself() -> None:
    assert events().before(20.0).times.tolist() == [10.0, 15.0]


def test_between_takes_the_start_and_leaves_the_end() -> None:
    assert events().between(10.0, 20.0).times.tolist() == [10.0, 15.0]


def test_the_matrix_sums_what_a_customer_did_with_a_product() -> None:
    assert events().matrix(30.0).toarray().tolist() == [[0, 3], [0, 0], [4, 0]]


def test_the_matrix_knows_nothing_of_the_day_or_later() -> None:
    assert events().matrix(15.0).toarray().tolist() == [[0, 1], [0, 0], [0, 0]]


def test_weights_halve_every_half_life() -> None:
    faded = events().matrix(30.0, half_life_days=10.0)

    np.testing.assert_allclose(faded.toarray()[0, 1], 1 * 0.25 + 2 * 0.5)


def test_an_event_of_long_ago_never_vanishes() -> None:
    ages_ago = events().matrix(1e6, half_life_days=1.0)

    assert ages_ago.nnz == 2
    assert (ages_ago.data > 0).all()


def test_the_matrix_is_float32_rows_in_order() -> None:
    matrix = events().matrix(30.0)

    assert matrix.format == "csr"
    assert matrix.dtype == np.dtype(np.float32)
    assert matrix.shape == (3, 2)


def test_some_customers_are_renumbered_in_the_order_asked() -> None:
    some = events().of_customers(np.array([2, -1, 0], dtype=np.int32))

    assert some.n_customers == 3
    assert some.matrix(30.0).toarray().tolist() == [[4, 0], [0, 0], [0, 3]]


def test_the_same_customer_cannot_be_two_rows() -> None:
    with pytest.raises(BrokenInteractions, match="each customer once"):
        events().of_customers(np.array([0, 0], dtype=np.int32))


def test_without_weights_every_event_weighs_one() -> None:
    plain = Interactions.of([0], [0], times=[1.0], n_customers=1, n_products=1)

    assert plain.weights.tolist() == [1.0]


def test_no_events_are_interactions_too() -> None:
    empty = Interactions.of([], [], times=[], n_customers=2, n_products=3)

    assert len(empty) == 0
    assert empty.matrix(1.0).shape == (2, 3)


def test_an_unknown_product_is_refused_by_its_range() -> None:
    with pytest.raises(BrokenInteractions, match=r"products must lie in 0\.\.1 .*found -1\.\.1"):
        Interactions.of([0, 0], [1, -1], times=[1.0, 2.0], n_customers=1, n_products=2)


def test_a_customer_beyond_the_last_is_refused() -> None:
    with pytest.raises(BrokenInteractions, match=r"customers must lie in 0\.\.0"):
        Interactions.of([1], [0], times=[1.0], n_customers=1, n_products=1)


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(BrokenInteractions, match=r"times must be \(2,\) float64, not \(1,\)"):
        Interactions.of([0, 0], [0, 0], times=[1.0], n_customers=1, n_products=1)


def test_arrays_of_another_type_are_refused() -> None:
    good = events()

    with pytest.raises(BrokenInteractions, match=r"weights must be .* float32, not .* float64"):
        Interactions(
            good.customers, good.products, good.weights.astype(np.float64), good.times, 3, 2
        )


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
def test_a_weight_that_says_nothing_is_refused(weight: float) -> None:
    with pytest.raises(BrokenInteractions, match="weights must be finite and above 0"):
        Interactions.of([0], [0], weights=[weight], times=[1.0], n_customers=1, n_products=1)


def test_an_event_without_a_time_is_refused() -> None:
    with pytest.raises(BrokenInteractions, match="times must be finite"):
        Interactions.of([0], [0], times=[np.nan], n_customers=1, n_products=1)


@pytest.mark.parametrize("half_life", [0.0, -3.0])
def test_a_half_life_must_be_above_zero(half_life: float) -> None:
    with pytest.raises(BrokenInteractions, match="half_life_days must be above 0"):
        events().matrix(30.0, half_life_days=half_life)
