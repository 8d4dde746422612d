import numpy as np
import pytest
from scipy.optimize import check_grad

from retention.learning.panel import FloatArray
from retention.learning.value import gamma_gamma
from retention.learning.value.gamma_gamma import GammaGamma
from retention.learning.value.likelihood import NothingToLearn

CDNOW = GammaGamma(p=6.25, q=3.74, gamma=15.44)


def amounts(truth: GammaGamma, *, n: int) -> tuple[FloatArray, FloatArray]:
    """Orders and what they came to, of n customers drawn from the model."""
    rng = np.random.default_rng(3)
    many = rng.geometric(0.4, n).astype(np.float64)
    return many, rng.gamma(truth.p * many) / rng.gamma(truth.q, 1 / truth.gamma, n)


def test_the_parameters_that_made_the_amounts_are_found_again() -> None:
    found = GammaGamma.fit(*amounts(CDNOW, n=20_000))

    assert found.p == pytest.approx(6.25, rel=0.1)
    assert found.q == pytest.approx(3.74, rel=0.1)
    assert found.p * found.gamma / (found.q - 1) == pytest.approx(35.2, rel=0.02)


def test_it_expects_what_its_authors_print() -> None:
    """Note 025: a customer of two orders of 22.35 is expected to spend 24.66, everyone 35.2."""
    said = CDNOW.expected(np.array([2.0, 0.0]), np.array([2 * 22.35, 0.0]))

    np.testing.assert_allclose(said, [24.66, 35.2], atol=0.03)


def test_the_slopes_of_the_likelihood_are_right() -> None:
    some = gamma_gamma._Amounts.of(*amounts(CDNOW, n=200))

    def height(logs: FloatArray) -> float:
        return gamma_gamma._surprise(logs, some)[0]

    def slope(logs: FloatArray) -> FloatArray:
        return gamma_gamma._surprise(logs, some)[1]

    assert check_grad(height, slope, np.log([2.0, 3.0, 8.0])) < 1e-3


def test_pounds_or_pence_is_the_same_model() -> None:
    many, total = amounts(CDNOW, n=500)

    pounds, pence = GammaGamma.fit(many, total), GammaGamma.fit(many, 100 * total)

    assert pence.gamma == pytest.approx(100 * pounds.gamma, rel=1e-3)
    np.testing.assert_allclose(
        pence.expected(many, 100 * total), 100 * pounds.expected(many, total), rtol=1e-4
    )


def test_the_more_she_ordered_the_more_her_own_mean_counts() -> None:
    means = CDNOW.expected(np.array([1.0, 5.0, 50.0]), 100 * np.array([1.0, 5.0, 50.0]))

    assert (np.diff(means) > 0).all()
    assert 35 < means[0] < means[-1] < 100


def test_without_a_second_order_nobody_says_how_amounts_vary() -> None:
    with pytest.raises(NothingToLearn, match="None of 2 customers has two orders"):
        GammaGamma.fit(np.ones(2), np.array([3.0, 4.0]))
