from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from customers.models import Customer
from retention.insights.datasets import Facts, read_facts
from retention.insights.models import Kind, TrainingRun
from retention.insights.services.recommend import recommend_to_everyone
from retention.insights.services.score import score_everyone
from retention.insights.services.segment import segment_everyone
from retention.insights.services.train import train
from tests.insights import world

Customers = dict[int, Customer]
Learned = dict[str, TrainingRun]


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Customers]:
    """The simulated shop, put in once for a module and taken out after it; customers by row."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield world.open_shop()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def learned(shop: Customers) -> Learned:
    """Everything learned from the shop and written, once for a module."""
    runs = {kind.value: train(kind, at=world.END) for kind in Kind}
    score_everyone(at=world.END)
    segment_everyone(at=world.END)
    recommend_to_everyone(at=world.END)
    return runs


@pytest.fixture(scope="module")
def facts(shop: Customers) -> Facts:
    """What is known of the customers of the shop who may be analysed."""
    return read_facts(purpose="ANALYTICS", before=world.END)


@pytest.fixture
def models(settings: Any, tmp_path: Path) -> Path:
    """An artifact folder of the test's own."""
    settings.ARTIFACT_DIR = tmp_path / "models"
    return tmp_path / "models"
