import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from rest_framework.test import APIClient

from retention.access.ratelimit import Counter
from retention.settings import REDIS_CACHE
from tests.customers.sending import client
from tests.make import NOW

URL = "/api/v1/products/"


@pytest.fixture(autouse=True)
def _forgets() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def redis_at(url: str) -> RedisCache:
    """The cache of a production that names this Redis."""
    return RedisCache(url, dict(REDIS_CACHE))


def test_each_request_takes_one_of_its_minute() -> None:
    counter = Counter()

    left = [counter.count("shop", limit=2, at=NOW + timedelta(seconds=45)) for _ in range(3)]

    assert [one and one.remaining for one in left] == [1, 0, -1]
    assert [one and one.is_spent for one in left] == [False, False, True]
    assert left[0]
    assert left[0].reset_seconds == 15


def test_the_next_minute_begins_anew_and_clients_do_not_share() -> None:
    counter = Counter()
    counter.count("shop", limit=1, at=NOW)

    later = counter.count("shop", limit=1, at=NOW + timedelta(minutes=1))
    other = counter.count("till", limit=1, at=NOW)

    assert later
    assert other
    assert (later.remaining, other.remaining) == (0, 0)


@pytest.mark.django_db
def test_every_answer_says_where_the_key_stands(settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 10

    answer = client().get(URL)

    assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("10", "9")
    assert 1 <= int(answer["RateLimit-Reset"]) <= 60


@pytest.mark.django_db
def test_beyond_the_limit_a_key_waits_and_others_do_not(settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 2
    shop = client()

    answers = [shop.get(URL) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Content-Type"] == "application/problem+json"
    assert answers[2]["RateLimit-Remaining"] == "0"
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert client().get(URL).status_code == 200


@pytest.mark.django_db
def test_no_limit_counts_nothing(settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 0

    assert "RateLimit-Limit" not in client().get(URL).headers


@pytest.mark.django_db
def test_without_a_key_nothing_is_counted() -> None:
    assert "RateLimit-Limit" not in APIClient().get(URL).headers


@pytest.mark.redis
def test_with_redis_all_processes_count_together(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retention.access.ratelimit.cache", redis_at(redis_url))
    one, other = Counter(), Counter()
    client = f"shop-{time.time_ns()}"

    left = [counter.count(client, limit=9, at=NOW) for counter in (one, other, one)]

    assert [each and each.remaining for each in left] == [8, 7, 6]


def test_a_redis_that_does_not_answer_holds_up_one_request_briefly_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as frozen:
        frozen.bind(("127.0.0.1", 0))
        frozen.listen()
        url = f"redis://127.0.0.1:{frozen.getsockname()[1]}/0"
        monkeypatch.setattr("retention.access.ratelimit.cache", redis_at(url))
        counter, start = Counter(), time.monotonic()

        allowed = [counter.count("shop", limit=1, at=NOW) for _ in range(100)]

    assert allowed == [None] * 100
    assert time.monotonic() - start < 2
