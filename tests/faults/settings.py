"""The product's settings as they are outside tests, with the app of countable jobs."""

from retention.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.work"]  # noqa: F405
