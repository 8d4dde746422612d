import os
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from tests import make
from tests.live import live_database

__all__ = ["live_database"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: begun last, they would keep one core while the other waits."""
    items.sort(key=lambda item: item.get_closest_marker("faults") is None)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A real server that speaks Redis's protocol. `manage.py test` starts it."""
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.fail("This test needs Redis: run it through `python3 manage.py test`.")
    return url


@pytest.fixture(autouse=True)
def numbers_from_one() -> None:
    make.count_anew()


@pytest.fixture
def at_noon() -> Iterator[None]:
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser in which ada, who may do everything, is signed in."""
    client.force_login(make.user(username="ada"))
    return client
