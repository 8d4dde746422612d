import numpy as np
import pytest

from retention.learning.churn.classifiers import AdditiveLogit
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import ChurnDefinition, outcome
from retention.learning.churn.model import Audience, ChurnModel
from tests.learning.churn.shops import DAY_0
from tests.learning.churn.test_following import a_busy_shop


@pytest.fixture(scope="module")
def model() -> ChurnModel:
    seen = outcome(a_busy_shop(), ChurnDefinition(), cut_off=DAY_0 + 300)
    table = behaviour(a_busy_shop(), cut_off=seen.cut_off, customers=seen.customers)
    additive = AdditiveLogit().fit(table.values, seen.lost, rng=np.random.default_rng(0))
    return ChurnModel(
        definition=ChurnDefinition(),
        features=table.names,
        additive=additive,
        audience=Audience.of(additive, table.values),
    )
