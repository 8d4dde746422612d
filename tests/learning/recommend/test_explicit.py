from typing import Any

import numpy as np
import pytest

from retention.learning.interactions import Interactions
from retention.learning.recommend.explicit import BayesianFactors, ExplicitALS
from retention.learning.recommend.rated import RatedFactors, Sheet, latest, ridge

KINDS: list[Any] = [
    lambda: ExplicitALS(factors=3, regularization=0.03),
    lambda: BayesianFactors(factors=3),
]
every_kind = pytest.mark.parametrize("kind", KINDS)
PEOPLE, FILMS = 80, 40


def ratings(*, seed: int = 0) -> tuple[Interactions, Interactions]:
    """Two in three pairs of a two-factor world with biases and little noise; and the third."""
    rng = np.random.default_rng(seed)
    people, films = rng.normal(size=(PEOPLE, 2)), rng.normal(size=(FILMS, 2))
    stars = 5 + people @ films.T + rng.normal(size=(PEOPLE, 1)) + rng.normal(size=FILMS)
    stars = (stars + 0.1 * rng.normal(size=stars.shape)).clip(0.1)
    shown = rng.random(stars.shape) < 2 / 3

    def given(cells: Any) -> Interactions:
        customer, product = np.nonzero(cells)
        return Interactions.of(
            customer, product, weights=stars[cells], times=np.ones(len(customer)),
            n_customers=PEOPLE, n_products=FILMS,
        )  # fmt: skip

    return given(shown), given(~shown)


def error(model: RatedFactors, kept: Interactions) -> float:
    foretold = model.predict(kept.customers, kept.products)
    return float(np.sqrt(np.mean((foretold - kept.weights) ** 2)))


@every_kind
def test_stars_nobody_showed_are_foretold_to_little_more_than_the_noise(kind: Any) -> None:
    known, kept = ratings()

    model = kind().fit(known, at_day=2.0)

    assert float(kept.weights.std()) > 1.5
    assert error(model, kept) < 0.3


@every_kind
def test_what_a_customer_would_love_comes_first(kind: Any) -> None:
    known, _ = ratings()
    model = kind().fit(known, at_day=2.0)

    products, stars = model.recommend(np.array([3], np.int32), k=FILMS)

    asked = np.full(FILMS, 3, np.int32)
    np.testing.assert_allclose(model.predict(asked, products[0]), stars[0], rtol=1e-4)
    assert (np.diff(stars[0]) <= 0).all()


@every_kind
def test_who_was_never_seen_is_foretold_the_film_s_own_mean(kind: Any) -> None:
    known, _ = ratings()
    model = kind().fit(known, at_day=2.0)
    films = np.arange(FILMS, dtype=np.int32)

    foretold = model.predict(np.full(FILMS, -1, np.int32), films)

    sums = np.bincount(known.products, known.weights) / np.bincount(known.products)
    assert np.corrcoef(foretold, sums)[0, 1] > 0.9


@every_kind
def test_an_unknown_film_is_the_level_of_all(kind: Any) -> None:
    known, _ = ratings()
    model = kind().fit(known, at_day=2.0)

    foretold = model.predict(np.array([2], np.int32), np.array([FILMS], np.int32))

    assert foretold[0] == pytest.approx(known.weights.mean(), rel=1e-4)


def test_only_the_latest_stars_of_a_pair_count() -> None:
    given = Interactions.of(
        [0, 0, 0], [1, 1, 0], weights=[5.0, 2.0, 3.0], times=[1.0, 4.0, 2.0],
        n_customers=2, n_products=2,
    )  # fmt: skip

    assert latest(given, 5.0).toarray().tolist() == [[3, 2], [0, 0]]
    assert latest(given, 3.0).toarray().tolist() == [[3, 5], [0, 0]]


def test_rows_solve_their_own_normal_equations() -> None:
    known, _ = ratings()
    stars = latest(known, 2.0)
    rng = np.random.default_rng(1)
    sheet = Sheet(rng.normal(size=(FILMS, 4)), rng.normal(size=4), 2 * np.eye(4), trust=1.5)

    found = ridge(stars, sheet, 3.0)

    row = stars[[7]]
    z = np.column_stack([sheet.table[row.indices, :3], np.ones(len(row.indices))])
    left = row.data - 3.0 - sheet.table[row.indices, 3]
    matrix, right = 1.5 * z.T @ z + 2 * np.eye(4), 1.5 * z.T @ left + 2 * sheet.mean
    np.testing.assert_allclose(found[7], np.linalg.solve(matrix, right))


def test_draws_scatter_around_the_means_as_the_precision_says() -> None:
    sheet = Sheet(np.zeros((1, 2)), np.array([3.0, -1.0]), np.array([[4.0, 1.0], [1.0, 2.0]]))
    nobody = latest(ratings()[0], 0.0)[np.zeros(20_000, int)][:, [0]]

    drawn = ridge(nobody, sheet, 0.0, rng=np.random.default_rng(0))

    np.testing.assert_allclose(drawn.mean(axis=0), sheet.mean, atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.linalg.inv(sheet.precision), atol=0.03)


def test_the_closed_form_that_is_often_copied_is_not_the_minimum() -> None:
    """docs/algorithms/als.md says why; here are the figures."""
    known, _ = ratings()
    model = ExplicitALS(factors=2, regularization=0.5).fit(known, at_day=2.0)
    items, stars = model.tables_[0][:, :2], latest(known, 2.0)[[0]]
    y, r, ridge_of = items[stars.indices], stars.data - model.level_, 0.5

    def loss(q: Any) -> float:
        return float(((r - y @ q) ** 2).sum() + ridge_of * q @ q)

    solved = np.linalg.solve(y.T @ y + ridge_of * np.eye(2), y.T @ r)
    copied = (r @ y - y.sum(axis=0)) / ridge_of
    assert loss(solved) < loss(np.zeros(2)) < loss(copied)


@pytest.mark.parametrize("model", [ExplicitALS(factors=0), BayesianFactors(kept=0)])
def test_no_factors_and_no_draws_are_refused(model: Any) -> None:
    with pytest.raises(ValueError, match="must be 1 or more"):
        model.fit(ratings()[0], at_day=2.0)
