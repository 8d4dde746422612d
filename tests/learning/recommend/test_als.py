from typing import Any

import numpy as np
import pytest

from retention.learning.interactions import Csr, FloatArray
from retention.learning.recommend.als import ImplicitALS, objective
from tests.learning.recommend.made import AT, CUSTOMERS, shop

OPTIONS: dict[str, Any] = {"factors": 6, "regularization": 0.02, "half_life_days": None}


def taste(**changes: Any) -> ImplicitALS:
    model = ImplicitALS(**{**OPTIONS, "history_half_life_days": None, **changes})
    return model.fit(shop(), at_day=AT)


def history() -> Csr:
    return shop().matrix(AT)


def test_the_objective_is_the_sum_written_out() -> None:
    model, weights = taste(), history()

    assert objective(model, weights) == pytest.approx(written_out(model, weights), rel=1e-5)


def test_more_sweeps_come_closer_to_the_minimum() -> None:
    losses = [objective(taste(iterations=sweeps), history()) for sweeps in (1, 2, 4, 8)]

    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]


def test_at_the_end_every_customer_stands_at_the_own_minimum() -> None:
    model, weights = taste(iterations=10), history()

    best = by_the_book(model, weights)

    np.testing.assert_allclose(model.customer_factors_, best, atol=1e-3 * np.abs(best).max())


def test_one_customer_folds_in_as_in_the_crowd() -> None:
    model, weights = taste(), history()

    alone = model.fold_in(weights[[7]])

    assert alone.tobytes() == model.fold_in(weights)[7].tobytes()


def test_threads_do_not_change_a_byte() -> None:
    one, two = taste(threads=1).arrays(), taste(threads=2).arrays()

    assert all(one[name].tobytes() == two[name].tobytes() for name in one)


def test_another_seed_starts_elsewhere() -> None:
    assert not np.array_equal(taste(seed=0).product_factors_, taste(seed=1).product_factors_)


def test_an_old_purchase_says_less_than_a_late_one() -> None:
    model = taste(history_half_life_days=10.0)
    late = shop().of_customers(np.array([0], dtype=np.int32))

    now = model.fold_in(late.matrix(AT, half_life_days=10.0))
    next_year = model.fold_in(late.matrix(AT + 365, half_life_days=10.0))

    assert np.linalg.norm(next_year) < 0.01 * np.linalg.norm(now)


def test_what_each_purchase_adds_sums_to_the_score() -> None:
    model, weights = taste(), history()
    row = weights[[11]]

    taken, parts = model.contributions(row, 20)

    score = float(model.fold_in(row)[0] @ model.product_factors_[20])
    assert taken.tolist() == row.indices.tolist()
    assert parts.sum() == pytest.approx(score, rel=1e-3)


def test_similar_products_are_of_the_same_group_and_never_the_product_itself() -> None:
    products, scores = taste(factors=3).similar(np.array([4, 9], dtype=np.int32), k=5)

    assert (products % 3 == [[1], [0]]).all()
    assert 4 not in products[0]
    assert (scores <= 1.0001).all()


def test_similar_to_an_unknown_product_is_nothing() -> None:
    products, _ = taste().similar(np.array([-1, 30], dtype=np.int32), k=2)

    assert products.tolist() == [[-1, -1], [-1, -1]]


def test_hu_s_objective_does_not_count_an_observed_pair_as_a_zero() -> None:
    model, weights = taste(offset=0.5, alpha=0.5, iterations=10), history()

    guesses = model.customer_factors_ @ model.product_factors_.T
    shared = taste(iterations=10)
    pulled = shared.customer_factors_ @ shared.product_factors_.T

    there = weights.toarray() > 0
    assert guesses[there].mean() > pulled[there].mean()


@pytest.mark.parametrize("name", ["factors", "iterations", "steps", "regularization", "alpha"])
def test_an_option_of_zero_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be above 0"):
        taste(**{name: 0})


def by_the_book(model: ImplicitALS, weights: Csr) -> FloatArray:
    """Every customer's own normal equations, in float64, dense, one after the other."""
    table = model.product_factors_.astype(np.float64)
    answers = np.zeros((CUSTOMERS + 1, table.shape[1]))
    for customer, row in enumerate(weights.toarray().astype(np.float64)):
        penalty = model.regularization * (row.sum() + model.alpha * len(row))
        matrix = table.T @ ((row + model.alpha)[:, None] * table)
        matrix += penalty * np.eye(table.shape[1])
        answers[customer] = np.linalg.solve(matrix, table.T @ row)
    return answers.astype(np.float32)


def written_out(model: ImplicitALS, weights: Csr) -> float:
    """The objective of the class's docstring, over every cell."""
    dense = weights.toarray().astype(np.float64)
    customers = model.customer_factors_.astype(np.float64)
    products = model.product_factors_.astype(np.float64)
    guess = customers @ products.T
    total = (dense * (guess - 1) ** 2).sum() + model.alpha * (guess**2).sum()
    for factors, seen, others in (
        (customers, dense.sum(axis=1), len(products)),
        (products, dense.sum(axis=0), len(customers)),
    ):
        penalties = model.regularization * (seen + model.alpha * others)
        total += (penalties * (factors**2).sum(axis=1)).sum()
    return float(total)
