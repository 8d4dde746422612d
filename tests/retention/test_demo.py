"""`manage.py demo` where something is already."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from retention.demo.fresh import (
    NotReplaceable,
    check_replaceable,
    serving,
    set_aside,
    what_goes,
)
from retention.demo.signing_in import people_file, sign_in
from tests import make

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose shop a demonstration made."""
    settings.ARTIFACT_DIR = tmp_path / "models"
    settings.STATIC_ROOT = tmp_path / "static"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "shop.sqlite3"))
    (tmp_path / "secrets").mkdir()
    for name in ("shop.sqlite3", "shop.sqlite3-wal", "secrets/demo.json", "secrets/secret_key"):
        (tmp_path / name).touch()
    (tmp_path / "models").mkdir()
    return tmp_path


@pytest.mark.django_db
def test_a_file_is_not_ignored_where_a_shop_is_already(folder: Path, tmp_path: Path) -> None:
    make.customer()
    file = tmp_path / "orders.csv"
    file.touch()

    with pytest.raises(CommandError, match=r"--fresh to begin anew.*RETENTION_DATA_DIR"):
        call_command("demo", data=[file], only_setup=True)


def test_a_fresh_start_sets_the_demonstration_aside_and_keeps_the_keys(folder: Path) -> None:
    aside = set_aside(what_goes(), at=NOW)

    moved = {"shop.sqlite3", "shop.sqlite3-wal", "models", "demo.json"}
    assert {path.name for path in aside.iterdir()} == moved
    assert (folder / "secrets" / "secret_key").exists()
    assert what_goes() == []


def test_a_fresh_start_leaves_a_shop_alone_that_no_demonstration_made(folder: Path) -> None:
    people_file().unlink()

    with pytest.raises(NotReplaceable, match="not made by demo"):
        check_replaceable()


def test_a_fresh_start_leaves_other_databases_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "retention")

    with pytest.raises(CommandError, match="DATABASE_URL names retention"):
        call_command("demo", fresh=True, only_setup=True)


def test_a_shop_in_use_is_not_set_aside(folder: Path) -> None:
    with serving(), pytest.raises(NotReplaceable, match="in use"):
        set_aside(what_goes(), at=NOW)

    assert (folder / "shop.sqlite3").exists()


@pytest.mark.django_db
def test_people_of_a_database_that_is_gone_are_made_anew(folder: Path) -> None:
    kept = '{"operator": "anna", "approver": "ben", "password": "x", "api_key": "y"}'
    people_file().write_text(kept)

    assert sign_in(at=NOW).password != "x"
    assert sign_in(at=NOW) == sign_in(at=NOW)
