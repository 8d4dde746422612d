"""The API is what its schema says, and no request makes it fall (promises 19 and 20)."""

import os

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)

from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.wsgi import application
from tests.api.shop import open_shop
from tests.make import NOW

WHOLE = os.environ.get("FAULTS") == "whole"
# Readable and wrong is a 422: what a plan may cost or an event needs is no matter of shape.
ACCEPTED = ["2xx", "401", "403", "404", "409", "422", "429"]
config = SchemathesisConfig(
    projects=ProjectsConfig(
        default=ProjectConfig(
            checks=ChecksConfig(
                positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=ACCEPTED)
            ),
            # NUL is refused in any text, which a schema cannot say of each; the fuzz tests send it.
            generation=GenerationConfig(allow_x00=False, deterministic=not WHOLE),
        )
    )
)
schema = schemathesis.openapi.from_dict(
    SchemaGenerator().get_schema(request=None, public=True), config=config
)
schema.app = application


@pytest.fixture
def key() -> str:
    _, secret = make_key("Shop", scopes=list(Scope.values), at=NOW)
    return secret


@schema.parametrize()
@settings(
    max_examples=1000 if WHOLE else 10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.django_db
def test_every_endpoint_does_what_the_schema_says(case: schemathesis.Case, key: str) -> None:
    open_shop()

    case.call_and_validate(headers={"Authorization": f"Bearer {key}"})
