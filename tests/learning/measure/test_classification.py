from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    roc_auc_score,
)
from sklearn.metrics import (
    log_loss as peer_log_loss,
)

from retention.learning.measure import classification as metrics
from retention.learning.measure.classification import Ranked, assess, assess_ranking, compare
from retention.learning.panel import BoolArray, FloatArray


def outcomes(n: int = 400, seed: int = 0) -> tuple[BoolArray, FloatArray]:
    """True probabilities in steps of a twentieth, so that there are many ties."""
    rng = np.random.default_rng(seed)
    probability = np.round(rng.beta(1.5, 3.0, size=n) * 20) / 20
    return rng.random(n) < probability, probability


@pytest.mark.parametrize(
    ("ours", "peer"),
    [
        (metrics.auc, roc_auc_score),
        (metrics.pr_auc, average_precision_score),
        (metrics.brier, brier_score_loss),
        (metrics.log_loss, peer_log_loss),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_equal_scikit_learns(
    ours: Callable[..., float], peer: Callable[..., float], weighted: bool
) -> None:
    lost, probability = outcomes()
    often = np.random.default_rng(1).integers(0, 4, size=len(lost)).astype(float)
    weights = often if weighted else np.ones(len(lost))

    mine = ours(Ranked(lost, probability), weights)

    assert mine == pytest.approx(peer(lost, probability, sample_weight=weights), abs=1e-12)


def test_lift_is_the_share_of_the_lost_in_the_top_tenth_against_chance() -> None:
    lost = np.array([True, True, False, *[False] * 15, True, True])
    score = np.linspace(1, 0, 20)

    assert metrics.lift(Ranked(lost, score), np.ones(20)) == pytest.approx(2 / 2 / (4 / 20))


def test_lift_of_one_score_for_all_is_one() -> None:
    lost, _ = outcomes()

    assert metrics.lift(Ranked(lost, np.full(len(lost), 0.5)), np.ones(len(lost))) == 1.0


def test_ece_is_the_mean_gap_over_bins_of_equal_counts() -> None:
    probability = np.repeat(np.arange(10) / 10 + 0.05, 10)
    lost = np.tile(np.arange(10) < 5, 10)

    gap = metrics.ece(Ranked(lost, probability), np.ones(100))

    assert gap == pytest.approx(np.mean(np.abs(np.arange(10) / 10 + 0.05 - 0.5)))


def test_true_probabilities_are_calibrated() -> None:
    lost, probability = outcomes(n=50_000)

    assert metrics.ece(Ranked(lost, probability), np.ones(len(lost))) < 0.01


def test_every_interval_holds_its_figure() -> None:
    lost, probability = outcomes()

    quality = assess(lost, probability, rng=np.random.default_rng(0))

    for estimate in (quality.auc, quality.pr_auc, quality.brier, quality.log_loss, quality.lift):
        assert estimate.low < estimate.value < estimate.high


def test_the_reliability_curve_counts_everyone_once() -> None:
    lost, probability = outcomes()

    curve = assess(lost, probability, rng=np.random.default_rng(0), resamples=2).reliability

    assert sum(point.n for point in curve) == len(lost)
    assert [point.said for point in curve] == sorted(point.said for point in curve)
    assert sum(point.n * point.happened.value for point in curve) == pytest.approx(lost.sum())


def test_the_interval_of_auc_covers_the_truth_as_often_as_it_says() -> None:
    rng, truth, inside = np.random.default_rng(0), norm.cdf(1 / np.sqrt(2)), 0

    for _ in range(200):
        lost = rng.random(300) < 0.4
        found = assess_ranking(lost, rng.normal(size=300) + lost, rng=rng, resamples=100).auc
        inside += found.low <= truth <= found.high

    # 95% less three standard errors of the simulation, and a little for 100 resamples.
    assert 0.89 <= inside / 200 <= 0.99


def test_a_score_against_itself_differs_by_nothing() -> None:
    lost, probability = outcomes()

    same = compare(lost, probability, probability, metric="auc", rng=np.random.default_rng(0))

    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_a_better_score_is_better_beyond_its_interval() -> None:
    lost, probability = outcomes(n=2_000)
    noise = np.random.default_rng(1).random(2_000)

    gap = compare(lost, probability, noise, metric="auc", rng=np.random.default_rng(0))

    assert gap.above_zero


def test_a_paired_difference_is_narrower_than_two_separate_intervals() -> None:
    lost, probability = outcomes(n=2_000)
    nearly = probability + np.random.default_rng(1).normal(0, 0.01, size=2_000)
    rng = np.random.default_rng(0)

    gap = compare(lost, probability, nearly, metric="auc", rng=rng)

    alone = assess_ranking(lost, probability, rng=rng).auc
    assert gap.high - gap.low < (alone.high - alone.low) / 2


def test_the_same_seed_gives_the_same_intervals() -> None:
    lost, probability = outcomes()

    one, two = (assess(lost, probability, rng=np.random.default_rng(7)) for _ in range(2))

    assert one == two


def test_one_class_has_no_auc_but_a_brier_score() -> None:
    lost = np.ones(50, dtype=bool)

    quality = assess(lost, np.full(50, 0.9), rng=np.random.default_rng(0), resamples=5)

    assert np.isnan(quality.auc.value)
    assert quality.brier.value == pytest.approx(0.01)


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="1 of 2 predictions"):
        assess(np.array([True, False]), np.array([0.5, wrong]), rng=np.random.default_rng(0))


def test_nobody_to_measure_on_is_refused() -> None:
    with pytest.raises(ValueError, match="No outcomes"):
        assess(np.empty(0, dtype=bool), np.empty(0), rng=np.random.default_rng(0))
