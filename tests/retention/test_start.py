"""`manage.py start`: a shop of one's own."""

import socket
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with nothing in it."""
    settings.ARTIFACT_DIR = tmp_path / "models"
    settings.STATIC_ROOT = tmp_path / "static"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "shop.sqlite3"))
    return tmp_path


def start(command: str = "start", **options: Any) -> str:
    out = StringIO()
    call_command(command, only_setup=True, stdout=out, **options)
    return out.getvalue()


def test_an_empty_shop_has_its_first_operator_whose_password_is_said() -> None:
    password = start().split("password ")[1].split()[0]

    assert User.objects.get(is_superuser=True).check_password(password)
    assert not Customer.objects.exists()


def test_the_data_folder_is_made_where_it_is_missing(tmp_path: Path, settings: Settings) -> None:
    settings.ARTIFACT_DIR = tmp_path / "new" / "models"

    start()

    assert (tmp_path / "new").is_dir()


def test_a_second_start_makes_nobody_and_says_how_a_forgotten_password_is_set() -> None:
    start()

    assert "changepassword operator" in start()
    assert User.objects.count() == 1


def test_a_shop_of_ones_own_does_not_begin_in_the_demonstration(folder: Path) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets" / "demo.json").touch()

    with pytest.raises(CommandError, match="--fresh to begin your own shop"):
        start()


def test_the_demonstration_does_not_fill_a_shop_of_ones_own() -> None:
    start()

    with pytest.raises(CommandError, match="operators of its own"):
        start("demo")


@pytest.mark.parametrize("command", ["start", "demo"])
def test_a_taken_port_is_told_before_anything_is_made(command: str, taken: int) -> None:
    with pytest.raises(CommandError, match=f"Port {taken} is taken: say --port {taken + 1}"):
        call_command(command, port=taken)

    assert not User.objects.exists()


def test_a_port_that_there_is_not_is_told() -> None:
    with pytest.raises(CommandError, match="no port 70000"):
        call_command("start", port=70_000)
