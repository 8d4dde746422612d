from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from retention.insights.cards import card_of
from retention.insights.models import ModelVersion, ModelWatch
from retention.insights.watched import decayed, moved, newest_watch, sentences
from tests import make
from tests.insights.test_api import get
from tests.make import NOW

pytestmark = pytest.mark.django_db


def about(value: float, half: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": round(value - half, 3), "high": round(value + half, 3)}


def group(name: str, said: float, happened: float) -> dict[str, Any]:
    return {
        "kind": "orders",
        "group": name,
        "n": 120,
        "said": said,
        "happened": about(happened),
        "auc": {"value": None, "low": None, "high": None},
    }


def serving(**fields: Any) -> ModelVersion:
    """A churn model with what its training measured."""
    metrics = {
        "auc": about(0.77),
        "alarms": ["The level has moved."],
        "by_group": [group("1", 0.6, 0.72), group("5 or more", 0.2, 0.21)],
        "drivers": [{"feature": "days_since_last_order", "effect": 0.9}],
    }
    model = {"horizon_days": 60, "min_orders": 1, "active_within_days": 180}
    run = make.training_run(metrics=metrics, parameters={"model": model})
    return make.model_version(state="CHAMPION", run=run, **fields)


def feature(name: str, index: float, now: float | None, before: float) -> dict[str, Any]:
    return {
        "feature": name,
        "index": index,
        "chance": 0.05,
        "push": -0.4,
        "before": before,
        "now": now,
        "missing_before": 0.0,
        "missing_now": 0.0 if now is not None else 1.0,
    }


def night(version: ModelVersion, *decays: str, back: int = 0) -> ModelWatch:
    """What the watch kept of a night."""
    matured = {
        "predicted_on": "2026-04-02",
        "customers": 1234,
        "said": 0.42,
        "happened": about(0.58, 0.03),
        "auc": about(0.71),
        "log_loss": about(0.6),
        "ece": about(0.15),
        "reliability": [{"n": 120, "said": 0.4, "happened": about(0.5)}],
    }
    features = [
        feature("days_since_last_order", 0.6, 27.0, 14.0),
        feature("average_order", 0.02, 1_300.0, 1_250.0),
    ]
    figures = {
        "customers": 900,
        "said": 0.31,
        "scores": {"index": 0.39, "chance": 0.05},
        "features": features,
        "matured": matured,
        "promised": about(0.77),
    }
    return ModelWatch.objects.create(
        kind=version.kind,
        on=date(2026, 6, 1) - timedelta(days=back),
        version=version,
        number=version.number,
        decays=list(decays),
        figures=figures,
        watched_at=NOW - timedelta(days=back),
    )


def page(operator: Client, version: ModelVersion) -> str:
    return operator.get(
        reverse("admin:insights_modelversion_change", args=[version.pk])
    ).content.decode()


def home(operator: Client) -> str:
    return operator.get(reverse("admin:index")).content.decode()


def test_what_is_wrong_is_a_sentence_with_its_evidence() -> None:
    level, ranking, others = sentences(night(serving(), "LEVEL", "RANKING", "OTHER_CUSTOMERS"))

    assert level == (
        "Of the 1,234 customers of 2 April it expected 42% to leave, and 58% did (55% to 61%): "
        "its percentages do not hold now, its order of customers may."
    )
    assert ranking == (
        "It tells apart who leaves less well than in its exam: AUC 0.71 (0.69 to 0.73) where "
        "0.77 (0.75 to 0.79) was measured."
    )
    assert others == (
        "Its scores lie elsewhere than in its exam: stability index 0.39, and from 0.25 on these "
        "are other customers. What moved most: days since the last order: 27 days in the middle, "
        "14 days in the exam."
    )


def test_only_what_moved_beyond_chance_is_told() -> None:
    assert [one.spec.name for one in moved(night(serving()))] == ["days_since_last_order"]


def test_a_feature_that_is_not_known_any_more_is_told_so() -> None:
    watch = night(serving())
    watch.figures["features"] = [feature("days_since_last_visit", 2.0, None, 3.0)]

    (one,) = moved(watch)

    assert one.sentence == "Days since the last visit: not known of 100%, of 0% in the exam"


def test_a_decayed_model_is_on_the_home_page_until_another_serves(operator: Client) -> None:
    version = serving()
    night(version, "LEVEL", back=1)
    before = home(operator)
    assert "Decayed" in before

    ModelVersion.objects.filter(pk=version.pk).update(state="ARCHIVED")
    serving()

    assert f"{version} is not what it was. Of the 1,234 customers" in before
    assert "is not what it was" not in home(operator)


def test_a_quiet_night_ends_the_alarm() -> None:
    version = serving()
    night(version, "LEVEL", back=1)
    night(version)

    assert decayed() is None


def test_its_page_says_what_is_wrong_what_moved_and_offers_to_learn_again(
    operator: Client,
) -> None:
    version = serving()
    night(version, "RANKING", back=1)
    night(version, "LEVEL")

    seen = page(operator, version)

    assert "it expected 42% to leave, and 58% did" in seen
    assert "less well than in its exam" not in seen
    assert reverse("admin:insights_train", args=["CHURN"]) in seen
    assert "Much, 0.60" in seen


def test_where_it_was_learned_again_the_page_says_what_came_of_it(operator: Client) -> None:
    version = serving()
    night(version, "LEVEL")
    again = make.training_run(learned_at=NOW)
    refused = make.model_version(state="REFUSED", run=again)

    assert f"version {refused.number}, refused" in page(operator, version)


def test_the_card_says_for_whom_it_is_good_and_where_it_is_not() -> None:
    card = card_of(serving())
    assert card is not None

    assert "within 60 days" in card.purpose
    assert [driver.label for driver in card.drivers] == ["Days since the last order"]
    assert "The level has moved." in card.limits
    assert "Orders: 1, it expected 60% to leave and 72% did (70% to 74%)." in card.limits
    assert not any("5 or more" in limit for limit in card.limits)


def test_the_card_is_on_the_page_with_what_the_model_is_never_for(operator: Client) -> None:
    seen = page(operator, serving())

    assert "prices, fees or credit for a person" in seen
    assert "Orders: 5 or more" in seen
    assert "21% (19% to 23%)" in seen


def test_a_version_from_before_has_a_card_without_what_was_not_kept(operator: Client) -> None:
    version = serving()
    version.run.metrics = {"auc": about(0.77)}
    version.run.save()

    assert "the next version has it" in page(operator, version)
    assert newest_watch(version) is None


def test_the_api_answers_the_card_and_the_last_night() -> None:
    version = serving()
    night(version, "LEVEL")

    found = get(f"models/{version.pk}/").json()

    assert found["card"]["groups"][0]["said"] == 0.6
    assert found["card"]["drivers"][0]["words"] == "Days since the last order"
    assert found["watch"]["decays"] == ["LEVEL"]
    assert found["watch"]["matured"]["predicted_on"] == "2026-04-02"
    assert found["watch"]["sentences"][0].startswith("Of the 1,234 customers")


def test_a_model_of_another_kind_has_neither() -> None:
    version = make.model_version(kind="RFM")

    found = get(f"models/{version.pk}/").json()

    assert (found["card"], found["watch"]) == (None, None)
