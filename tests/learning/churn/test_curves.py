import numpy as np
import pytest

from retention.learning.churn.classifiers import AdditiveLogit
from retention.learning.churn.curves import Curve, curves, in_words
from retention.learning.churn.following import SPECS
from retention.learning.churn.model import ChurnModel

SAID = SPECS["days_since_last_order"]


def curve(at: list[float], effect: list[float]) -> Curve:
    return Curve(SAID, np.array(at), np.array(effect), np.zeros(1), np.zeros(0, dtype=np.int64))


@pytest.mark.parametrize(
    ("at", "effect", "words"),
    [
        ([0, 30, 60, 90], [-1, 0.2, 1, 1.02], "Risk rises until about 60 days, then stays."),
        ([0, 30, 60], [1, 0.5, -1], "Risk falls all the way."),
        ([0, 10, 20, 30], [0, 0, 1, 0],
         "Risk stays until about 10 days, then rises until about 20 days, then falls."),
        ([0, 30, 60], [0.01, 0.0, 0.02], "Makes hardly a difference."),
    ],
)  # fmt: skip
def test_a_curve_in_words(at: list[float], effect: list[float], words: str) -> None:
    assert in_words(curve(at, effect), SAID.say) == words


def test_every_customer_with_a_value_is_under_its_curve(model: ChurnModel) -> None:
    told = curves(model)

    assert [c.range for c in told] == sorted((c.range for c in told), reverse=True)
    silence = next(c for c in told if c.spec.name == "days_since_last_order")
    everyone = model.audience.counts.sum(axis=1).max()
    # The outermost two in a thousand on either side lie beyond the knots.
    assert everyone * 0.95 <= silence.counts.sum() <= everyone


def test_the_density_is_stored_with_the_model_and_an_older_one_has_none(model: ChurnModel) -> None:
    arrays = model.arrays()
    again = ChurnModel.from_parts(arrays, model.meta())
    older = ChurnModel.from_parts(
        {name: a for name, a in arrays.items() if name != "audience_counts"}, model.meta()
    )

    assert isinstance(again.additive, AdditiveLogit)
    assert np.array_equal(again.audience.counts, model.audience.counts)
    assert not older.audience.counts.any()
