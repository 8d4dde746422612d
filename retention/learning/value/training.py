"""From events to a value model, chosen by what came after days that it had not seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from retention.learning.measure.classification import Ranked, ece
from retention.learning.measure.intervals import Estimate, wilson
from retention.learning.panel import FloatArray, Panel
from retention.learning.value.buying import buying
from retention.learning.value.likelihood import NothingToLearn
from retention.learning.value.model import ValueModel
from retention.learning.value.pace import YEAR, NoPace
from retention.learning.value.rivals import (
    NAMES,
    SIMPLEST,
    Moment,
    half_of_the_past,
    learn_rivals,
    opening,
)

Progress = Callable[[int, int, str], None]

_FEWEST_DAYS: Final = 150.0
_FEWEST_CUSTOMERS: Final = 100
_FEWEST_AGAIN: Final = 20
_FEWEST_ORDERS: Final = 100
_STARTS: Final = (1.0, 1.25, 1.5)
"""The exams begin so many of their own lengths before the events end."""
_RESAMPLES: Final = 300
_SECOND: Final = 1 / 86_400


@dataclass(frozen=True)
class ValueShortage:
    """Why no model of value can be chosen yet, in words."""

    words: str


@dataclass(frozen=True)
class Plan:
    """Exams of so many days, from each of these cut-offs on, the latest first."""

    days: float
    cut_offs: tuple[float, ...]


@dataclass(frozen=True)
class Sat:
    """How a rival did, over all exams.

    rmse : of order days a customer. bias : order days expected over those that came, less 1.
    top : share of the order days that came from the tenth expected to order most.
    over_pace : its rmse over that of the pace, less 1, with its interval over customers.
    """

    key: str
    rmse: float
    bias: float
    top: float
    over_pace: Estimate

    @property
    def name(self) -> str:
        """What people call it."""
        return NAMES[self.key]


@dataclass(frozen=True)
class TrainedValue:
    """The chosen model, learned from everything; who sat the exams, the simplest first.

    over_mean : the chosen one's rmse over that of everyone's mean, less 1. covered : share of
    customers whose spend in the latest exam lay within their bounds. order_off : mean distance of
    the probability of an order in it from how often one came, over tenths of the customers.
    """

    model: ValueModel
    chosen: Sat
    sat: tuple[Sat, ...]
    over_mean: Estimate
    covered: Estimate
    order_off: float
    plan: Plan
    customers: int


def train_value(
    panel: Panel, *, cut_off: float, rng: Generator, progress: Progress | None = None
) -> TrainedValue | ValueShortage:
    """Let the rivals sit several exams, and learn the one with the lowest error from everything.

    cut_off : until when the model that serves learns; exams end with the last event.
    100,000 customers with a million events take some minutes.
    """
    plan = plan_exams(panel)
    if isinstance(plan, ValueShortage):
        return plan
    try:
        return _train(panel, plan, cut_off=cut_off, rng=rng, tell=progress or _nobody)
    except (NothingToLearn, NoPace) as nothing:
        return ValueShortage(str(nothing))


def _train(
    panel: Panel, plan: Plan, *, cut_off: float, rng: Generator, tell: Progress
) -> TrainedValue:
    steps, exams = len(plan.cut_offs) + 1, list[_Exam]()
    for done, start in enumerate(plan.cut_offs):
        tell(done, steps, f"Exam {done + 1} of {len(plan.cut_offs)}")
        exams.append(_Exam.held(panel, start, plan.days))
    sat = _judged(exams, rng)
    chosen = min(sat, key=lambda one: one.rmse)
    tell(steps - 1, steps, f"Learning {chosen.name}")
    now = Moment.of(panel, cut_off)
    covered, order_off = _kept_its_word(panel, exams[0], chosen.key, plan.days)
    return TrainedValue(
        model=learn_rivals(panel, now)[chosen.key],
        chosen=chosen,
        sat=sat,
        over_mean=_over_mean(exams, chosen.key, rng),
        covered=covered,
        order_off=order_off,
        plan=plan,
        customers=len(now.customers),
    )


def plan_exams(panel: Panel) -> Plan | ValueShortage:
    """Exams of a third of the history, a year at most; or what is missing for them."""
    end, began = panel.last_day + _SECOND, opening(panel)
    past = 0.0 if np.isnan(began) else end - began
    if past < _FEWEST_DAYS:
        return ValueShortage(f"Needs {_FEWEST_DAYS:.0f} days of orders, has {past:.0f}.")
    days = min(YEAR, past / 3)
    plan = Plan(days, tuple(end - start * days for start in _STARTS))
    first = min(plan.cut_offs)
    then = buying(panel, cut_off=first - half_of_the_past(panel, first))
    known, again = int((then.order_days > 0).sum()), int((then.order_days > 1).sum())
    if known < _FEWEST_CUSTOMERS or again < _FEWEST_AGAIN:
        return ValueShortage(
            f"Needs {_FEWEST_CUSTOMERS} customers, {_FEWEST_AGAIN} with a second order, at the"
            f" beginning of its history; has {known}, and {again} with a second."
        )
    before, after = (buying(panel, cut_off=day) for day in (first, first + days))
    came = float((after.order_days - before.order_days)[before.order_days > 0].sum())
    if came < _FEWEST_ORDERS:
        return ValueShortage(
            f"Needs {_FEWEST_ORDERS} orders of known customers in {days:.0f} days to tell a good"
            f" forecast from a bad one, has {came:.0f}."
        )
    return plan


@dataclass(frozen=True)
class _Exam:
    """One cut-off: the customers known then, what came of them, and what each rival expected."""

    moment: Moment
    models: dict[str, ValueModel]
    came: FloatArray
    expected: dict[str, FloatArray]

    @classmethod
    def held(cls, panel: Panel, start: float, days: float) -> "_Exam":
        moment = Moment.of(panel, start)
        models = learn_rivals(panel, moment)
        expected = {
            key: model.orders.expected(moment.buying, days=days, rate=model.rate(moment.table))
            for key, model in models.items()
        }
        return cls(moment, models, moment.came(panel, days=days), expected)


def _nobody(done: int, total: int, message: str) -> None:
    """Progress that nobody watches."""


def _judged(exams: list[_Exam], rng: Generator) -> tuple[Sat, ...]:
    came = np.concatenate([exam.came for exam in exams])
    who = np.concatenate([exam.moment.customers for exam in exams])
    expected = {
        key: np.concatenate([exam.expected[key] for exam in exams]) for key in exams[0].expected
    }
    pace = (expected[SIMPLEST] - came) ** 2
    return tuple(
        Sat(
            key=key,
            rmse=float(np.sqrt(np.mean((said - came) ** 2))),
            bias=float(said.sum() / came.sum() - 1),
            top=float(np.mean([_top(exam.expected[key], exam.came) for exam in exams])),
            over_pace=_ratio((said - came) ** 2, pace, who, rng),
        )
        for key, said in expected.items()
    )


def _top(said: FloatArray, came: FloatArray) -> float:
    """Share of the orders that came from the tenth expected to order most."""
    most = np.argsort(-said, kind="stable")[: max(1, len(said) // 10)]
    return float(came[most].sum() / max(came.sum(), 1.0))


def _over_mean(exams: list[_Exam], key: str, rng: Generator) -> Estimate:
    errors = [(exam.expected[key] - exam.came) ** 2 for exam in exams]
    same = [(exam.came.mean() - exam.came) ** 2 for exam in exams]
    who = np.concatenate([exam.moment.customers for exam in exams])
    return _ratio(np.concatenate(errors), np.concatenate(same), who, rng)


def _ratio(
    errors: FloatArray, others: FloatArray, who: NDArray[np.int64], rng: Generator
) -> Estimate:
    """Root mean square over another's, less 1, with an interval from resampled customers."""
    _, row = np.unique(who, return_inverse=True)
    sums = np.vstack([np.bincount(row, errors), np.bincount(row, others)])

    def ratio(weights: FloatArray) -> float:
        ours, theirs = (sums @ weights).tolist()
        return float(np.sqrt(ours / max(theirs, 1e-300)) - 1)

    n = sums.shape[1]
    drawn = [ratio(many) for many in rng.poisson(1.0, (_RESAMPLES, n)).astype(np.float64)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(ratio(np.ones(n)), float(low), float(high))


def _kept_its_word(panel: Panel, exam: _Exam, key: str, days: float) -> tuple[Estimate, float]:
    """Share of customers whose spend lay within their bounds; how far off "an order comes" was."""
    moment = exam.moment
    said = exam.models[key].forecast(moment.buying, moment.table, days=days, silent_days=days)
    spend = buying(panel, cut_off=moment.cut_off + days).spend[moment.customers]
    came = np.maximum(spend - moment.buying.spend, 0)
    # Half a minor unit for amounts that are whole where the bounds are not.
    within = (came >= said.spend_low - 0.5) & (came <= said.spend_high + 0.5)
    orders = Ranked(exam.came > 0, 1 - said.silent)
    return wilson(int(within.sum()), len(came)), ece(orders, np.ones(len(came)))
