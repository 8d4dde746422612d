import time
from datetime import timedelta
from pathlib import Path

import pytest

from retention.access.models import AuditEntry
from retention.insights.models import ChurnDefinition, ModelVersion
from retention.insights.services.promote import NotPromotable, promote, refuse
from tests import make
from tests.insights import toys
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models")]
LATER = NOW + timedelta(hours=1)


def states() -> dict[int, str]:
    return dict(ModelVersion.objects.values_list("number", "state"))


def test_the_new_one_serves_and_the_old_one_is_archived() -> None:
    old = toys.version(number=1, state="CHAMPION")
    new = toys.version(number=2)

    promote(new, at=NOW, actor="ada", verdict="Better.")

    old.refresh_from_db()
    assert states() == {1: "ARCHIVED", 2: "CHAMPION"}
    assert (old.archived_at, new.promoted_at) == (NOW, NOW)


def test_other_kinds_serve_on() -> None:
    other = toys.version(number=1, kind="RFM", state="CHAMPION")

    promote(toys.version(number=1), at=NOW, actor="ada", verdict="Better.")

    other.refresh_from_db()
    assert other.state == "CHAMPION"


def test_rolling_back_is_promoting_what_served_before_and_takes_a_moment() -> None:
    old, new = toys.version(number=1), toys.version(number=2)
    promote(old, at=NOW, actor="gate", verdict="First.")
    promote(new, at=NOW, actor="gate", verdict="Better.")
    old.refresh_from_db()
    began = time.monotonic()

    promote(old, at=LATER, actor="ada", verdict="Chosen by ada.")

    old.refresh_from_db()
    assert states() == {1: "CHAMPION", 2: "ARCHIVED"}
    assert (old.promoted_at, old.archived_at) == (LATER, None)
    assert time.monotonic() - began < 5


def test_what_the_gate_had_said_is_kept_in_the_audit_log() -> None:
    served, refused = toys.version(number=1, state="CHAMPION"), toys.version(number=2)
    refuse(refused, verdict="Not better: +0.01.")
    ada = make.user(username="ada")

    promote(refused, at=NOW, actor="ada", verdict="Chosen by ada.", user=ada)

    entry = AuditEntry.objects.get()
    assert (entry.user, entry.actor) == (ada, "ada")
    assert entry.before == {"serving": served.number, "verdict": "Not better: +0.01."}
    assert entry.after == {"serving": 2, "verdict": "Chosen by ada."}


def test_who_serves_already_is_said_so() -> None:
    version = toys.version(number=3, state="CHAMPION")

    with pytest.raises(NotPromotable, match="Churn v3 serves already"):
        promote(version, at=NOW, actor="ada", verdict="Again.")


def test_a_version_that_was_promoted_meanwhile_serves_already() -> None:
    version = toys.version(number=3)
    ModelVersion.objects.filter(pk=version.pk).update(state="CHAMPION")

    with pytest.raises(NotPromotable, match="serves already"):
        promote(version, at=NOW, actor="ada", verdict="Again.")

    assert not AuditEntry.objects.exists()


def test_a_version_that_was_removed_meanwhile_cannot_serve() -> None:
    serving, version = toys.version(number=1, state="CHAMPION"), toys.version(number=2)
    ModelVersion.objects.filter(pk=version.pk).delete()

    with pytest.raises(NotPromotable, match="was removed meanwhile"):
        promote(version, at=NOW, actor="ada", verdict="Back.")

    serving.refresh_from_db()
    assert serving.state == "CHAMPION"


def test_a_version_that_cannot_be_read_never_serves(models: Path) -> None:
    serving, half = toys.version(number=1, state="CHAMPION"), toys.version(number=2)
    (models / half.path / "arrays.npz").write_bytes(b"half")

    with pytest.raises(NotPromotable, match="its arrays were changed"):
        promote(half, at=NOW, actor="ada", verdict="Back.")

    serving.refresh_from_db()
    assert serving.state == "CHAMPION"


def test_a_model_of_another_meaning_of_leaving_is_not_put_back() -> None:
    learned = {"horizon_days": 60, "min_orders": 1, "active_within_days": 180}
    run = make.training_run(parameters={"model": learned})
    old = toys.version(number=1, state="ARCHIVED", run=run)
    ChurnDefinition.objects.create(pk=1, horizon_days=45, overdue_times=2, updated_at=NOW)

    with pytest.raises(NotPromotable) as refused:
        promote(old, at=NOW, actor="ada", verdict="Back.")

    assert states() == {1: "ARCHIVED"}
    assert "No order within 60 days" in str(refused.value)
    assert "2 times as long as they usually take, at most 45 days" in str(refused.value)
    assert "set “What leaving means” back" in str(refused.value)
