import json

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from retention.jobs import views
from retention.jobs.models import Heartbeat

GET = RequestFactory().get("/")


def test_a_process_that_answers_is_live() -> None:
    assert views.live(GET).status_code == 200


@pytest.mark.django_db
def test_a_process_with_its_database_is_ready() -> None:
    assert views.ready(GET).status_code == 200


def test_a_process_without_its_database_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError

    monkeypatch.setattr(Heartbeat.objects, "exists", gone)

    assert views.ready(GET).status_code == 503


@pytest.mark.django_db
def test_silence_is_an_alarm_with_words() -> None:
    response = views.work(GET)

    assert response.status_code == 503
    assert "No worker serves the queue 'default'." in json.loads(response.content)["problems"]


@pytest.mark.django_db
def test_health_is_only_read() -> None:
    assert views.work(RequestFactory().post("/")).status_code == 405
