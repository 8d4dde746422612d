"""What the serving model says of each of the last weeks, so that it can be told who rose when."""

import numpy as np

from retention.insights.models.churn import WEEKS
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import audience
from retention.learning.churn.model import ChurnModel
from retention.learning.panel import FloatArray, IntArray, Panel

NOBODY = "--"


def risk_by_week(
    panel: Panel, model: ChurnModel, who: IntArray, now: FloatArray, *, cut_off: float
) -> list[str]:
    """Of each of n customers two digits a week, percent, the newest last.

    now : (n,) their probability at the cut-off. Each week before is seen as it was: a model looks
    at nothing after its cut-off. 100,000 customers take as long as scoring them WEEKS - 1 times
    without reasons.
    """
    percent = np.full((panel.n_customers, WEEKS), -1)
    percent[who, -1] = _percent(now)
    for back in range(1, WEEKS):
        asked, risk = seen_on(panel, model, cut_off=cut_off - 7 * back)
        percent[asked, -1 - back] = _percent(risk)
    words = [*(f"{number:02}" for number in range(100)), NOBODY]
    return ["".join([words[number] for number in row]) for row in percent[who].tolist()]


def seen_on(panel: Panel, model: ChurnModel, *, cut_off: float) -> tuple[IntArray, FloatArray]:
    """Whom the model would have asked about then, and what it would have said of each."""
    asked = audience(panel, model.definition, cut_off=cut_off)
    if not len(asked):
        return asked, np.empty(0)
    return asked, model.probability(behaviour(panel, cut_off=cut_off, customers=asked))


def _percent(probability: FloatArray) -> IntArray:
    return np.minimum(100 * probability, 99).astype(np.int64)


def weeks_in(written: str) -> list[int]:
    """The percent of each week that was written so, -1 where nothing was."""
    pairs = (written[place : place + 2] for place in range(0, len(written), 2))
    return [-1 if pair == NOBODY else int(pair) for pair in pairs]
