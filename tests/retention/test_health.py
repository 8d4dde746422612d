import pytest
from django.test import Client
from django.utils import timezone

from retention.jobs.registry import QUEUES
from retention.jobs.services.beat import beat

pytestmark = pytest.mark.django_db


def test_a_process_that_answers_is_alive(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_without_workers_the_product_is_behind_and_says_so(client: Client) -> None:
    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert "No worker serves the queue 'default'." in answer.json()["problems"]


def test_with_a_worker_for_every_queue_it_is_ready(client: Client) -> None:
    beat("worker", queues=QUEUES, at=timezone.now())

    assert client.get("/health/ready").json()["status"] == "ok"
