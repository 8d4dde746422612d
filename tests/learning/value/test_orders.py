"""BG/NBD and Pareto/NBD: the same questions to both."""

from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import check_grad
from scipy.special import betaln, gammaln

from retention.learning.panel import FloatArray
from retention.learning.value import bgnbd, pareto
from retention.learning.value.bgnbd import BgNbd
from retention.learning.value.buying import Buying
from retention.learning.value.likelihood import NothingToLearn, Patterns
from retention.learning.value.pareto import ParetoNbd
from tests.learning.value import shops

Model = type[BgNbd] | type[ParetoNbd]
MODELS = [
    pytest.param(shops.CDNOW_BGNBD, shops.from_bgnbd(shops.CDNOW_BGNBD), id="bgnbd"),
    pytest.param(shops.CDNOW_PARETO, shops.from_pareto(shops.CDNOW_PARETO), id="pareto"),
]
both = pytest.mark.parametrize(("truth", "draw"), MODELS)


def known_for_39_weeks(draw: Any, *, n: int = 6_000) -> tuple[Buying, FloatArray]:
    """What is known of n customers after 27 to 39 weeks, and their orders in the 39 after."""
    times = shops.repeat_orders(draw, seed=5, n=n, until=80)
    known = np.random.default_rng(6).uniform(27, 39, n)
    came = ((times > known[:, None]) & (times <= known[:, None] + 39)).sum(axis=1)
    return shops.bought_by(times, known=known), came.astype(np.float64)


def one(*, order_days: float, last: float, known: float) -> Buying:
    row = (order_days, known, known - last, order_days, 0.0)
    return Buying(*(np.array([value]) for value in row))


def repeated(buying: Buying, times: int) -> Buying:
    return buying.take(np.tile(np.arange(len(buying.order_days)), times))


@both
def test_the_parameters_that_made_a_shop_are_found_again(truth: Any, draw: Any) -> None:
    found = type(truth).fit(known_for_39_weeks(draw, n=15_000)[0])

    # The second pair is only seen through who fell silent: a few hundredths of likelihood.
    np.testing.assert_allclose(astuple(found)[:2], astuple(truth)[:2], rtol=0.08)
    np.testing.assert_allclose(astuple(found)[2:4], astuple(truth)[2:4], rtol=0.35)


@both
def test_equal_customers_are_counted_once_and_weigh_as_many(truth: Any, draw: Any) -> None:
    buying, _ = known_for_39_weeks(draw, n=500)

    once, thrice = (type(truth).fit(repeated(buying, times)) for times in (1, 3))

    assert len(Patterns.of(repeated(buying, 3)).many) == len(Patterns.of(buying).many)
    np.testing.assert_allclose(astuple(thrice)[:4], astuple(once)[:4], rtol=1e-3)
    assert thrice.log_likelihood == pytest.approx(3 * once.log_likelihood)


@both
def test_time_in_days_or_weeks_is_the_same_model(truth: Any, draw: Any) -> None:
    weeks, _ = known_for_39_weeks(draw, n=500)
    days = replace(weeks, tenure=7 * weeks.tenure, silence=7 * weeks.silence)

    in_weeks, in_days = (type(truth).fit(known) for known in (weeks, days))

    np.testing.assert_allclose(
        in_days.expected(days, days=70.0), in_weeks.expected(weeks, days=10.0), rtol=1e-3
    )


@both
def test_what_is_expected_is_what_comes(truth: Any, draw: Any) -> None:
    buying, came = known_for_39_weeks(draw, n=15_000)

    expected = truth.expected(buying, days=39.0)

    often = buying.order_days > 3
    for group in (buying.order_days == 1, ~often & (buying.order_days > 1), often):
        assert expected[group].sum() == pytest.approx(came[group].sum(), rel=0.1)


@both
def test_probabilities_are_the_shares_that_happen(truth: Any, draw: Any) -> None:
    buying, came = known_for_39_weeks(draw, n=15_000)

    said = truth.alive(buying)[:, None] * truth.at_least(buying, days=39.0, most=4)

    happened = (came[:, None] >= np.arange(1, 5)).mean(axis=0)
    np.testing.assert_allclose(said.mean(axis=0), happened, atol=0.006)


@both
def test_the_mean_is_the_sum_of_the_probabilities(truth: Any, draw: Any) -> None:
    buying, _ = known_for_39_weeks(draw, n=200)

    summed = truth.alive(buying) * truth.at_least(buying, days=39.0, most=600).sum(axis=1)

    np.testing.assert_allclose(truth.expected(buying, days=39.0), summed, rtol=1e-5, atol=1e-9)


