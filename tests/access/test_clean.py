from datetime import datetime, timedelta

import pytest

from retention.access.models import IdempotentAnswer
from retention.access.services.clean import forget_answers
from tests.make import NOW

pytestmark = pytest.mark.django_db


def answer(key: str, *, at: datetime) -> IdempotentAnswer:
    return IdempotentAnswer.objects.create(
        client="shop", key=key, request_hash="0" * 64, status=201, created_at=at
    )


def test_answers_are_kept_for_a_week() -> None:
    answer("old", at=NOW - timedelta(days=7, seconds=1))
    recent = answer("recent", at=NOW - timedelta(days=7))

    assert forget_answers(at=NOW) == 1
    assert list(IdempotentAnswer.objects.all()) == [recent]


def test_more_than_one_chunk_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retention.jobs.chunks.CHUNK", 2)
    for number in range(5):
        answer(f"k{number}", at=NOW - timedelta(days=30))

    assert forget_answers(at=NOW) == 5
