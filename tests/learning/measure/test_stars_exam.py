"""Expected stars are believed only where later ratings came out as foretold."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from retention.learning.interactions import Csr, DoubleArray, Interactions
from retention.learning.measure.stars_exam import Learn, StarsReport, TooFewStars, examine_stars
from retention.learning.recommend.biases import Biases
from retention.learning.recommend.explicit import BayesianFactors

CUSTOMERS, PRODUCTS, RATED = 80, 40, 30


def ratings(*, taste: float, customers: int = CUSTOMERS, seed: int = 0) -> Interactions:
    """Everyone rates 30 of 40 products over 100 days; two groups like opposite halves."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), RATED)
    what = np.concatenate([rng.permutation(PRODUCTS)[:RATED] for _ in range(customers)])
    own = np.where((who % 2) == (what % 2), taste, -taste)
    stars = 3 + 0.5 * np.sin(what) + own + 0.3 * rng.standard_normal(len(who))
    return Interactions.of(
        who,
        what,
        weights=stars.clip(1, 5),
        times=rng.uniform(0, 100, len(who)),
        n_customers=customers,
        n_products=PRODUCTS,
    )


def factors(stars: Csr) -> BayesianFactors:
    return BayesianFactors(factors=2, burn_in=4, kept=4, thinning=1).fit_stars(stars)


def examined(events: Interactions) -> StarsReport:
    ways: dict[str, Learn] = {"biases": Biases.of, "factors": factors}
    found = examine_stars(events, ways, rng=np.random.default_rng(0))
    assert isinstance(found, StarsReport)
    return found


def test_taste_is_seen_where_there_is_some() -> None:
    found = examined(ratings(taste=1.0))

    assert found.gaps["factors"].below_zero
    assert found.sat["factors"].in_order.value > 0.85
    assert found.sat["biases"].in_order.value < 0.7


def test_taste_adds_next_to_nothing_where_there_is_none() -> None:
    found = examined(ratings(taste=0.0))

    assert found.gaps["factors"].value > -0.03
    assert found.sat["biases"].over_constant.below_zero


def test_stars_drawn_at_random_are_foretold_by_nothing() -> None:
    events = ratings(taste=0.0)
    stars = np.random.default_rng(1).permutation(events.weights)
    noise = Interactions.of(
        events.customers,
        events.products,
        weights=stars,
        times=events.times,
        n_customers=CUSTOMERS,
        n_products=PRODUCTS,
    )

    assert not examined(noise).sat["biases"].over_constant.below_zero


def test_the_figures_are_those_of_a_loop_over_every_pair() -> None:
    events = ratings(taste=0.5)

    everything = np.random.default_rng(9).integers(1, 6, (CUSTOMERS, PRODUCTS))

    class Said:
        def foretell(
            self, stars: Csr, rows: NDArray[np.integer], products: NDArray[np.integer]
        ) -> DoubleArray:
            assert stars.shape == everything.shape
            said: DoubleArray = everything[rows, products].astype(np.float64)
            return said

    found = examine_stars(events, {"any": lambda _: Said()}, rng=np.random.default_rng(0))

    assert isinstance(found, StarsReport)
    known, later = events.before(found.cut_off), events.between(found.cut_off, np.inf)
    least, most = known.weights.min(), known.weights.max()
    errors, right, of = [], 0.0, 0
    for who in range(CUSTOMERS):
        rows = np.flatnonzero(later.customers == who)
        told = [(later.weights[row], everything[who, later.products[row]]) for row in rows]
        errors += [(star - np.clip(forecast, least, most)) ** 2 for star, forecast in told]
        for (a, x), (b, y) in combinations(told, 2):
            if a != b:
                of += 1
                right += 0.5 if x == y else float((a > b) == (x > y))
    assert found.ratings == len(errors)
    assert found.sat["any"].in_order.value == pytest.approx(right / of)
    assert found.sat["any"].rmse.value == pytest.approx(np.sqrt(np.mean(errors)))


@pytest.mark.parametrize(
    ("customers", "words"),
    [
        (20, "Needs 1,000 ratings by 50 customers, has 600 by 20."),
        (40, "Needs 1,000 ratings by 50 customers, has 1,200 by 40."),
    ],
)
def test_too_few_are_said(customers: int, words: str) -> None:
    events = ratings(taste=1.0, customers=customers)

    found = examine_stars(events, {"biases": Biases.of}, rng=np.random.default_rng(0))

    assert found == TooFewStars(words)


def test_customers_who_rate_once_only_tell_nothing_of_later() -> None:
    events = ratings(taste=1.0)
    once = Interactions.of(
        events.customers,
        events.products,
        weights=events.weights,
        times=events.customers.astype(np.float64),
        n_customers=CUSTOMERS,
        n_products=PRODUCTS,
    )

    found = examine_stars(once, {"biases": Biases.of}, rng=np.random.default_rng(0))

    assert isinstance(found, TooFewStars)
    assert "has 0 with 0" in found.words
