import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retention.insights.models import ModelVersion, TrainingRun
from retention.insights.services.prune import KEPT_VERSIONS, prune_versions
from tests import make
from tests.insights import toys
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models")]


def numbers() -> list[int]:
    return sorted(ModelVersion.objects.values_list("number", flat=True))


def folder(models: Path, name: str, *, age: timedelta) -> Path:
    made = models / name
    made.mkdir(parents=True)
    then = (datetime.now(UTC) - age).timestamp()
    os.utime(made, (then, then))
    return made


def test_of_those_that_served_once_the_newest_five_are_kept(models: Path) -> None:
    for n in range(1, 9):
        toys.version(number=n, state="ARCHIVED", promoted_at=NOW)

    removed = prune_versions(at=NOW)

    assert (removed, numbers()) == (3, [4, 5, 6, 7, 8])
    assert len(list(models.iterdir())) == TrainingRun.objects.count() == 5


def test_a_week_of_refused_candidates_leaves_what_can_be_rolled_back_to() -> None:
    toys.version(number=1, state="ARCHIVED", promoted_at=NOW)
    toys.version(number=2, state="CHAMPION", promoted_at=NOW)
    for n in range(3, 11):
        toys.version(number=n, state="REFUSED")

    prune_versions(at=NOW)

    assert numbers() == [1, 2, *range(11 - KEPT_VERSIONS, 11)]


def test_the_champion_stays_however_old() -> None:
    toys.version(number=1, state="CHAMPION", promoted_at=NOW)
    for n in range(2, 9):
        toys.version(number=n, state="ARCHIVED", promoted_at=NOW)

    prune_versions(at=NOW)

    assert numbers() == [1, 4, 5, 6, 7, 8]


def test_a_version_that_a_score_still_names_stays_with_the_score() -> None:
    old = toys.version(number=1, state="ARCHIVED", promoted_at=NOW)
    score = make.churn_score(version=old)
    for n in range(2, 9):
        toys.version(number=n, state="ARCHIVED", promoted_at=NOW)

    prune_versions(at=NOW)

    score.refresh_from_db()
    assert score.version.number == 1


def test_kinds_are_counted_apart() -> None:
    for n in range(1, 4):
        toys.version(number=n, state="REFUSED")
        toys.version(number=n, kind="RFM", state="REFUSED")

    assert prune_versions(at=NOW) == 0


def test_what_a_killed_training_left_is_swept_after_a_day_and_not_before(models: Path) -> None:
    kept = toys.version(number=1)
    os.utime(models / kept.path, (0, 0))
    folder(models, ".tmp-old", age=timedelta(days=2))
    folder(models, ".tmp-young", age=timedelta(hours=2))
    folder(models, "churn-7-orphan", age=timedelta(days=2))

    prune_versions(at=datetime.now(UTC))

    assert {left.name for left in models.iterdir()} == {kept.path, ".tmp-young"}


def test_without_a_folder_there_is_nothing_to_sweep() -> None:
    assert prune_versions(at=NOW) == 0
