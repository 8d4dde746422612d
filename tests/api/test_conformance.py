"""The API is what its schema says, and no request makes it fall (promises 19 and 20)."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings

from campaigns.models import Campaign
from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.insights.joining import rule_of
from retention.insights.models import ModelVersion, Segment, TrainingRun
from retention.wsgi import application
from tests.api.shop import JOINING, open_shop
from tests.make import NOW

pytestmark = pytest.mark.django_db
WHOLE = os.environ.get("FAULTS") == "whole"
# Readable and wrong is a 422: what a plan may cost or an event needs is no matter of shape.
ACCEPTED = ["2xx", "401", "403", "404", "409", "422", "429"]
RULES = [
    {"schema": 1, "is": "orders", "at_least": 2, "days": 90},
    {"schema": 1, "any": [{"is": "coupon", "days": 30}, {"not": {"is": "risk", "above": 0.6}}]},
    *(rule_of(JOINING["tree"], leaf, {"is": "rfm_name", "names": ["AT_RISK"]}) for leaf in (1, 2)),
]
"""Sent: a shape that holds itself takes minutes to draw from, and other tests draw rules."""
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]


def schema(mode: str) -> Any:
    """The schema as served. mode : positive sends what it allows, all what it does not too."""
    config = schemathesis.Config.from_dict(
        {
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ACCEPTED},
                "negative_data_rejection": {"expected-statuses": REFUSED},
            },
            # NUL is refused in any text, which a schema cannot say of each; fuzz tests send it.
            "generation": {"mode": mode, "allow-x00": False, "deterministic": not WHOLE},
        }
    )
    served = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    for name, shape in served["components"]["schemas"].items():
        if name.endswith("InRequest") and "rule" in shape.get("properties", {}):
            shape["properties"]["rule"] = {"enum": RULES}
    loaded = schemathesis.openapi.from_dict(served, config=config)
    loaded.app = application
    return loaded


def sending(examples: int, **given: Any) -> settings:
    most = examples * 100 if WHOLE else examples
    healthy = list(HealthCheck)
    return settings(max_examples=most, deadline=None, suppress_health_check=healthy, **given)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As with Django's own test client, a request that ends does not end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key() -> dict[str, str]:
    _, secret = make_key("Shop", scopes=list(Scope.values), at=NOW)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def names() -> dict[str, dict[str, object]]:
    """What the addresses of a shop's things hold, by kind."""
    open_shop()
    return {
        "products": {"external_id": "mug-1"},
        "customers": {"external_id": "c-1042"},
        "coupons": {"code": "K7QM-3TXW-9HRB"},
        "campaigns": {"id": Campaign.objects.latest("pk").pk},
        "models": {"id": ModelVersion.objects.latest("pk").pk},
        "segments": {"id": Segment.objects.latest("pk").pk},
        "training-runs": {"id": TrainingRun.objects.latest("pk").pk},
    }


@schema("all").parametrize()  # type: ignore[untyped-decorator] # it is untyped
@sending(5)
def test_every_endpoint_does_what_the_schema_says(case: Any, key: dict[str, str]) -> None:
    case.call_and_validate(headers=key)


@schema("positive").parametrize()  # type: ignore[untyped-decorator] # it is untyped
@sending(5, phases=[Phase.explicit, Phase.generate])
def test_so_it_does_for_things_that_exist(
    case: Any, key: dict[str, str], names: dict[str, dict[str, object]]
) -> None:
    kind = case.path.split("/")[3]
    case.path_parameters = (
        {**case.path_parameters, **names.get(kind, {})} if "{" in case.path else {}
    )

    case.call_and_validate(headers=key)
