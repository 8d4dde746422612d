"""The chance that a customer buys from a category within days: learned earlier, judged later."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.random import Generator

from retention.learning.measure.classification import Ranked, ece
from retention.learning.measure.intervals import Estimate, bootstrap
from retention.learning.panel import FloatArray, IntArray
from retention.learning.timing.bought import Bought, Known, Shelf, features_of, own_rates, shelf_of

DAYS: Final = 30.0
AUDIENCE: Final = 365.0
"""Asked about: who ordered within so many days."""
_WINDOWS: Final = 3
_LEARNERS: Final = 5_000
_FEWEST_CUSTOMERS: Final = 50
_CHUNK: Final = 5_000
_SURE: Final = 1e-4


@dataclass(frozen=True)
class Shortage:
    """Why no chances can be told, in words."""

    words: str


@dataclass(frozen=True)
class Exam:
    """On the last days, which it had not seen; log losses a customer and category, in nats.

    over_base : against everyone's share in each category. over_own : against each customer's own
        past rate. Below 0 is better. ece : of the chances told.
    """

    customers: int
    log_loss: float
    over_base: Estimate
    over_own: Estimate
    ece: float


@dataclass(frozen=True)
class Chances:
    """A logistic regression over all customers and categories together."""

    mean: FloatArray
    scale: FloatArray
    weights: FloatArray
    intercept: float

    @classmethod
    def fit(cls, features: FloatArray, came: FloatArray) -> Self:
        """features : (m, p), came : (m,) 0 or 1, both there."""
        from sklearn.linear_model import LogisticRegression  # Most of every process's start.

        mean, scale = features.mean(axis=0), features.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        fitted = LogisticRegression(max_iter=300).fit((features - mean) / scale, came)
        return cls(mean, scale, fitted.coef_[0], float(fitted.intercept_[0]))

    def of(self, known: Known, shelf: Shelf) -> FloatArray:
        """The chance of each customer and category, (n, c). Row by row."""
        odds = (features_of(known, shelf) - self.mean) / self.scale @ self.weights
        chance: FloatArray = 1 / (1 + np.exp(-odds - self.intercept))
        return chance.reshape(known.times.shape)


@dataclass(frozen=True)
class Window:
    """What was known at a cut-off of some of its audience, and what came after, (n, c)."""

    known: Known
    shelf: Shelf
    came: FloatArray

    @classmethod
    def of(cls, bought: Bought, *, cut_off: float, rng: Generator) -> Self:
        past = bought.before(cut_off)
        who = past.audience(cut_off=cut_off, days=AUDIENCE)
        if len(who) > _LEARNERS:
            who = np.sort(rng.choice(who, _LEARNERS, replace=False))
        return cls(
            known=Known.of(past, who, cut_off=cut_off),
            shelf=shelf_of(past, cut_off=cut_off, days=DAYS, audience_days=AUDIENCE),
            came=bought.came(who, since=cut_off, days=DAYS),
        )


@dataclass(frozen=True)
class Foreseen:
    """A model and how it did before it had seen the last days."""

    model: Chances
    exam: Exam

    @property
    def is_better(self) -> bool:
        """Better than everyone's share, and than their own past rate, beyond chance."""
        return self.exam.over_base.below_zero and self.exam.over_own.below_zero


def train_chances(bought: Bought, *, cut_off: float, rng: Generator) -> Foreseen | Shortage:
    """Learn on three windows and be asked about the one after them; then learn of the last three.

    100,000 customers and 20 categories with a million lines: see docs/algorithms/category-chances.
    """
    ends = [cut_off - DAYS * (1 + back) for back in range(_WINDOWS + 1)]
    first = bought.order_day.min() if len(bought.order_day) else cut_off
    if ends[-1] - first < DAYS or not bought.n_categories:
        return Shortage(
            f"Needs orders of {DAYS * (_WINDOWS + 2):.0f} days from products with a category."
        )
    windows = [Window.of(bought, cut_off=end, rng=rng) for end in ends]
    if min(len(window.came) for window in windows) < _FEWEST_CUSTOMERS:
        return Shortage(f"Needs {_FEWEST_CUSTOMERS} customers who ordered within a year.")
    if any(not 0 < window.came.mean() < 1 for window in windows):
        return Shortage("In some month nobody bought anything with a category, or everybody all.")
    earlier, last = _learned(windows[1:]), windows[0]
    return Foreseen(_learned(windows[:-1]), _examined(earlier, last, rng))


def chances_at(
    model: Chances, bought: Bought, *, cut_off: float
) -> Iterator[tuple[IntArray, FloatArray, FloatArray]]:
    """Customers (n,), their chances (n, c), and everyone's share (c,): some thousands at a time."""
    past = bought.before(cut_off)
    shelf = shelf_of(past, cut_off=cut_off, days=DAYS, audience_days=AUDIENCE)
    everyone = past.audience(cut_off=cut_off, days=AUDIENCE)
    for start in range(0, len(everyone), _CHUNK):
        some = everyone[start : start + _CHUNK]
        yield some, model.of(Known.of(past, some, cut_off=cut_off), shelf), shelf.base


def _learned(windows: list[Window]) -> Chances:
    features = np.vstack([features_of(window.known, window.shelf) for window in windows])
    return Chances.fit(features, np.concatenate([window.came.ravel() for window in windows]))


def _examined(model: Chances, window: Window, rng: Generator) -> Exam:
    came = window.came
    said = model.of(window.known, window.shelf)
    ours = _losses(came, said)
    base = _losses(came, np.broadcast_to(window.shelf.base, came.shape))
    own = _losses(came, 1 - np.exp(-own_rates(window.known, window.shelf)))
    found = bootstrap(
        len(came),
        {
            "base": lambda weights: float(weights @ (ours - base) / weights.sum()),
            "own": lambda weights: float(weights @ (ours - own) / weights.sum()),
        },
        rng=rng,
    )
    ranked = Ranked(came.ravel() > 0, said.ravel())
    return Exam(
        customers=len(came),
        log_loss=float(ours.mean()),
        over_base=found["base"],
        over_own=found["own"],
        ece=ece(ranked, np.ones(came.size)),
    )


def _losses(came: FloatArray, said: FloatArray) -> FloatArray:
    """Mean surprise of each customer over the categories, in nats, (n,)."""
    chance = np.clip(said, _SURE, 1 - _SURE)
    loss: FloatArray = -np.where(came > 0, np.log(chance), np.log1p(-chance)).mean(axis=1)
    return loss
