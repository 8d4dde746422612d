"""The three lists of processes agree with the queues that jobs may name."""

import json
import re
from typing import Any

import pytest

from campaigns.way_out import unsubscribe_url
from retention.env import PROJECT_DIR
from retention.jobs.registry import QUEUES
from retention.supervisor.embedded import embedded
from tests.architecture.test_contracts import PACKAGES


def served(text: str) -> set[str]:
    return {name for queues in re.findall(r'-Q[", ]+([\w,]+)', text) for name in queues.split(",")}


@pytest.mark.parametrize("file", ["Procfile", "compose.yaml"])
def test_every_queue_has_a_worker_in_production(file: str) -> None:
    assert served((PROJECT_DIR / file).read_text()) == set(QUEUES)


def test_every_queue_has_a_worker_with_nothing_configured() -> None:
    commands = " ".join(word for child in embedded(host="h", port=1) for word in child.argv)

    assert served(commands) == set(QUEUES)


def test_links_in_messages_name_the_port_that_is_served(settings: Any) -> None:
    (here,) = {child.env["LOCAL_URL"] for child in embedded(host="127.0.0.1", port=8123)}
    settings.LOCAL_URL = here

    assert unsubscribe_url("key").startswith("http://127.0.0.1:8123/")


@pytest.mark.parametrize("file", ["Procfile", "compose.yaml"])
def test_training_never_forks(file: str) -> None:
    [line] = re.findall(r".*-Q[\", ]+training\b.*", (PROJECT_DIR / file).read_text())

    assert "--pool=threads" in line


def test_the_compose_file_has_no_secret_of_its_own() -> None:
    text = (PROJECT_DIR / "compose.yaml").read_text()
    given = re.findall(r"(?:PASSWORD|SECRET_KEY|REDISCLI_AUTH): (.*)", text)

    assert given
    assert [value for value in given if not value.startswith("${")] == []


def test_web_and_workers_share_uploads_and_models() -> None:
    text = (PROJECT_DIR / "compose.yaml").read_text()
    image = (PROJECT_DIR / "Dockerfile").read_text()
    (product,) = re.findall(r"^x-product: &product\n((?:  .*\n)+)", text, re.MULTILINE)
    services = dict(re.findall(r"^  (\w+):\n((?:    .*\n)+)", text, re.MULTILINE))
    own = {name for name, lines in services.items() if "<<: *product" in lines}

    assert own == {"release", "web", "worker", "training", "beat"}
    assert 'volumes: ["data:/data"]' in product
    assert [name for name in own if "volumes:" in services[name]] == []
    assert "RETENTION_DATA_DIR=/data" in image


def test_the_image_holds_every_package_and_starts_the_web_as_the_procfile_does() -> None:
    image = (PROJECT_DIR / "Dockerfile").read_text()
    procfile = (PROJECT_DIR / "Procfile").read_text()
    copied = re.findall(r"^COPY (\w+) \1$", image, re.MULTILINE)
    command = " ".join(json.loads(re.findall(r"^CMD (.*)$", image, re.MULTILINE)[0]))

    defaults = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", procfile)
    assert {*PACKAGES, "templates", "static"} == set(copied)
    assert f"web: {command}\n" in defaults