@both
def test_twice_as_fast_is_a_longer_clock_but_no_longer_life(truth: Any, draw: Any) -> None:
    buying, _ = known_for_39_weeks(draw, n=200)

    summed = truth.alive(buying) * truth.at_least(buying, days=39.0, most=900, rate=2.0).sum(axis=1)

    expected = truth.expected(buying, days=39.0, rate=2.0)
    np.testing.assert_allclose(expected, summed, rtol=1e-5, atol=1e-9)
    assert (expected > truth.expected(buying, days=39.0)).all()


@both
def test_all_is_finite_at_5000_orders(truth: Any, draw: Any) -> None:
    customer = one(order_days=5_001, last=38.995, known=39.0)

    figures = np.concatenate(
        [
            truth.alive(customer),
            truth.expected(customer, days=39.0),
            truth.at_least(customer, days=39.0, most=2_000)[0],
        ]
    )

    assert np.isfinite(figures).all()
    assert 1_000 < truth.expected(customer, days=39.0)[0] < 5_500


@both
def test_who_never_ordered_is_not_known(truth: Any, draw: Any) -> None:
    nobody = one(order_days=0, last=np.nan, known=np.nan)

    assert np.isnan(truth.alive(nobody)).all()
    assert np.isnan(truth.expected(nobody, days=9.0)).all()


@both
def test_the_slopes_of_the_likelihood_are_right(truth: Any, draw: Any) -> None:
    surprise = {BgNbd: bgnbd._surprise, ParetoNbd: pareto._surprise}[type(truth)]
    patterns = Patterns.of(known_for_39_weeks(draw, n=300)[0])
    somewhere = np.log([0.7, 0.3, 1.4, 0.6])

    def height(logs: FloatArray) -> float:
        return surprise(logs, patterns)[0]

    def slope(logs: FloatArray) -> FloatArray:
        return surprise(logs, patterns)[1]

    assert check_grad(height, slope, somewhere) < 1e-3


def test_pareto_agrees_with_the_integral_done_slowly() -> None:
    r, alpha, s, beta, again, last, known = 0.6, 10.0, 0.7, 12.0, 3, 20.0, 35.0
    customers = one(order_days=again + 1, last=last, known=known)

    def leaving(y: float) -> float:
        return float(s * (alpha + y) ** -(r + again) * (beta + y) ** -(s + 1))

    left = quad(leaving, last, known, epsabs=0, epsrel=1e-12)[0]
    stays = (alpha + known) ** -(r + again) * (beta + known) ** -s
    whole = gammaln(r + again) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    model = ParetoNbd(r, alpha, s, beta)

    assert model.alive(customers)[0] == pytest.approx(stays / (stays + left), rel=1e-9)
    unit = Patterns.of(customers).unit
    logs = np.log([r, alpha / unit, s, beta / unit])
    surprise = pareto._surprise(logs, Patterns.of(customers))[0]
    assert -surprise - again * np.log(unit) == pytest.approx(whole + np.log(stays + left), rel=1e-9)


def test_bgnbd_agrees_with_the_formula_of_the_paper() -> None:
    r, alpha, a, b = astuple(shops.CDNOW_BGNBD)[:4]
    again, last, known = 2, 30.43, 38.86
    patterns = Patterns.of(one(order_days=3, last=last, known=known))

    common = gammaln(r + again) - gammaln(r) + r * np.log(alpha)
    stays = betaln(a, b + again) - betaln(a, b) - (r + again) * np.log(alpha + known)
    left = betaln(a + 1, b + again - 1) - betaln(a, b) - (r + again) * np.log(alpha + last)
    slow = common + np.logaddexp(stays, left)

    surprise, _ = bgnbd._surprise(np.log([r, alpha / patterns.unit, a, b]), patterns)
    assert -surprise - again * np.log(patterns.unit) == pytest.approx(slow, rel=1e-9)


def test_bgnbd_expects_what_its_authors_print() -> None:
    """Fader, Hardie and Lee's worked example: 1.226 orders in the next 39 weeks."""
    customer = one(order_days=3, last=30.43, known=38.86)

    assert shops.CDNOW_BGNBD.expected(customer, days=39.0)[0] == pytest.approx(1.226, abs=5e-4)


def test_a_prior_keeps_parameters_that_the_data_does_not_speak_of() -> None:
    nobody_leaves = ParetoNbd(r=2.0, alpha=20.0, s=0.001, beta=50.0)
    buying, _ = known_for_39_weeks(shops.from_pareto(nobody_leaves), n=2_000)

    free, held = (ParetoNbd.fit(buying, prior=prior) for prior in (None, 1.0))

    assert held.r == pytest.approx(2.0, rel=0.15)
    assert np.log(held.s) ** 2 + np.log(held.beta / 39) ** 2 < 9
    assert free.log_likelihood >= held.log_likelihood


def test_where_nobody_came_again_there_is_nothing_to_learn() -> None:
    with pytest.raises(NothingToLearn, match="Of 1 customers none ordered on a second day"):
        BgNbd.fit(one(order_days=1, last=0.0, known=9.0))
