"""A contract nobody can break guards nothing: each is broken once, in a copy of the tree."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from retention.env import PROJECT_DIR
from tests.architecture.test_contracts import PACKAGES

TRESPASSES = {
    "The wiring uses everyone; facts know nobody above them": (
        "retention/insights/models.py",
        "import campaigns.models",
    ),
    "Learning is only arithmetic": ("retention/learning/orders.py", "import django.db"),
    "Facts do no arithmetic": ("catalog/models.py", "import numpy"),
    "Everything in retention has its place": ("retention/nobody_placed_me.py", "import json"),
}
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def broken_contracts(tree: Path) -> list[str]:
    """The contracts import-linter calls broken in a tree. Its own process: it imports by name."""
    told = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=tree,
        check=False,
        capture_output=True,
        text=True,
    )
    return re.findall(r"^(.+) BROKEN$", told.stdout, re.MULTILINE)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copy(PROJECT_DIR / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(
            PROJECT_DIR / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__", "*.html"),
        )
    return tmp_path


@pytest.mark.parametrize("contract", TRESPASSES)
def test_a_trespass_breaks_its_contract_and_no_other(contract: str, tree: Path) -> None:
    place, trespass = TRESPASSES[contract]
    with (tree / place).open("a") as source:
        source.write(f"\n{trespass}\n")

    assert broken_contracts(tree) == [contract]


def test_every_contract_has_a_trespass_here() -> None:
    settings = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text())

    contracts = settings["tool"]["importlinter"]["contracts"]
    assert [one["name"] for one in contracts] == list(TRESPASSES)
