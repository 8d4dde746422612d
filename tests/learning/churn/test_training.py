from functools import cache

import numpy as np

from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import ChurnDefinition, CutOffPlan, DataShortage, outcome
from retention.learning.churn.quality import evaluate
from retention.learning.churn.training import TrainedChurn, fit_churn, train_churn
from tests.learning.churn.shops import DAY_0, fading_shop, orders_on

DEFINITION = ChurnDefinition(horizon_days=45, active_within_days=120)


@cache
def trained() -> TrainedChurn:
    made = train_churn(fading_shop(), DEFINITION, rng=np.random.default_rng(0), resamples=50)
    assert isinstance(made, TrainedChurn)
    return made


def test_a_model_of_customers_who_leave_tells_them_apart() -> None:
    assert trained().quality.overall.auc.low > 0.7


def test_it_ranks_better_than_silence_alone() -> None:
    assert trained().quality.over_recency.above_zero


def test_probabilities_are_about_true_on_the_later_window() -> None:
    overall = trained().quality.overall

    assert overall.ece.value < 0.08
    assert overall.brier.value < overall.base_rate * (1 - overall.base_rate)


def test_the_test_window_lies_after_everything_that_was_learned_from() -> None:
    plan = trained().plan

    assert max(plan.train) + 45 <= plan.choose
    assert plan.choose + 45 <= plan.test


def test_events_after_the_last_horizon_learned_from_do_not_change_the_model() -> None:
    panel = fading_shop()
    plan = trained().plan
    # The same past and another future: nearly everybody leaves on the day of the test.
    stays = panel.customer == panel.customer[np.argmax(panel.second)]
    ends = panel.take((panel.second < plan.test * 86_400) | stays | (panel.customer % 20 == 0))

    again = train_churn(ends, DEFINITION, rng=np.random.default_rng(0), plan=plan, resamples=2)

    assert isinstance(again, TrainedChurn)
    theirs, ours = again.model.arrays(), trained().model.arrays()
    assert all(theirs[name].tobytes() == ours[name].tobytes() for name in ours)


def test_a_model_of_shuffled_outcomes_beats_no_rule_and_says_so() -> None:
    panel, plan, rng = fading_shop(), trained().plan, np.random.default_rng(0)
    seen, later, test = (
        outcome(panel, DEFINITION, cut_off=day) for day in (plan.train[-1], plan.choose, plan.test)
    )
    x, x_later = (
        behaviour(panel, cut_off=at.cut_off, customers=at.customers) for at in (seen, later)
    )

    model, _ = fit_churn(
        x.values,
        rng.permutation(seen.lost),
        x_later,
        rng.permutation(later.lost),
        definition=DEFINITION,
        rng=rng,
    )
    quality = evaluate(model, panel, test, rng=rng, resamples=50)

    assert not quality.over_recency.above_zero
    assert any("RFM" in alarm for alarm in quality.alarms)


def test_too_little_data_is_an_answer_and_not_an_error() -> None:
    made = train_churn(orders_on({0: [0, 30]}), DEFINITION, rng=np.random.default_rng(0))

    assert str(made) == "Too little data: needs 5 months of orders, has 4 weeks."


def test_too_few_customers_are_counted() -> None:
    shop = fading_shop(n_customers=20)

    made = train_churn(shop, DEFINITION, rng=np.random.default_rng(0))

    assert isinstance(made, DataShortage)
    assert any("customers for training" in missing for missing in made.missing)


def test_quality_is_told_by_group_with_the_callers_groups_beside_our_own() -> None:
    panel, model, plan = fading_shop(), trained().model, trained().plan
    test = outcome(panel, DEFINITION, cut_off=plan.test)
    town = np.where(np.arange(panel.n_customers) % 2 == 0, "Paris", "Rome")

    quality = evaluate(
        model, panel, test, rng=np.random.default_rng(0), groups={"town": town}, resamples=20
    )

    towns = [group for group in quality.groups if group.kind == "town"]
    assert [group.group for group in towns] == ["Paris", "Rome"]
    assert sum(group.n for group in towns) == len(test.customers)


def test_small_groups_are_told_together_and_nobody_is_left_out() -> None:
    panel, model, plan = fading_shop(), trained().model, trained().plan
    test = outcome(panel, DEFINITION, cut_off=plan.test)
    town = np.full(panel.n_customers, "Paris", dtype="<U5")
    town[test.customers[:3]], town[test.customers[3:40]] = "Nice", "Rome"

    quality = evaluate(
        model, panel, test, rng=np.random.default_rng(0), groups={"town": town}, resamples=2
    )

    for kind in {group.kind for group in quality.groups}:
        sizes = {group.group: group.n for group in quality.groups if group.kind == kind}
        assert sum(sizes.values()) == len(test.customers)
        assert min(sizes.values()) >= 20
    assert {group.group for group in quality.groups if group.kind == "town"} == {"others", "Paris"}


def test_a_level_that_moved_raises_an_alarm() -> None:
    panel, model, plan = fading_shop(), trained().model, trained().plan
    test = outcome(panel, DEFINITION, cut_off=plan.test)
    nobody_came = type(test)(test.cut_off, test.customers, test.lost | (test.customers % 2 == 0))

    quality = evaluate(model, panel, nobody_came, rng=np.random.default_rng(0), resamples=20)

    assert any("level has moved" in alarm for alarm in quality.alarms)


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int, str]] = []
    plan = CutOffPlan((DAY_0 + 150,), DAY_0 + 200, DAY_0 + 250)

    train_churn(
        fading_shop(),
        DEFINITION,
        rng=np.random.default_rng(0),
        plan=plan,
        resamples=2,
        progress=lambda done, total, message: told.append((done, total, message)),
    )

    assert told[0][:2] == (0, 4)
    assert told[-1] == (4, 4, "done")


def test_the_most_silent_customer_hears_it_as_a_reason() -> None:
    model, plan = trained().model, trained().plan
    table = behaviour(fading_shop(), cut_off=plan.test)
    silent = int(np.nanargmax(table.column("overdue_ratio")))

    (reasons,) = model.reasons(table.take(np.array([silent])), k=2)

    assert reasons[0].raises_risk


def test_the_same_seed_gives_the_same_model() -> None:
    plan = CutOffPlan((DAY_0 + 150,), DAY_0 + 200, DAY_0 + 250)

    one, two = (
        train_churn(fading_shop(), DEFINITION, rng=np.random.default_rng(4), plan=plan, resamples=2)
        for _ in range(2)
    )

    assert isinstance(one, TrainedChurn)
    assert isinstance(two, TrainedChurn)
    assert one.model.additive.effects_.tobytes() == two.model.additive.effects_.tobytes()
    # Figures that are not defined are nan, which equals nothing: they are compared in words.
    assert repr(one.quality) == repr(two.quality)
