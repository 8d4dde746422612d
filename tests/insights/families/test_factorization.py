from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from retention.insights.datasets import Facts, local_day, read_facts
from retention.insights.families.factorization import (
    FactorizationFamily,
    hybrid_of,
    source_of,
)
from retention.insights.families.family import Learned, TooLittle, Verdict, silent
from retention.learning.panel import Kind
from retention.learning.recommend.choosing import settings
from tests.insights import world
from tests.insights.families.candidates import (
    as_champion,
    learn,
    only,
    shuffled,
    with_array,
    with_metrics,
)

pytestmark = pytest.mark.django_db
FAMILY = FactorizationFamily()
FORGETFUL = {
    "buy_again": {"half_life_days": 0.5},
    "neighbours": {"history_half_life_days": 0.5, "own": 0.0},
    "taste": {"history_half_life_days": 0.5, "factors": 2},
}
"""Options of models that know the last day of a customer and little else."""


@pytest.fixture(scope="module")
def facts(shop: Any) -> Facts:
    return read_facts(purpose="RECOMMENDATION", before=world.END)


@pytest.fixture(scope="module")
def candidate(facts: Facts) -> Learned:
    return learn(FAMILY, facts)


def judge(learned: Learned, facts: Facts, champion: Learned | None = None) -> Verdict:
    rival = as_champion(champion) if champion else None
    return FAMILY.judge(learned, rival, facts, at=world.END)


def refused(verdict: Verdict) -> str:
    """Why it does not serve."""
    assert not verdict.promote
    return verdict.words


def of_recipe(learned: Learned, facts: Facts, **options: Any) -> Learned:
    """The same shop learned by another recipe, as an older release may have served."""
    source, recipe = source_of(facts), settings(options)
    model = source.learn(recipe, source.candidates(recipe), at_day=local_day(world.END))
    ids = {name: learned.arrays[name] for name in ("products", "customers")}
    return replace(
        learned,
        parameters=dict(learned.parameters) | {"hybrid": model.params()},
        arrays=model.arrays() | ids,
    )


def test_the_first_that_beats_popularity_serves(candidate: Learned, facts: Facts) -> None:
    verdict = judge(candidate, facts)

    assert verdict.promote
    assert verdict.words.startswith("The first of its kind, better than popularity (nDCG@10 +0.")


def test_what_was_learned_is_as_good_after_a_journey_through_the_disk(candidate: Learned) -> None:
    champion = as_champion(candidate)
    ada = np.arange(5, dtype=np.int32)

    again = hybrid_of(dict(champion.parameters), dict(champion.arrays)).recommend(ada, k=5)
    before = hybrid_of(dict(candidate.parameters), candidate.arrays).recommend(ada, k=5)

    assert [part.tobytes() for part in again] == [part.tobytes() for part in before]


def test_the_serving_recipe_learned_again_is_recognised(candidate: Learned, facts: Facts) -> None:
    verdict = judge(candidate, facts, candidate)

    assert verdict.promote
    assert verdict.words == "The serving recipe, learned again with newer events."


def test_a_worse_recipe_does_not_replace_a_better_one(candidate: Learned, facts: Facts) -> None:
    worse = of_recipe(candidate, facts, options=FORGETFUL)

    assert refused(judge(worse, facts, candidate)).startswith(
        "Not better than version 1 (nDCG@10 −0."
    )


def test_a_better_recipe_replaces_a_worse_one(candidate: Learned, facts: Facts) -> None:
    verdict = judge(candidate, facts, of_recipe(candidate, facts, options=FORGETFUL))

    assert verdict.promote
    assert verdict.words.startswith("Better than version 1 (nDCG@10 +0.")


def test_where_customers_are_drawn_for_the_orders_it_is_refused(facts: Facts) -> None:
    of_nonsense = learn(FAMILY, shuffled(facts))

    words = refused(judge(of_nonsense, shuffled(facts)))

    assert words.startswith(("Not clearly better than recent popularity", "Answers wrongly"))


def test_as_good_as_popularity_is_not_better(candidate: Learned, facts: Facts) -> None:
    equal = {"value": 0.0, "low": 0.0, "high": 0.0}

    assert not judge(with_metrics(candidate, over_popularity=equal), facts).promote


def test_factors_that_are_no_numbers_are_refused(candidate: Learned, facts: Facts) -> None:
    factors = candidate.arrays["models.taste.product_factors"].copy()
    factors[3, 1] = np.inf

    verdict = judge(with_array(candidate, **{"models.taste.product_factors": factors}), facts)

    assert refused(verdict) == "Its models.taste.product_factors are not all numbers."


def test_a_model_with_nothing_to_show_to_many_is_refused(candidate: Learned, facts: Facts) -> None:
    verdict = judge(with_metrics(candidate, answered=0.6), facts)

    assert refused(verdict) == "Has nothing to show to 40% of the customers asked."


def test_a_model_that_forgets_most_of_the_catalogue_is_refused(
    candidate: Learned, facts: Facts
) -> None:
    narrow = with_metrics(candidate, coverage={"value": 0.05, "low": 0.04, "high": 0.06})

    words = refused(judge(narrow, facts, candidate))

    assert words.startswith("Shows 5.0% of the catalogue where version 1 shows")


def test_without_events_it_says_so(facts: Facts) -> None:
    outcome = FAMILY.learn(only(facts, slice(0)), at=world.END, progress=silent)

    assert outcome == TooLittle("There are no events to judge on.")


def test_with_three_weeks_of_events_it_says_how_many_are_needed(facts: Facts) -> None:
    young = only(facts, facts.second > facts.second.max() - 21 * 86_400)

    outcome = FAMILY.learn(young, at=world.END, progress=silent)

    assert isinstance(outcome, TooLittle)
    assert "need more than 28 days of events, there are" in outcome.message


def test_with_few_who_came_back_it_says_how_many_are_needed(facts: Facts) -> None:
    few = only(facts, facts.customer < 20)

    outcome = FAMILY.learn(few, at=world.END, progress=silent)

    assert isinstance(outcome, TooLittle)
    assert outcome.message.startswith("Needs 30 customers who came back within 28 days, has ")


def test_the_exam_asks_for_purchases_and_never_for_what_was_looked_at(facts: Facts) -> None:
    blind = only(facts, facts.kind == Kind.PURCHASE)

    assert learn(FAMILY, blind).metrics == learn(FAMILY, facts).metrics


def test_it_sees_every_event_up_to_the_moment_on_the_shops_clock(
    facts: Facts, settings: Any
) -> None:
    # Twelve hours behind UTC: a cut-off in UTC would be in the shop's future.
    settings.TIME_ZONE = "Pacific/Pago_Pago"

    learned = learn(FAMILY, facts)

    assert learned.arrays["models.buy_again.at_day"] == local_day(world.END)
    assert learned.arrays["models.buy_again.last"].max() <= local_day(world.END)
