from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from customers.models import Customer, Event
from retention.insights import artifacts
from retention.insights.models import ModelVersion, ModelWatch
from retention.insights.services.forget_watches import forget_watches
from retention.insights.services.train import train
from retention.insights.services.watch import should_retrain, watch_churn
from retention.insights.tasks import watch_models
from retention.jobs.models import JobRun
from retention.jobs.registry import Running
from tests import make
from tests.insights import world
from tests.insights.conftest import Customers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("serving")]
TONIGHT = world.END
LEARNED_AT = TONIGHT - timedelta(days=30)


@pytest.fixture(scope="module")
def serving(shop: Customers) -> ModelVersion:
    """Learned a month ago, and serving since."""
    version = train("CHURN", at=LEARNED_AT).version
    assert version.state == "CHAMPION"
    return version


def night(nights: int = 0) -> dict[str, Any]:
    """The job of a night; what it says."""
    return watch_models(Running(at=TONIGHT + timedelta(days=nights), asked_by="the schedule"))


def promise_too_much() -> None:
    """As if the exam had been passed better than anybody could."""
    version = ModelVersion.objects.champions().get()
    version.run.metrics["auc"] = {"value": 1.0, "low": 0.999, "high": 1.0}
    version.run.save()


def most_stop_ordering() -> None:
    """For two months, all but a few."""
    since = TONIGHT - timedelta(days=61)
    few = Customer.objects.order_by("pk").values("pk")[:30]
    Event.objects.filter(kind="PURCHASE", occurred_at__gte=since).exclude(customer__in=few).delete()


def test_a_month_later_without_change_nothing_is_wrong_and_nobody_trains() -> None:
    assert night() == {"version": 1, "decays": []}
    assert not JobRun.objects.filter(job="insights.train").exists()


def test_a_night_keeps_what_moved_and_what_became_of_old_predictions() -> None:
    seen = watch_churn(at=TONIGHT)
    assert seen is not None
    matured = seen.figures["matured"]

    assert seen.on == TONIGHT.date()
    # The last event fell short of midnight: the day before is the last whole one.
    assert matured["predicted_on"] == str((TONIGHT - timedelta(days=61)).date())
    assert matured["happened"]["low"] <= matured["said"] <= matured["happened"]["high"]
    assert len(seen.figures["features"]) == 32
    assert 0 < seen.figures["scores"]["index"] < 0.25


def test_where_most_stop_ordering_it_alarms_and_asks_for_one_training() -> None:
    most_stop_ordering()

    first, second = night(), night(1)

    assert {"OTHER_CUSTOMERS", "LEVEL"} <= set(first["decays"])
    assert first["training"] == second["training"]
    assert JobRun.objects.get(job="insights.train").arguments["kind"] == "CHURN"


def test_a_training_that_failed_has_seen_nothing() -> None:
    most_stop_ordering()
    seen = watch_churn(at=TONIGHT)
    assert seen is not None

    make.training_run(state="FAILED", learned_at=TONIGHT)
    assert should_retrain(seen)

    make.training_run(state="DONE", learned_at=TONIGHT)
    assert not should_retrain(seen)


def test_a_ranking_that_was_promised_and_is_not_kept_is_an_alarm() -> None:
    promise_too_much()

    assert night()["decays"] == ["RANKING"]


def test_a_version_that_promised_nothing_is_watched_all_the_same() -> None:
    version = ModelVersion.objects.champions().get()
    version.run.metrics["auc"] = {"value": None, "low": None, "high": None}
    version.run.save()

    assert night()["decays"] == []


def test_where_this_nights_training_saw_the_same_none_is_asked_for() -> None:
    promise_too_much()
    make.training_run(kind="CHURN", learned_at=TONIGHT)

    seen = watch_churn(at=TONIGHT)

    assert seen is not None
    assert not should_retrain(seen)


def test_a_night_that_is_watched_twice_leaves_one_row() -> None:
    first, second = watch_churn(at=TONIGHT), watch_churn(at=TONIGHT)

    assert first == second == ModelWatch.objects.get()


def test_an_older_model_is_held_against_outcomes_alone() -> None:
    version = ModelVersion.objects.champions().get()
    parameters, arrays = artifacts.load(version.path, version.checksum)
    kept = {name: np.asarray(a) for name, a in arrays.items() if not name.startswith("reference")}
    stored = artifacts.store("older", parameters=parameters, arrays=kept)
    ModelVersion.objects.filter(pk=version.pk).update(path=stored.path, checksum=stored.checksum)

    seen = watch_churn(at=TONIGHT)

    assert seen is not None
    assert (seen.figures["scores"], seen.figures["features"]) == (None, [])
    assert seen.figures["matured"]["customers"] > 0


def test_where_no_model_serves_there_is_nothing_to_watch() -> None:
    ModelVersion.objects.update(state="ARCHIVED")

    assert night() == {"message": "No churn model serves, or nobody has ordered lately."}
    assert not ModelWatch.objects.exists()


def test_after_a_year_a_night_is_forgotten() -> None:
    watch_churn(at=TONIGHT)

    assert forget_watches(at=TONIGHT + timedelta(days=400)) == 0
    assert forget_watches(at=TONIGHT + timedelta(days=401)) == 1
