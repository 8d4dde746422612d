import os

import pytest

from tests import make


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
