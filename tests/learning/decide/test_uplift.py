from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from retention.learning.decide.uplift import (
    Experiment,
    TooFewOutcomes,
    Uplift,
    fit_uplift,
)
from retention.learning.measure.targeting import effect_scores, qini

N = 6_000


def an_experiment(*, response_only: bool = False) -> tuple[Experiment, np.ndarray]:
    """Feature 0 says who comes anyway, feature 1 whom the offer changes, feature 2 nothing.

    response_only : the offer changes those most who come anyway, and nobody else.
    """
    rng = np.random.default_rng(8)
    x = rng.normal(size=(N, 3))
    base = expit(x[:, 0] - 1)
    push = 1.2 * np.maximum(x[:, 1], 0) if not response_only else 0.6 * (x[:, 0] > 0)
    offered = expit(x[:, 0] - 1 + push)
    chance = rng.choice([0.5, 0.8], N)
    treated = rng.random(N) < chance
    kept = rng.random(N) < np.where(treated, offered, base)
    return Experiment(x, treated, chance, kept), offered - base


@pytest.fixture(scope="module")
def learned() -> tuple[Uplift, np.ndarray]:
    seen, truth = an_experiment()
    return fit_uplift(seen, rng=np.random.default_rng(0)), truth


def test_it_finds_whom_the_offer_changes(learned: tuple[Uplift, np.ndarray]) -> None:
    model, truth = learned
    assert np.corrcoef(model.uplift(an_experiment()[0].x), truth)[0, 1] > 0.7
    assert model.mixture.weight >= 0.5


def test_expected_changes_are_of_the_right_size(learned: tuple[Uplift, np.ndarray]) -> None:
    model, truth = learned
    uplift = model.uplift(an_experiment()[0].x)
    for part in np.array_split(np.argsort(uplift), 4):
        assert uplift[part].mean() == pytest.approx(truth[part].mean(), abs=0.06)


def test_held_out_effects_are_nearer_the_truth_than_chance() -> None:
    seen, _ = an_experiment()
    later = np.arange(N) % 2 == 0
    model, asked = fit_uplift(seen.of(~later), rng=np.random.default_rng(0)), seen.of(later)
    base, offered = model.arms.shares(asked.x)
    kept = asked.kept.astype(np.float64)
    effects = effect_scores(
        kept, asked.treated, asked.probability, expected=offered, expected_control=base
    )
    assert qini(model.uplift(asked.x), effects).above_zero


def test_where_only_those_who_come_anyway_are_changed_the_response_ranks() -> None:
    seen, truth = an_experiment(response_only=True)
    fitted = fit_uplift(seen, rng=np.random.default_rng(0))
    assert fitted.mixture.weight <= 0.5
    assert np.corrcoef(fitted.score(seen.x), truth)[0, 1] > 0.5


def test_where_the_offer_changes_nobody_nobody_is_expected_to_change() -> None:
    seen, _ = an_experiment()
    nothing = replace(seen, kept=np.random.default_rng(3).random(N) < 0.3)
    fitted = fit_uplift(nothing, rng=np.random.default_rng(0))
    assert np.abs(fitted.uplift(seen.x)).mean() < 0.03


def test_it_says_the_same_after_it_was_stored(learned: tuple[Uplift, np.ndarray]) -> None:
    model = learned[0]
    again = Uplift.from_arrays(model.arrays())
    x = np.array([[0.1, -2.0, np.nan], [3.0, 1.0, 0.0]])
    assert again.uplift(x).tolist() == model.uplift(x).tolist()
    assert again.score(x).tolist() == model.score(x).tolist()


def test_a_change_never_leaves_what_a_probability_can_be(
    learned: tuple[Uplift, np.ndarray],
) -> None:
    model = learned[0]
    x = np.random.default_rng(4).normal(scale=30, size=(500, 3))
    after = model.base(x) + model.uplift(x)
    assert after.min() >= 0
    assert after.max() <= 1


def test_too_few_outcomes_of_a_kind_are_said() -> None:
    seen, _ = an_experiment()
    with pytest.raises(
        TooFewOutcomes,
        match="Of the control customers it may learn from, 0 were kept; 20 are needed",
    ):
        fit_uplift(replace(seen, kept=seen.kept & seen.treated), rng=np.random.default_rng(0))
