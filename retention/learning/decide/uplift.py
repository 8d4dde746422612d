"""Whom an offer changes, learned from the assignments of past campaigns."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import expit

from retention.learning.churn.classifiers import AdditiveLogit, Arrays
from retention.learning.measure.targeting import effect_scores, qini
from retention.learning.panel import BoolArray, FloatArray, IntArray

FOLDS: Final = 5
WEIGHTS: Final = tuple(step / 10 for step in range(11))
SMOOTHING: Final = 15.0
_FEWEST: Final = 20
"""Customers with an outcome of each kind that an arm needs before curves are drawn from it."""


class TooFewOutcomes(ValueError):
    """An arm has too few who stayed, or too few who left, to learn what tells them apart."""


@dataclass(frozen=True)
class Experiment:
    """Customers of randomised campaigns, a row each.

    x : (n, m) what was known of them when they were drawn; nan is allowed.
    treated : (n,). probability : (n,) with which they were to be treated, between 0 and 1.
    kept : (n,) whether they ordered again.
    """

    x: FloatArray
    treated: BoolArray
    probability: FloatArray
    kept: BoolArray

    def __len__(self) -> int:
        return len(self.x)

    def of(self, rows: BoolArray | IntArray) -> "Experiment":
        """Some of the rows."""
        return Experiment(self.x[rows], self.treated[rows], self.probability[rows], self.kept[rows])


@dataclass(frozen=True)
class _Arms:
    """One model an arm: the T-learner of Kuenzel and others (2019)."""

    control: AdditiveLogit
    treated: AdditiveLogit

    @classmethod
    def fit(cls, seen: Experiment, *, rng: Generator) -> Self:
        return cls(
            *(
                AdditiveLogit(smoothing=SMOOTHING).fit(seen.x[arm], seen.kept[arm], rng=rng)
                for arm in (~seen.treated, seen.treated)
            )
        )

    def shares(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Probability of being kept without an offer and with one, (n,) each."""
        return expit(self.control.log_odds(x)), expit(self.treated.log_odds(x))


@dataclass(frozen=True)
class Mixture:
    """How the two opinions of whom to treat are joined, and what that means in shares kept.

    weight : of the difference between the arms; the rest goes to how likely they come with an
        offer. centre, scale : (2,) of the two, so that they can be added.
    level, slope : the change of the share kept is level + slope x the joined score; slope is never
        negative, and 0 where the ranking says nothing.
    """

    weight: float
    centre: FloatArray
    scale: FloatArray
    level: float
    slope: float

    def score(self, base: FloatArray, offered: FloatArray) -> FloatArray:
        """(n,) from the shares kept without an offer and with one."""
        return _join(self.weight, _two(base, offered), self.centre, self.scale)

    def uplift(self, base: FloatArray, offered: FloatArray) -> FloatArray:
        """(n,) change of the probability of being kept, within what a probability can change."""
        change = self.level + self.slope * self.score(base, offered)
        return np.clip(change, -base, 1 - base)


