from datetime import timedelta

import pytest

from retention.access.models import AuditEntry
from retention.insights.families.registry import FAMILIES
from retention.insights.models import ChurnScore, Kind, ModelVersion, TrainingRun
from retention.insights.refreshing import ask_for_rows, ask_for_training
from retention.insights.services.segment import segment_everyone
from retention.insights.tasks import (
    compute_recommendations,
    remove_old_versions,
    score_customers,
    train_model,
)
from retention.jobs.models import JobRun
from retention.jobs.registry import Running
from tests import make
from tests.insights import toys
from tests.insights.toys import Toy
from tests.jobs.make import performed
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models")]
RUN = Running(at=NOW, asked_by="ada")

YOUNG = {
    "scores": 0,
    "segments": {},
    "send_times": 0,
    "category_chances": 0,
    "category_verdict": "Needs orders of products with a category.",
}


def test_a_training_that_needs_more_data_is_a_job_well_done() -> None:
    said = train_model(RUN, kind="CHURN")

    assert said["state"] == "NOT_ENOUGH_DATA"
    assert said["message"] == "Needs orders of customers, has none yet."
    assert TrainingRun.objects.get().asked_by == "ada"


@pytest.mark.parametrize(("serves", "jobs"), [(True, ["insights.score"]), (False, [])])
def test_the_rows_follow_the_version_that_serves(
    monkeypatch: pytest.MonkeyPatch, serves: bool, jobs: list[str]
) -> None:
    monkeypatch.setitem(FAMILIES, Kind.CHURN, Toy(good=serves))

    performed(ask_for_training("CHURN", at=NOW, asked_by="ada"))

    asked = JobRun.objects.exclude(job="insights.train").values_list("job", flat=True)
    assert list(asked) == jobs


def test_what_a_night_learns_the_nights_own_jobs_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, Kind.CHURN, Toy())

    train_model(Running(at=NOW), kind="CHURN")

    assert not JobRun.objects.exists()


def test_old_data_is_learned_from_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, Kind.CHURN, Toy())
    make.event(customer=make.customer(), occurred_at=NOW - timedelta(days=90))

    train_model(RUN, kind="CHURN")

    version = ModelVersion.objects.get()
    assert version.run.learned_at == NOW - timedelta(days=89)
    assert version.run.started_at == version.created_at == version.promoted_at == NOW
    assert AuditEntry.objects.get().at == NOW


def test_training_looks_no_further_than_the_data_goes() -> None:
    make.event(customer=make.customer(), occurred_at=NOW - timedelta(days=90))

    train_model(RUN, kind="CHURN")

    assert TrainingRun.objects.get().learned_at == NOW - timedelta(days=89)


def test_a_young_shop_is_scored_every_night_and_nothing_fails() -> None:
    assert score_customers(RUN) == YOUNG
    assert segment_everyone(at=NOW) == {}


def test_without_a_model_to_recommend_with_the_night_goes_on() -> None:
    said = compute_recommendations(RUN)

    assert said == {"lists": 0, "message": "No recommendation model serves yet. Train one first."}


def test_the_clean_up_says_how_many_it_removed() -> None:
    for n in range(1, 8):
        toys.version(number=n, state="REFUSED")

    assert remove_old_versions(RUN) == {
        "removed": 2,
        "seen_in_lists": 0,
        "left_segments": 0,
        "watches": 0,
    }


@pytest.mark.parametrize(
    ("kind", "job"),
    [
        ("CHURN", "insights.score"),
        ("VALUE", "insights.score"),
        ("RFM", "insights.score"),
        ("CLUSTERS", "insights.score"),
        ("BASKETS", "insights.associate"),
        ("FACTORIZATION", "insights.recommend"),
        ("UPLIFT", "insights.score"),
        # What is told when it is asked for has no rows to write.
        ("RATINGS", None),
    ],
)
def test_each_kind_has_the_job_that_writes_its_rows(kind: str, job: str | None) -> None:
    asked = ask_for_rows(kind, at=NOW, asked_by="ada")

    assert (asked.job if asked else None) == job


def test_a_worker_runs_a_job_as_it_was_asked_for() -> None:
    waiting = ask_for_rows("CHURN", at=NOW, asked_by="ada")
    assert waiting is not None

    done = performed(waiting)

    assert (done.state, done.result) == (
        JobRun.State.DONE,
        YOUNG,
    )
    assert not ChurnScore.objects.exists()


def test_yesterdays_worker_runs_tomorrows_message() -> None:
    assert train_model(RUN, kind="CHURN", colour="blue")["state"] == "NOT_ENOUGH_DATA"
