import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each endpoint under a name of its own.

    With pytest 9.2 schemathesis gives all of them one node id, and of tests with one id
    `pytest -n` with xdist runs one and says nothing of the others.
    """
    for item in items:
        if item.name.endswith("]") and item.id.params is None:
            item._id = item.id.with_params(item.name.partition("[")[2][:-1])
    if len({item.nodeid for item in items}) < len(items):
        raise pytest.UsageError("Two tests have one node id, of which only one would run.")