@dataclass(frozen=True)
class Uplift:
    """What an offer changes: a model an arm, joined by what held-out customers said.

    Ranking by the difference between the arms was best in one of Hillstrom's two experiments, by
    the response alone in the other. Which it is, the data at hand decides: the mixture's weight is
    the one whose ranking has the largest Qini on customers whom neither model saw.
    """

    arms: _Arms
    mixture: Mixture

    def base(self, x: FloatArray) -> FloatArray:
        """Probability of being kept without an offer, (n,)."""
        return self.arms.shares(x)[0]

    def score(self, x: FloatArray) -> FloatArray:
        """By which to rank, (n,)."""
        return self.mixture.score(*self.arms.shares(x))

    def uplift(self, x: FloatArray) -> FloatArray:
        """Change of the probability of being kept that an offer makes, (n,), -1 to 1."""
        return self.mixture.uplift(*self.arms.shares(x))

    def arrays(self) -> Arrays:
        """Everything that was learned, as plain arrays."""
        arrays: Arrays = {}
        for name, model in (("control", self.arms.control), ("treated", self.arms.treated)):
            arrays |= {f"{name}_{key}": array for key, array in model.arrays().items()}
        one = self.mixture
        arrays["centre"], arrays["scale"] = one.centre, one.scale
        arrays["line"] = np.array([one.weight, one.level, one.slope])
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The fitted model again; it says the same bit for bit."""
        models = [
            AdditiveLogit.from_arrays(
                {
                    key.removeprefix(f"{name}_"): array
                    for key, array in arrays.items()
                    if key.startswith(f"{name}_")
                }
            )
            for name in ("control", "treated")
        ]
        weight, level, slope = (float(value) for value in arrays["line"])
        centre, scale = arrays["centre"].astype(np.float64), arrays["scale"].astype(np.float64)
        return cls(_Arms(*models), Mixture(weight, centre, scale, level, slope))


def fit_uplift(seen: Experiment, *, rng: Generator, folds: int = FOLDS) -> Uplift:
    """Learn whom an offer changes; raises TooFewOutcomes.

    Two fits a fold and two for the whole: 20,000 customers x 9 features take about 2 s.
    """
    _refuse(seen)
    fold = _folds(seen, folds, rng)
    base, offered = np.empty(len(seen)), np.empty(len(seen))
    for number in range(folds):
        out = fold == number
        base[out], offered[out] = _Arms.fit(seen.of(~out), rng=rng).shares(seen.x[out])
    effects = effect_scores(
        seen.kept.astype(np.float64),
        seen.treated,
        seen.probability,
        expected=offered,
        expected_control=base,
    )
    return Uplift(_Arms.fit(seen, rng=rng), _mix(base, offered, effects))


def _mix(base: FloatArray, offered: FloatArray, effects: FloatArray) -> Mixture:
    """The weight with the largest area on held-out customers, and the line through its score."""
    both = _two(base, offered)
    centre, scale = both.mean(axis=0), np.maximum(both.std(axis=0), 1e-12)
    areas = [qini(_join(weight, both, centre, scale), effects).value for weight in WEIGHTS]
    weight = WEIGHTS[int(np.argmax(areas))]
    score = _join(weight, both, centre, scale)
    spread = float(score.var())
    bend = float(np.mean((score - score.mean()) * effects)) / spread if spread > 0 else 0.0
    slope = max(bend, 0.0)
    return Mixture(weight, centre, scale, float(effects.mean() - slope * score.mean()), slope)


def _two(base: FloatArray, offered: FloatArray) -> FloatArray:
    return np.column_stack([offered - base, offered])


def _join(weight: float, both: FloatArray, centre: FloatArray, scale: FloatArray) -> FloatArray:
    joined: FloatArray = ((both - centre) / scale) @ np.array([weight, 1 - weight])
    return joined


def _folds(seen: Experiment, folds: int, rng: Generator) -> IntArray:
    """(n,) each one's fold, with about equal parts of each arm's kept and lost in every fold."""
    fold = np.empty(len(seen), dtype=np.int64)
    for cell in range(4):
        rows = np.flatnonzero(seen.treated * 2 + seen.kept == cell)
        fold[rng.permutation(rows)] = np.arange(len(rows)) % folds
    return fold


def _refuse(seen: Experiment) -> None:
    for name, arm in (("control", ~seen.treated), ("treated", seen.treated)):
        for what, many in (("kept", seen.kept[arm].sum()), ("lost", (~seen.kept[arm]).sum())):
            if many < _FEWEST:
                raise TooFewOutcomes(
                    f"Of the {name} customers it may learn from, {many} were {what};"
                    f" {_FEWEST} are needed."
                )


class Response(StrEnum):
    """What an offer does to somebody, in the field's four words."""

    PERSUADABLE = "PERSUADABLE"
    SURE_THING = "SURE_THING"
    LOST_CAUSE = "LOST_CAUSE"
    SLEEPING_DOG = "SLEEPING_DOG"


def responses(base: FloatArray, uplift: FloatArray, *, worth: float) -> NDArray[np.str_]:
    """Which of the four each customer is expected to be, (n,).

    worth : from this change on, an offer persuades; below zero it drives away; between the two
    whoever is likelier than not to come comes anyway, and the rest is lost.
    """
    unmoved = np.where(base >= 0.5, Response.SURE_THING.value, Response.LOST_CAUSE.value)
    calm = np.where(uplift < 0, Response.SLEEPING_DOG.value, unmoved)
    return np.where((uplift >= worth) & (uplift > 0), Response.PERSUADABLE.value, calm)
