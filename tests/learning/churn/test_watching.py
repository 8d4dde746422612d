from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import outcome
from retention.learning.churn.training import TrainedChurn, train_churn
from retention.learning.churn.watching import Decay, Watched, reference_of, watch
from retention.learning.measure.intervals import Estimate
from retention.learning.measure.stability import Reference
from retention.learning.panel import Kind, Panel
from tests.learning.churn.shops import DAY_0, fading_shop
from tests.learning.churn.test_training import DEFINITION

LEARNED_ON, TONIGHT = DAY_0 + 390, DAY_0 + 420


@cache
def serving() -> TrainedChurn:
    """Learned a month ago."""
    panel = fading_shop().before(LEARNED_ON)
    made = train_churn(panel, DEFINITION, rng=np.random.default_rng(0), resamples=50)
    assert isinstance(made, TrainedChurn)
    return made


@cache
def reference() -> Reference:
    exam = outcome(fading_shop(), DEFINITION, cut_off=serving().plan.test)
    table = behaviour(fading_shop(), cut_off=exam.cut_off, customers=exam.customers)
    return reference_of(serving().model, table)


def look(panel: Panel, *, at: float = TONIGHT) -> Watched:
    found = watch(
        serving().model,
        reference(),
        panel,
        cut_off=at,
        examined=serving().plan.test,
        rng=np.random.default_rng(0),
        resamples=50,
    )
    assert found is not None
    return found


def decays(found: Watched) -> list[Decay]:
    return found.decays(serving().quality.overall.auc)


def everybody_returns(panel: Panel) -> Panel:
    """The silence of every customer of the audience is cut to a third by one more order."""
    last = np.flatnonzero(np.append(np.diff(panel.customer) != 0, True))
    last = last[panel.second[last] >= (TONIGHT - DEFINITION.active_within_days) * 86_400]
    ordered = panel.take(last)
    days = ordered.second / 86_400
    return Panel.of(
        n_customers=panel.n_customers,
        customer=np.concatenate([panel.customer, ordered.customer]),
        kind=np.full(len(panel) + len(last), Kind.PURCHASE),
        day=np.concatenate([panel.second / 86_400, (days + 2 * TONIGHT) / 3]),
        amount=np.concatenate([panel.amount, ordered.amount]),
        product=np.concatenate([panel.product, ordered.product]),
        order=np.concatenate([panel.order, panel.order.max() + 1 + np.arange(len(last))]),
    )


def test_a_month_later_without_change_nothing_is_wrong() -> None:
    assert decays(look(fading_shop())) == []


def test_where_everybody_orders_again_these_are_other_customers() -> None:
    found = look(everybody_returns(fading_shop()))

    assert Decay.OTHER_CUSTOMERS in decays(found)
    silence = next(one for one in found.features[:4] if one.spec.name == "days_since_last_order")
    assert silence.stability.moved_much
    assert silence.push < 0


def test_medians_then_and_now_are_told_of_what_moved() -> None:
    before = {one.spec.name: one for one in look(fading_shop()).features}
    after = {one.spec.name: one for one in look(everybody_returns(fading_shop())).features}

    silence = after["days_since_last_order"]
    assert silence.before == before["days_since_last_order"].before
    assert silence.now < 0.6 * silence.before


def test_old_predictions_are_held_against_what_happened_after_the_days_learned_from() -> None:
    matured = look(fading_shop()).matured
    assert matured is not None
    seen = outcome(fading_shop(), DEFINITION, cut_off=matured.cut_off)

    assert matured.cut_off >= serving().plan.test
    assert matured.happened.value == seen.base_rate
    assert matured.quality.n == len(seen.lost)
    assert matured.miss == 0


def test_where_most_stay_away_the_level_is_off() -> None:
    panel = fading_shop()
    gone = (panel.second >= (TONIGHT - 45) * 86_400) & (panel.customer % 4 > 0)

    assert Decay.LEVEL in decays(look(panel.take(~gone)))


def test_a_ranking_below_what_was_promised_beyond_chance_is_told() -> None:
    found = look(fading_shop())

    assert found.decays(Estimate(0.999, 0.998, 1.0)) == [Decay.RANKING]


def test_days_that_were_learned_from_prove_nothing() -> None:
    early = fading_shop().before(DAY_0 + 380)

    assert look(early, at=DAY_0 + 380).matured is None


def test_a_model_without_its_reference_is_held_against_outcomes_alone() -> None:
    made = serving()

    found = watch(
        made.model,
        None,
        fading_shop(),
        cut_off=TONIGHT,
        examined=made.plan.test,
        rng=np.random.default_rng(0),
        resamples=2,
    )

    assert found is not None
    assert (found.scores, found.features) == (None, ())
    assert found.matured is not None


def test_without_an_audience_there_is_nothing_to_watch() -> None:
    late = TONIGHT + 2 * DEFINITION.active_within_days
    model = replace(serving().model)

    assert (
        watch(
            model,
            reference(),
            fading_shop(),
            cut_off=late,
            examined=serving().plan.test,
            rng=np.random.default_rng(0),
        )
        is None
    )


@pytest.mark.parametrize("days", [7, 14, 21])
def test_nights_in_between_are_quiet_too(days: int) -> None:
    at = LEARNED_ON + days

    assert decays(look(fading_shop().before(at), at=at)) == []
