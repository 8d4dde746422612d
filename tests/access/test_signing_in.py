from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from retention.access.admin.signing_in import TRIES_A_MINUTE
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon", "_forgets")]

URL = "/admin/login/?next=/admin/"
WORD = "a-long-enough-word"


@pytest.fixture
def _forgets() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ben() -> None:
    user = make.user(username="ben")
    user.set_password(WORD)
    user.save()


def tried(client: Client, name: str, word: str = WORD, *, address: str = "192.0.2.1") -> bool:
    """Whether they are in."""
    said = {"username": name, "password": word}
    return client.post(URL, said, REMOTE_ADDR=address).status_code == 302


def guess_on(client: Client, *, times: int) -> None:
    for _ in range(times):
        tried(client, "ben", "a guess")


@pytest.mark.usefixtures("ben")
def test_a_few_typing_errors_do_no_harm(client: Client) -> None:
    guess_on(client, times=TRIES_A_MINUTE - 1)

    assert tried(client, "ben")


@pytest.mark.usefixtures("ben")
def test_beyond_its_tries_not_even_the_right_password_is_looked_at(client: Client) -> None:
    guess_on(client, times=TRIES_A_MINUTE)

    assert not tried(client, "Ben")
    assert not tried(client, "ben")
    answer = client.post(URL, {"username": "ben", "password": WORD}, REMOTE_ADDR="192.0.2.1")
    assert "Too many tries. Wait 60 seconds" in answer.content.decode()


@pytest.mark.usefixtures("ben")
def test_a_stranger_does_not_lock_an_operator_out(client: Client) -> None:
    guess_on(client, times=TRIES_A_MINUTE + 1)

    assert tried(client, "ben", address="198.51.100.7")
