import numpy as np
from scipy.stats import binom

from retention.learning.basket.chance import adjusted, bands, tail


def exact(chances: list[float], hits: int) -> float:
    """P(at least so many) by adding one trial after the other."""
    spread = np.array([1.0])
    for chance in chances:
        spread = np.convolve(spread, [1 - chance, chance])
    return float(spread[hits:].sum())


def test_with_equal_chances_the_bound_is_the_binomial_tail() -> None:
    hits, of = np.array([3, 9, 40]), np.array([20, 30, 50])

    assert np.allclose(tail(hits, of, 0.1 * of), binom.sf(hits - 1, of, 0.1))


def test_unequal_chances_never_pass_the_bound() -> None:
    rng = np.random.default_rng(4)
    trials = [rng.beta(0.5, 1.5, size=30) for _ in range(50)]
    hits = [int(np.ceil(chances.sum() + 1 + k % 5)) for k, chances in enumerate(trials)]

    bound = tail(np.array(hits), np.full(50, 30), np.array([each.sum() for each in trials]))

    truth = [exact(chances.tolist(), k) for chances, k in zip(trials, hits, strict=True)]
    assert (np.array(truth) <= bound + 1e-12).all()


def test_no_more_than_expected_is_no_finding() -> None:
    assert tail(np.array([3, 2, 5]), np.array([9, 9, 5]), np.array([3.0, 4.0, 5.0])).tolist() == [
        1.0,
        1.0,
        1.0,
    ]


def test_rates_are_those_of_the_step_up_rule() -> None:
    p = np.array([0.01, 0.0001, 0.04, 0.0002])
    harmonic = sum(1 / k for k in range(1, 101))

    q = adjusted(p, tested=100)

    by_hand = {0.0001: 0.0001 * 100, 0.0002: 0.0002 * 100 / 2, 0.01: 0.01 * 100 / 3, 0.04: 1.0}
    expected = [min(min(v for k, v in by_hand.items() if k >= one) * harmonic, 1.0) for one in p]
    np.testing.assert_allclose(q, expected, rtol=1e-4)


def test_of_pure_chance_next_to_nothing_is_kept() -> None:
    rng = np.random.default_rng(8)

    kept = [int((adjusted(rng.random(500), tested=5000) <= 0.05).sum()) for _ in range(40)]

    assert sum(kept) <= 2


def test_bands_are_single_widths_up_to_seven_and_quarter_octaves_beyond() -> None:
    widths = np.array([0, 1, 2, 7, 8, 9, 10, 100, 103, 140])

    assert bands(widths).tolist() == [0, 1, 2, 3, 4, 4, 5, 6, 6, 7]
