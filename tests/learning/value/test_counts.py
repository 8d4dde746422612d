import numpy as np
from scipy.stats import nbinom

from retention.learning.value.buying import Buying
from retention.learning.value.counts import POINTS, futures, nbd_at_least, spends
from retention.learning.value.gamma_gamma import GammaGamma
from tests.learning.value import shops

MONEY = GammaGamma(p=6.25, q=3.74, gamma=1_544.0)


def customers() -> Buying:
    again = np.array([0.0, 1.0, 4.0, 12.0])
    known = np.full(4, 38.0)
    return Buying(again + 1, known, np.array([38.0, 9, 3, 1]), again + 1, 3_000 * (again + 1))


def test_counts_are_negative_binomial_at_any_size() -> None:
    shape, share = np.array([0.3, 7.5, 5_000.0, 40.0]), np.array([0.2, 0.6, 0.5, 1e-9])

    ours = nbd_at_least(shape, share, 300)

    slow = nbinom.sf(np.arange(300), shape[:, None], 1 - share[:, None])
    np.testing.assert_allclose(ours, slow, atol=1e-12)


def test_futures_are_spread_as_the_probabilities_say() -> None:
    model, some = shops.CDNOW_PARETO, customers()

    drawn = futures(model, some, alive=model.alive(some), days=39.0)

    likely = model.alive(some)[:, None] * model.at_least(some, days=39.0, most=20)
    shares = (drawn[:, :, None] >= np.arange(1, 21)).mean(axis=1)
    np.testing.assert_allclose(shares, likely, atol=1 / POINTS)
    assert (np.diff(drawn, axis=1) >= 0).all()


def test_what_orders_come_to_is_spread_as_a_simulation_says() -> None:
    some, rng = customers(), np.random.default_rng(0)
    counts = np.tile(np.repeat([0, 1, 3, 20], POINTS // 4), (4, 1))

    ours = spends(MONEY, some, counts)

    q = MONEY.q + MONEY.p * some.order_days[:, None]
    rate = rng.gamma(q, 1 / (MONEY.gamma + some.spend[:, None]), (4, 100_000))
    many = rng.choice([0, 1, 3, 20], (4, 100_000))
    drawn = rng.gamma(np.maximum(MONEY.p * many, 1e-9)) / rate * (many > 0)
    at = [0.3, 0.5, 0.7, 0.9]
    np.testing.assert_allclose(
        np.quantile(ours, at, axis=1), np.quantile(drawn, at, axis=1), rtol=0.06
    )
