import os
import subprocess
import sys
from pathlib import Path

from retention.env import PROJECT_DIR

ASK = "from retention.settings import DATABASES as d; print(d['default']['ENGINE'])"


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    """Compose files pass "DATABASE_URL=" for what nobody set."""
    given = os.environ | {"DATABASE_URL": "", "RETENTION_DATA_DIR": str(tmp_path)}

    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=PROJECT_DIR, env=given, capture_output=True, check=True
    )

    assert said.stdout.split() == [b"django.db.backends.sqlite3"]


def test_a_zone_that_nobody_knows_is_named(tmp_path: Path) -> None:
    given = os.environ | {
        "SHOP_TIME_ZONE": "Europe/Nowhere",
        "RETENTION_DATA_DIR": str(tmp_path),
    }

    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=PROJECT_DIR, env=given, capture_output=True, check=False
    )

    assert b"SHOP_TIME_ZONE is 'Europe/Nowhere'. Give an IANA name" in said.stderr


def test_asking_for_help_leaves_nothing_behind(tmp_path: Path) -> None:
    given = os.environ | {"RETENTION_DATA_DIR": str(tmp_path / "var")}
    given.pop("SECRET_KEY", None)

    said = subprocess.run(
        [sys.executable, "manage.py", "demo", "--help"],
        cwd=PROJECT_DIR,
        env=given,
        capture_output=True,
        check=True,
    )

    assert b"--fresh" in said.stdout
    assert not (tmp_path / "var").exists()
