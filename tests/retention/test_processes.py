"""The three lists of processes agree with the queues that jobs may name."""

import re

import pytest

from retention.env import PROJECT_DIR
from retention.jobs.registry import QUEUES
from retention.supervisor.embedded import embedded


def served(text: str) -> set[str]:
    return {name for queues in re.findall(r'-Q[", ]+([\w,]+)', text) for name in queues.split(",")}


@pytest.mark.parametrize("file", ["Procfile", "compose.yaml"])
def test_every_queue_has_a_worker_in_production(file: str) -> None:
    assert served((PROJECT_DIR / file).read_text()) == set(QUEUES)


def test_every_queue_has_a_worker_with_nothing_configured() -> None:
    commands = " ".join(word for child in embedded(host="h", port=1) for word in child.argv)

    assert served(commands) == set(QUEUES)


@pytest.mark.parametrize("file", ["Procfile", "compose.yaml"])
def test_training_never_forks(file: str) -> None:
    [line] = re.findall(r".*-Q[\", ]+training\b.*", (PROJECT_DIR / file).read_text())

    assert "--pool=threads" in line


def test_the_compose_file_has_no_secret_of_its_own() -> None:
    text = (PROJECT_DIR / "compose.yaml").read_text()
    given = re.findall(r"(?:PASSWORD|SECRET_KEY|REDISCLI_AUTH): (.*)", text)

    assert given
    assert [value for value in given if not value.startswith("${")] == []
