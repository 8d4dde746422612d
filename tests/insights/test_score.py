from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit

from customers.models import Event
from customers.services.consent import record_consents
from retention.insights.datasets import local_day, read_facts
from retention.insights.families.churn import model_of
from retention.insights.models import ChurnDefinition, ChurnScore, ModelVersion
from retention.insights.services.score import score_everyone
from retention.insights.serving import load_champion
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import audience
from tests import make
from tests.insights import world
from tests.insights.conftest import Customers
from tests.make import NOW

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("learned"),
]
AT = world.END


def everything() -> list[Any]:
    return list(ChurnScore.objects.order_by("customer").values())


def objects_to_analytics(customer: int) -> None:
    record_consents({(customer, "ANALYTICS"): False}, source="test", at=AT)


def test_everyone_of_the_audience_has_one_score_and_nobody_else() -> None:
    facts = read_facts(purpose="ANALYTICS", before=AT)
    model = model_of(*load_champion("CHURN")[1:])  # type: ignore[index]  # it serves
    asked = audience(facts.panel(), model.definition, cut_off=local_day(AT))

    scored = ChurnScore.objects.values_list("customer", flat=True)

    assert sorted(scored) == facts.customers.ids_of(asked.astype(np.int32)).tolist()


def test_a_score_says_of_how_many_days_it_is_the_risk() -> None:
    assert set(ChurnScore.objects.values_list("horizon_days", flat=True)) == {60}


def test_reasons_add_up_from_the_base_to_the_probability_in_every_row() -> None:
    rows = ChurnScore.objects.all()

    said = [expit(r.base_log_odds + sum(x["effect"] for x in r.reasons)) for r in rows]

    assert np.allclose(said, [row.churn_probability for row in rows], rtol=0, atol=1e-9)


def test_all_contributions_are_the_whole_log_odds() -> None:
    facts = read_facts(purpose="ANALYTICS", before=AT)
    model = model_of(*load_champion("CHURN")[1:])  # type: ignore[index]  # it serves
    day = local_day(AT)
    asked = audience(facts.panel(), model.definition, cut_off=day)
    table = behaviour(facts.panel(), cut_off=day, customers=asked)

    whole = model.base + model.contributions(table).sum(axis=1)

    assert np.allclose(whole, logit(model.probability(table)), rtol=0, atol=1e-9)


def test_reasons_come_strongest_first_with_the_fact_in_words() -> None:
    reasons = ChurnScore.objects.order_by("-churn_probability")[0].reasons

    told = [abs(reason["effect"]) for reason in reasons if reason["feature"] != "rest"]
    assert told == sorted(told, reverse=True)
    assert reasons[0]["effect"] > 0
    assert any(word in reasons[0]["sentence"] for word in ("day", "order", "visit"))


def test_one_reason_of_a_customer_sets_them_apart_and_it_raises_the_risk() -> None:
    for row in ChurnScore.objects.all():
        marked = [reason for reason in row.reasons if reason["sets_apart"]]
        raising = [r for r in row.reasons if r["effect"] > 0 and r["feature"] != "rest"]
        assert len(marked) == bool(raising)
        assert all(reason in raising for reason in marked)
        assert row.main_reason in [reason["sentence"] for reason in marked or row.reasons]


def test_bands_follow_the_probability() -> None:
    highest = {
        row["churn_band"]: row["churn_probability"]
        for row in ChurnScore.objects.order_by("churn_probability").values()
    }

    assert highest["LOW"] < highest["MEDIUM"] < highest["HIGH"]


def test_an_operators_thresholds_count_without_a_new_training() -> None:
    ChurnDefinition.objects.create(pk=1, medium_from=0.01, high_from=0.02, updated_at=NOW)

    score_everyone(at=AT)

    assert not ChurnScore.objects.filter(churn_probability__gte=0.02).exclude(churn_band="HIGH")


def test_scoring_twice_leaves_the_same_rows() -> None:
    before = everything()

    score_everyone(at=AT)

    assert everything() == before


def test_an_objector_loses_the_score_also_as_of_the_same_moment() -> None:
    who = ChurnScore.objects.order_by("pk")[0].customer_id
    objects_to_analytics(who)

    score_everyone(at=AT)

    assert not ChurnScore.objects.filter(customer=who).exists()


def test_from_the_moment_of_objecting_the_score_is_shown_to_nobody() -> None:
    who = ChurnScore.objects.order_by("pk")[0].customer_id

    objects_to_analytics(who)

    assert not ChurnScore.objects.consented().filter(customer=who).exists()


def test_who_objects_while_scores_are_written_gets_none() -> None:
    who = ChurnScore.objects.order_by("pk")[0].customer_id
    ChurnScore.objects.all().delete()

    score_everyone(at=AT, progress=lambda done, *_: objects_to_analytics(who) if done else None)

    assert ChurnScore.objects.count() > 100
    assert not ChurnScore.objects.filter(customer=who).exists()


def test_who_leaves_the_audience_loses_the_score() -> None:
    Event.objects.filter(kind="PURCHASE").update(occurred_at=AT - timedelta(days=390))
    stays = ChurnScore.objects.order_by("pk")[0].customer_id
    make.event(customer_id=stays, occurred_at=AT - timedelta(days=1))

    assert score_everyone(at=AT) == 1
    assert ChurnScore.objects.get().customer_id == stays


