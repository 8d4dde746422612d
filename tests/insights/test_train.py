from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retention.access.models import AuditEntry
from retention.insights.families.family import TooLittle
from retention.insights.families.registry import FAMILIES
from retention.insights.models import Kind, ModelVersion, TrainingRun
from retention.insights.services.train import train
from retention.insights.serving import load_champion
from tests import make
from tests.insights import toys
from tests.insights.toys import LEARNED, Toy
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models")]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    """What learns about churn in this test."""
    family = Toy()
    monkeypatch.setitem(FAMILIES, Kind.CHURN, family)
    return family


def train_churn() -> TrainingRun:
    return train("CHURN", at=NOW, asked_by="ada")


def states() -> dict[int, str]:
    return dict(ModelVersion.objects.values_list("number", "state"))


NO_CAMPAIGNS = (
    "Needs campaigns whose last day to measure has passed, has none yet. Until then an offer is"
    " taken to multiply the odds of an order alike for everyone."
)


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("CHURN", "Needs orders of customers, has none yet."),
        ("VALUE", "Needs orders of customers, has none yet."),
        ("RFM", "Needs orders of customers, has none yet."),
        ("CLUSTERS", "Needs orders of customers, has none yet."),
        ("BASKETS", "Needs orders of customers, has none yet."),
        ("RATINGS", "Needs 1,000 ratings by 50 customers, has 0 by 0."),
        ("FACTORIZATION", "There are no events to judge on."),
        ("UPLIFT", NO_CAMPAIGNS),
    ],
)
def test_an_empty_shop_is_told_what_is_missing(kind: str, missing: str) -> None:
    run = train(kind, at=NOW)

    assert (run.state, run.message, run.error) == ("NOT_ENOUGH_DATA", missing, "")
    assert not ModelVersion.objects.exists()


def test_a_good_candidate_serves_with_all_that_is_known_of_it(toy: Toy) -> None:
    run = train_churn()

    assert (run.state, run.asked_by, run.learned_at) == ("DONE", "ada", NOW)
    assert run.metrics == LEARNED.metrics
    assert run.row_counts == {"events": 1000, "customers": 100}
    assert (run.version.state, run.version.verdict) == ("CHAMPION", "Better.")
    assert load_champion("CHURN")[1] == {"depth": 3}  # type: ignore[index]  # it serves


def test_a_worse_candidate_is_kept_with_the_reason_and_the_old_one_serves(toy: Toy) -> None:
    train_churn()
    toy.good = False

    run = train_churn()

    assert states() == {1: "CHAMPION", 2: "REFUSED"}
    assert run.version.verdict == "Worse."


def test_the_gate_sees_the_serving_model_as_it_is_stored(toy: Toy) -> None:
    train_churn()
    train_churn()

    first, second = toy.rivals
    assert first is None
    assert second
    assert second.number == 1
    assert second.metrics == LEARNED.metrics
    assert second.arrays["weights"].tolist() == [0.5, 1.5]


def test_from_ten_times_fewer_rows_nothing_replaces_the_serving_model(toy: Toy) -> None:
    train_churn()
    toy.learns = toys.of_rows(100)

    run = train_churn()

    assert states() == {1: "CHAMPION", 2: "REFUSED"}
    assert run.version.verdict.startswith("Learned from 100 events where version 1 had 1,000")


def test_a_serving_model_that_cannot_be_read_makes_way_and_it_is_said(
    toy: Toy, models: Path
) -> None:
    broken = train_churn().version
    (models / broken.path / "arrays.npz").write_bytes(b"half")

    run = train_churn()

    assert run.version.verdict == "The serving version cannot be read. Better."
    assert states() == {1: "ARCHIVED", 2: "CHAMPION"}


def test_too_little_data_is_an_answer_and_no_version(toy: Toy) -> None:
    toy.learns = TooLittle("Needs 3 months of orders, has 5 weeks.")

    run = train_churn()

    assert (run.state, run.message) == ("NOT_ENOUGH_DATA", "Needs 3 months of orders, has 5 weeks.")
    assert states() == {}


def test_a_failed_run_records_the_error_and_raises_it(toy: Toy) -> None:
    def fail() -> Any:
        raise ZeroDivisionError("a bug")

    toy.learns = fail

    with pytest.raises(ZeroDivisionError):
        train_churn()

    run = TrainingRun.objects.get()
    assert (run.state, run.error) == ("FAILED", "ZeroDivisionError: a bug")
    assert run.finished_at


def test_where_the_disk_is_full_the_old_model_serves_on(
    toy: Toy, settings: Any, models: Path
) -> None:
    train_churn()
    (models.parent / "full").touch()
    settings.ARTIFACT_DIR = models.parent / "full"

    with pytest.raises(FileExistsError):
        train_churn()

    assert states() == {1: "CHAMPION"}
    assert TrainingRun.objects.order_by("-pk")[0].state == "FAILED"


def test_a_run_that_an_operator_stops_ends_there(toy: Toy) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, total: int, message: str) -> None:
        raise Stopped("Asked to end.")

    with pytest.raises(Stopped):
        train("CHURN", at=NOW, progress=stop)

    assert TrainingRun.objects.get().state == "FAILED"
    assert states() == {}


def test_a_run_that_was_killed_is_buried_by_the_next_of_its_kind(toy: Toy) -> None:
    killed = make.training_run(state="RUNNING")
    of_others = make.training_run(state="RUNNING", kind="RFM")

    train_churn()

    killed.refresh_from_db()
    of_others.refresh_from_db()
    assert (killed.state, of_others.state) == ("FAILED", "RUNNING")
    assert "the worker stopped" in killed.error


def test_the_folder_of_a_killed_run_is_in_nobodys_way(toy: Toy, models: Path) -> None:
    (models / "churn-1").mkdir(parents=True)

    assert train_churn().state == "DONE"


def test_a_version_that_does_not_enter_the_database_leaves_no_folder(
    toy: Toy, models: Path
) -> None:
    toy.learns = replace(LEARNED, window=("not", "moments"))  # type: ignore[arg-type]  # a bug

    with pytest.raises(Exception, match="not"):
        train_churn()

    assert list(models.iterdir()) == []


def test_numbers_that_json_does_not_know_are_unknown(toy: Toy) -> None:
    toy.learns = replace(LEARNED, metrics={"auc": {"value": np.nan, "low": -np.inf, "high": 0.5}})

    run = train_churn()

    run.refresh_from_db()
    assert run.metrics == {"auc": {"value": None, "low": None, "high": 0.5}}


def test_a_long_message_is_cut_and_does_not_fail(toy: Toy) -> None:
    toy.learns = TooLittle("Needs more. " * 100)

    run = train_churn()

    run.refresh_from_db()
    assert len(run.message) == 500


def test_numbers_go_on_after_versions_were_removed(toy: Toy) -> None:
    train_churn()
    ModelVersion.objects.filter(number=1).update(number=41)

    assert train_churn().version.number == 42


def test_a_promotion_by_the_gate_is_in_the_audit_log(toy: Toy) -> None:
    train_churn()

    entry = AuditEntry.objects.get(action="promote")
    assert entry.actor == "the promotion gate"
    assert entry.after == {"serving": 1, "verdict": "Better."}
