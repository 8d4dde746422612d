"""The rules of the house that a machine can check."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from importlinter.cli import lint_imports

from retention.env import PROJECT_DIR

PACKAGES = ("retention", "catalog", "customers", "campaigns")
LONGEST_FILE, LONGEST_FUNCTION = 300, 40


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in (PROJECT_DIR / package).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path


def test_imports_point_down() -> None:
    result = lint_imports(config_filename=str(PROJECT_DIR / "pyproject.toml"), no_cache=True)

    assert result == 0


def test_importing_the_learning_package_loads_no_framework() -> None:
    loads = "import retention.learning.recommend.als"

    assert loaded(loads, among=("django", "celery", "rest_framework")) == "[]"


def test_a_process_starts_without_what_only_training_needs() -> None:
    """Imported where a model learns: they were half of the start and a third of the memory."""
    starts = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'retention.settings';"
        "import django; django.setup(); import retention.urls"
    )

    assert loaded(starts, among=("sklearn", "scipy.optimize", "scipy.stats", "pandas")) == "[]"


def loaded(code: str, *, among: tuple[str, ...]) -> str:
    script = f"{code}\nimport sys\nprint([name for name in {among!r} if name in sys.modules])"
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_no_file_outgrows_its_room() -> None:
    too_long = [str(p) for p in sources() if p.read_text().count("\n") > LONGEST_FILE]

    assert too_long == []


def test_no_function_outgrows_its_room() -> None:
    too_long = [
        f"{path.relative_to(PROJECT_DIR)}: {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]

    assert too_long == []


def test_services_never_ask_what_time_it_is() -> None:
    askers = [
        str(path.relative_to(PROJECT_DIR))
        for path in sources()
        if "services" in path.parts or "learning" in path.parts
        if "timezone.now" in path.read_text() or "datetime.now" in path.read_text()
    ]

    assert askers == []


def test_no_drawer_is_called_miscellaneous() -> None:
    vague = {"utils.py", "helpers.py", "common.py", "base.py", "manager.py", "misc.py"}

    assert [str(path) for path in sources() if path.name in vague] == []
