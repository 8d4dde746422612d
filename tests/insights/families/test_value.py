from dataclasses import replace

import numpy as np
import pytest

from retention.insights.datasets import Facts, local_day
from retention.insights.families.family import Learned, TooLittle, Verdict, silent
from retention.insights.families.value import ValueFamily, value_model_of
from retention.learning.measure.intervals import Estimate
from retention.learning.panel import Kind
from retention.learning.value.rivals import NAMES, Moment
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
FAMILY = ValueFamily()


@pytest.fixture(scope="module")
def candidate(facts: Facts) -> Learned:
    return learn(FAMILY, facts)


def judge(learned: Learned, facts: Facts) -> Verdict:
    return FAMILY.judge(learned, as_champion(learned), facts, at=world.END)


def test_the_way_that_missed_least_serves_and_says_so(candidate: Learned, facts: Facts) -> None:
    verdict = judge(candidate, facts)

    rivals = candidate.metrics["rivals"]
    best = min(rivals, key=lambda one: one["rmse"])
    assert verdict.promote
    assert verdict.words.startswith(f"Of {len(NAMES)} ways, {best['name']} missed orders in")
    assert candidate.parameters["chosen"] == best["key"]


def test_orders_of_customers_drawn_at_random_make_no_model(facts: Facts) -> None:
    outcome = FAMILY.learn(shuffled(facts), at=world.END, progress=silent)

    assert isinstance(outcome, Learned)
    verdict = judge(outcome, facts)
    assert not verdict.promote
    assert "no better than the same number for everyone" in verdict.words


def test_what_is_not_a_number_does_not_serve(candidate: Learned, facts: Facts) -> None:
    broken = with_array(candidate, gamma_gamma=[np.nan, 3.0, 2.0])

    assert judge(broken, facts) == Verdict(False, "Its gamma_gamma are not all numbers.")


def test_a_figure_that_is_unknown_is_no_better_than_everyones(
    candidate: Learned, facts: Facts
) -> None:
    unknown = {"value": np.nan, "low": np.nan, "high": np.nan}

    assert not judge(with_metrics(candidate, over_mean=unknown), facts).promote


def test_a_shop_of_which_little_is_known_is_told_what_is_missing(facts: Facts) -> None:
    lately = facts.second > facts.second.max() - 100 * 86_400

    outcome = FAMILY.learn(only(facts, lately), at=world.END, progress=silent)

    assert outcome == TooLittle("Needs 150 days of orders, has 100.")


def test_orders_without_amounts_say_nothing_of_value(facts: Facts) -> None:
    outcome = FAMILY.learn(
        replace(facts, amount=np.zeros_like(facts.amount)), at=world.END, progress=silent
    )

    assert isinstance(outcome, TooLittle)
    assert "has two orders with an amount" in outcome.message


def test_it_comes_back_from_the_disk_with_the_same_forecasts(
    candidate: Learned, facts: Facts
) -> None:
    kept, serving = as_champion(candidate), facts.panel()
    moment = Moment.of(serving, local_day(world.END))

    model = value_model_of(kept.parameters, dict(kept.arrays))

    said = model.forecast(moment.buying, moment.table, silent_days=60.0)
    bought = np.unique(facts.customer[facts.kind == Kind.PURCHASE])
    assert len(said.spend) == len(bought)
    assert (said.spend > 0).all()
    assert isinstance(Estimate(**candidate.metrics["covered"]), Estimate)