def test_without_a_single_event_nobody_has_a_score() -> None:
    Event.objects.all().delete()

    assert score_everyone(at=AT) == 0
    assert not ChurnScore.objects.exists()


def test_the_shops_calendar_says_on_which_day_the_next_order_is_expected(settings: Any) -> None:
    ModelVersion.objects.filter(kind="VALUE").update(state="ARCHIVED")
    row = ChurnScore.objects.exclude(expected_date_of_next_order=None)
    settings.TIME_ZONE = "Pacific/Kiritimati"  # 14 hours ahead: there it is tomorrow.

    score_everyone(at=AT + timedelta(hours=12))

    assert row.order_by("expected_date_of_next_order")[0].expected_date_of_next_order == (
        date.fromordinal(AT.toordinal() + 1)
    )


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_an_order_of_an_hour_ago_counts_wherever_the_shop_is(settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    who = make.customer()
    make.event(customer=who, occurred_at=AT - timedelta(hours=1))

    score_everyone(at=AT)

    assert ChurnScore.objects.get(customer=who).historic_clv == 1200


def test_value_is_net_of_returns_and_in_the_shops_currency(shop: Customers) -> None:
    score = ChurnScore.objects.order_by("-historic_clv")[0]
    lines = Event.objects.filter(customer=score.customer_id)

    bought = sum(line.amount or 0 for line in lines.filter(kind="PURCHASE"))
    returned = sum(line.amount or 0 for line in lines.filter(kind="RETURN"))

    assert score.historic_clv == bought - returned
    assert score.currency == "GBP"


def test_a_value_has_its_bounds_its_model_and_the_chance_of_an_order() -> None:
    serving = ModelVersion.objects.get(kind="VALUE", state="CHAMPION")
    rows = ChurnScore.objects.values_list(
        "predicted_clv_low", "predicted_clv", "predicted_clv_high", "probability_of_order"
    )

    low, clv, high, again = np.array(rows, dtype=float).T

    assert set(ChurnScore.objects.values_list("value_version", flat=True)) == {serving.pk}
    assert (low <= high).all()
    assert ((low <= clv) & (clv <= high))[high > 0].mean() > 0.95
    assert ((again > 0) & (again < 1)).all()


def test_without_a_value_model_everyone_is_worth_what_their_pace_says() -> None:
    before = ChurnScore.objects.in_bulk(field_name="customer_id")
    ModelVersion.objects.filter(kind="VALUE").update(state="ARCHIVED")

    score_everyone(at=AT)

    row = ChurnScore.objects.order_by("-predicted_clv")[0]
    assert (row.value_version, row.predicted_clv_low, row.probability_of_order) == (
        None,
        None,
        None,
    )
    assert row.predicted_clv > 0
    assert row.churn_probability == before[row.customer_id].churn_probability


def test_a_broken_value_model_keeps_nobody_from_a_risk() -> None:
    ModelVersion.objects.filter(kind="VALUE").update(checksum="0" * 64)

    assert score_everyone(at=AT) > 100
    assert not ChurnScore.objects.exclude(value_version=None).exists()


def test_the_likely_to_leave_are_expected_to_order_less() -> None:
    risk, orders = np.array(
        ChurnScore.objects.values_list("churn_probability", "predicted_number_of_orders")
    ).T

    assert np.corrcoef(risk, orders)[0, 1] < -0.3
    assert (orders >= 0).all()


def test_without_a_model_scores_from_before_stay() -> None:
    before = everything()
    ModelVersion.objects.update(state="ARCHIVED")

    assert score_everyone(at=AT + timedelta(days=1)) == 0
    assert everything() == before


def test_a_score_tells_the_risk_of_each_week_as_it_was_seen_then() -> None:
    now = {row.customer_id: row.risk_by_week for row in ChurnScore.objects.all()}

    score_everyone(at=AT - timedelta(days=21))

    then = {row.customer_id: row.churn_probability for row in ChurnScore.objects.all()}
    both = then.keys() & now.keys()
    assert len(both) > 50
    assert {who: now[who][-8:-6] for who in both} == {
        who: f"{int(100 * then[who]):02}" for who in both
    }
    assert any("--" in written for written in now.values())


def test_a_score_keeps_what_the_scoring_before_said_also_when_it_is_begun_again() -> None:
    before = dict(ChurnScore.objects.values_list("customer", "churn_probability"))
    next_day = AT + timedelta(days=1)

    score_everyone(at=next_day)
    once = everything()
    score_everyone(at=next_day)

    for one in once:
        assert one["former_probability"] == before.get(one["customer_id"])
    assert [one["former_probability"] for one in everything()] == [
        one["former_probability"] for one in once
    ]


def test_what_another_model_said_before_is_not_what_a_risk_rose_from() -> None:
    before = dict(ChurnScore.objects.values_list("customer", "churn_probability"))
    other = make.model_version(number=99, state="ARCHIVED")
    ChurnScore.objects.update(version=other, churn_probability=0.01)

    score_everyone(at=AT + timedelta(days=1))

    former = dict(ChurnScore.objects.values_list("customer", "former_probability"))
    assert former == {who: pytest.approx(before[who]) if who in before else None for who in former}
