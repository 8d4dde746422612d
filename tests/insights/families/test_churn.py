import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from retention.insights.datasets import Facts
from retention.insights.families.churn import ChurnFamily, bands_of, model_of
from retention.insights.families.family import Learned, TooLittle, Verdict, silent
from retention.insights.models import ChurnDefinition
from retention.learning.panel import Kind
from tests.insights import world
from tests.insights.families.candidates import (
    as_champion,
    learn,
    only,
    shuffled,
    with_array,
    with_metrics,
)
from tests.make import NOW

pytestmark = pytest.mark.django_db
FAMILY = ChurnFamily()
WHOLE = os.environ.get("FAULTS") == "whole"


@pytest.fixture(scope="module")
def candidate(facts: Facts) -> Learned:
    return learn(FAMILY, facts)


@pytest.fixture(scope="module")
def of_nonsense(facts: Facts) -> Learned:
    """Learned where customers were drawn for the orders."""
    return learn(FAMILY, shuffled(facts))


def judge(learned: Learned, facts: Facts, champion: Learned | None = None) -> Verdict:
    rival = as_champion(champion) if champion else None
    return FAMILY.judge(learned, rival, facts, at=world.END)


def test_the_first_good_model_serves_and_says_how_good_it_is(
    candidate: Learned, facts: Facts
) -> None:
    verdict = judge(candidate, facts)

    assert verdict.promote
    assert verdict.words.startswith(
        "The first of its kind. It tells who leaves from who stays better than RFM does (AUC +0."
    )


def test_without_events_it_says_what_is_missing(facts: Facts) -> None:
    nothing = FAMILY.learn(only(facts, slice(0)), at=world.END, progress=silent)

    assert nothing == TooLittle("Needs orders of customers, has none yet.")


def test_with_too_little_past_it_says_how_much_more(facts: Facts) -> None:
    five_weeks = only(facts, facts.second < facts.second.min() + 37 * 86_400)

    outcome = FAMILY.learn(five_weeks, at=world.END, progress=silent)

    assert outcome == TooLittle("Too little data: needs 6 months of orders, has 5 weeks.")


def test_where_everybody_was_lost_there_is_nothing_to_learn(facts: Facts) -> None:
    end = (world.END - timedelta(days=130)).timestamp()
    silence = only(facts, (facts.kind != Kind.PURCHASE) | (facts.second < end))

    outcome = FAMILY.learn(silence, at=world.END, progress=silent)

    assert isinstance(outcome, TooLittle)
    assert "customers who came back for test, has 0" in outcome.message


def test_a_model_of_shuffled_outcomes_is_refused_also_where_nothing_serves(
    of_nonsense: Learned, facts: Facts
) -> None:
    verdict = judge(of_nonsense, shuffled(facts))

    assert not verdict.promote
    assert verdict.words.startswith("Does not rank customers clearly better than chance: AUC 0.")


@pytest.mark.faults
def test_models_of_shuffled_outcomes_are_refused_every_time(facts: Facts) -> None:
    for seed in range(200 if WHOLE else 2):
        nonsense = shuffled(facts, seed=seed)
        assert not judge(learn(FAMILY, nonsense), nonsense).promote, seed


def test_a_model_of_shuffled_outcomes_does_not_replace_a_good_one(
    of_nonsense: Learned, candidate: Learned, facts: Facts
) -> None:
    # On shuffled outcomes a confident model loses every duel: the floor must come first.
    assert not judge(of_nonsense, shuffled(facts), candidate).promote


def test_a_better_model_replaces_a_worse_one(
    candidate: Learned, of_nonsense: Learned, facts: Facts
) -> None:
    verdict = judge(candidate, facts, of_nonsense)

    assert verdict.promote
    assert verdict.words.startswith(
        "Better than version 1: its risks were nearer to what happened, on "
    )
    assert "(log loss −" in verdict.words


def nothing_of(learned: Learned) -> dict[str, Any]:
    """The arrays of a model that says 50% of everyone."""
    return {name: 0 * learned.arrays[name] for name in ("intercept", "effects", "missing")}


def test_a_worse_model_does_not_replace_a_better_one(candidate: Learned, facts: Facts) -> None:
    thrice = {name: 3 * candidate.arrays[name] for name in ("effects", "missing")}
    overconfident = with_array(candidate, **thrice)

    verdict = judge(overconfident, facts, candidate)

    assert not verdict.promote
    assert verdict.words.startswith("Worse than version 1: its risks were further from")


def test_the_duel_is_fought_where_the_figures_were_measured(
    candidate: Learned, facts: Facts
) -> None:
    # Who says 50% of everyone has a log loss of log 2, whatever happens.
    coin = with_array(candidate, **nothing_of(candidate))
    ahead = candidate.metrics["log_loss"]["value"] - np.log(2)

    verdict = judge(candidate, facts, coin)

    assert f"(log loss −{-ahead:.4f} [" in verdict.words


def test_the_same_model_again_changes_nothing(candidate: Learned, facts: Facts) -> None:
    verdict = judge(candidate, facts, candidate)

    assert verdict.words.startswith("No different from version 1: its risks are the same on ")
    assert "(log loss 0.0000 [0.0000, 0.0000], below 0 is better)" in verdict.words


def test_another_definition_of_churn_is_another_question(candidate: Learned, facts: Facts) -> None:
    meta = candidate.parameters["model"] | {"min_orders": 3}
    before = replace(candidate, parameters=dict(candidate.parameters) | {"model": meta})

    verdict = judge(candidate, facts, before)

    assert verdict.promote
    assert "definition of churn changed" in verdict.words


@pytest.mark.parametrize("name", ["effects", "knots", "intercept", "missing"])
def test_a_model_with_nan_in_it_is_refused(candidate: Learned, facts: Facts, name: str) -> None:
    broken = np.full_like(candidate.arrays[name], np.nan)

    verdict = judge(with_array(candidate, **{name: broken}), facts)

    assert verdict == Verdict(False, f"Its {name} are not all numbers.")


def test_a_model_that_says_the_same_of_everyone_is_refused(
    candidate: Learned, facts: Facts
) -> None:
    verdict = judge(with_array(candidate, **nothing_of(candidate)), facts)

    assert verdict == Verdict(False, "Says 50% of everyone: it tells nobody apart.")


@pytest.mark.parametrize("metric", ["auc", "over_rfm", "ece"])
def test_a_quality_that_is_not_known_is_not_good_enough(
    candidate: Learned, facts: Facts, metric: str
) -> None:
    unknown = {"value": np.nan, "low": np.nan, "high": np.nan}

    assert not judge(with_metrics(candidate, **{metric: unknown}), facts).promote


def test_worse_than_rfm_is_refused(candidate: Learned, facts: Facts) -> None:
    below = {"value": -0.08, "low": -0.12, "high": -0.04}

    verdict = judge(with_metrics(candidate, over_rfm=below), facts)

    assert verdict.words == "Ranks customers worse than RFM (AUC −0.080 [−0.120, −0.040])."


def test_probabilities_far_from_what_happened_are_refused(candidate: Learned, facts: Facts) -> None:
    off = {"value": 0.31, "low": 0.28, "high": 0.34}

    verdict = judge(with_metrics(candidate, ece=off), facts)

    assert verdict.words == "Its probabilities miss what happened by 31% on average."


def test_a_serving_model_whose_features_are_gone_makes_way(
    candidate: Learned, facts: Facts
) -> None:
    meta = candidate.parameters["model"]
    old = meta | {"features": [*meta["features"][1:], "orders_by_fax"]}
    before = replace(candidate, parameters=dict(candidate.parameters) | {"model": old})

    assert judge(candidate, facts, before).words == "Version 1 needs features that are gone."


def test_the_window_is_what_was_seen(candidate: Learned, facts: Facts) -> None:
    assert candidate.window == facts.window
    assert candidate.window[1] < world.END


def test_a_model_of_own_gaps_answers_another_question_and_says_which(
    candidate: Learned, facts: Facts
) -> None:
    ChurnDefinition.objects.create(pk=1, overdue_times=2, updated_at=NOW)

    learned = learn(FAMILY, facts)

    assert model_of(dict(learned.parameters), dict(learned.arrays)).definition.overdue_times == 2
    assert "definition of churn changed" in judge(learned, facts, candidate).words


def test_bands_are_suggested_where_nobody_set_any(candidate: Learned) -> None:
    bands = bands_of(candidate.parameters)

    assert {"medium": bands.medium, "high": bands.high} == candidate.parameters["bands"]


def test_bands_that_an_operator_sets_count_from_the_next_scoring_on(candidate: Learned) -> None:
    ChurnDefinition.objects.create(pk=1, medium_from=0.4, high_from=0.7, updated_at=NOW)

    bands = bands_of(candidate.parameters)

    assert (bands.medium, bands.high) == (0.4, 0.7)
