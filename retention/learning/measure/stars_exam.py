"""Do expected stars come true? Forecast the latest ratings from the ones before them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from retention.learning.interactions import Csr, DoubleArray, Interactions
from retention.learning.measure.intervals import Estimate
from retention.learning.recommend.rated import latest

FEWEST_RATINGS, FEWEST_CUSTOMERS = 1_000, 50
FEWEST_ASKED, ASKED_OF = 200, 30
"""Ratings after the cut-off, and customers who gave them and had rated before it."""
LATEST_SHARE = 0.2
RESAMPLES = 300
MOST_COMPARED = 1_000
"""A customer's ratings are put in order among the first so many: a bot's would fill the memory."""


class StarsModel(Protocol):
    """What foretells stars (k,) of customers, rows of what they gave (n, m), and products."""

    def foretell(
        self, stars: Csr, rows: NDArray[np.integer], products: NDArray[np.integer]
    ) -> DoubleArray: ...


Learn = Callable[[Csr], StarsModel]
"""From the latest stars of each pair (customers, products)."""


@dataclass(frozen=True)
class TooFewStars:
    """Why nothing can be said yet, in words."""

    words: str


@dataclass(frozen=True)
class Sat:
    """One way of foretelling: its error in stars, against one number for all, and its order.

    in_order : of two products that a customer rated differently, the share in which the better
        liked one was foretold more stars; ties count half.
    """

    rmse: Estimate
    over_constant: Estimate
    in_order: Estimate


@dataclass(frozen=True)
class StarsReport:
    """Every way on the same ratings; intervals over customers, drawn with all of theirs.

    gaps : for every way but the first, its error less the first one's: below 0 it is better.
    """

    sat: Mapping[str, Sat]
    gaps: Mapping[str, Estimate]
    ratings: int
    customers: int
    cut_off: float


def examine_stars(
    events: Interactions, ways: Mapping[str, Learn], *, rng: Generator
) -> StarsReport | TooFewStars:
    """Learn before the day after which the latest fifth was given; ask of who had rated before.

    events : weights are stars. ways : by name; the first is the simplest.
    """
    people = len(np.unique(events.customers))
    if len(events) < FEWEST_RATINGS or people < FEWEST_CUSTOMERS:
        return TooFewStars(
            f"Needs {FEWEST_RATINGS:,} ratings by {FEWEST_CUSTOMERS} customers, "
            f"has {len(events):,} by {people:,}."
        )
    cut_off = float(np.floor(np.quantile(events.times, 1 - LATEST_SHARE)))
    known, later = latest(events, cut_off), latest(events.between(cut_off, np.inf), np.inf)
    asked = np.flatnonzero((np.diff(known.indptr) > 0) & (np.diff(later.indptr) > 0))
    given = int(np.diff(later.indptr)[asked].sum())
    if given < FEWEST_ASKED or len(asked) < ASKED_OF:
        return TooFewStars(
            f"Needs {ASKED_OF} customers who rated earlier and again of late, with {FEWEST_ASKED} "
            f"ratings, to see whether forecasts come true; has {len(asked):,} with {given:,}."
        )
    questions = later[asked]
    rows = np.repeat(np.arange(len(asked)), np.diff(questions.indptr))
    said = {
        name: learn(known).foretell(known[asked], rows, questions.indices)
        for name, learn in ways.items()
    }
    return _report(said, known, questions, cut_off, rng)


def _report(
    said: Mapping[str, DoubleArray], known: Csr, later: Csr, cut_off: float, rng: Generator
) -> StarsReport:
    stars = later.data.astype(np.float64)
    owners = np.repeat(np.arange(later.shape[0]), np.diff(later.indptr))
    constant = np.square(known.data.mean() - stars)
    columns = [np.ones(len(stars)), constant]
    for forecast in said.values():
        clipped = forecast.clip(known.data.min(), known.data.max())
        columns += [np.square(clipped - stars), *_in_order(owners, stars, forecast)]
    table = np.stack([np.bincount(owners, each) for each in columns], axis=1).astype(np.float64)
    figures = _resampled(table, rng)
    sat = {name: Sat(*figures[3 * at : 3 * at + 3]) for at, name in enumerate(said)}
    gaps = dict(zip(list(said)[1:], figures[3 * len(said) :], strict=True))
    return StarsReport(sat, gaps, len(stars), len(table), cut_off)


def _resampled(table: NDArray[np.floating], rng: Generator) -> list[Estimate]:
    """Each figure with its bootstrap interval."""
    n = len(table)
    drawn = [_figures(table[rng.integers(n, size=n)].sum(axis=0)) for _ in range(RESAMPLES)]
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    return [
        Estimate(float(value), float(a), float(b))
        for value, a, b in zip(_figures(table.sum(axis=0)), low, high, strict=True)
    ]


def _figures(sums: NDArray[np.floating]) -> DoubleArray:
    """rmse, over_constant, in_order of each way, then the gaps to the first."""
    count, constant = sums[:2]
    squares, right, of = sums[2:].reshape(-1, 3).T
    errors = np.sqrt(squares / count)
    each = np.stack([errors, errors - np.sqrt(constant / count), right / of.clip(1)], axis=1)
    return np.concatenate([each.ravel(), errors[1:] - errors[0]])


def _in_order(
    owners: NDArray[np.integer], stars: DoubleArray, said: DoubleArray
) -> tuple[DoubleArray, DoubleArray]:
    """For each rating (n,): how many of its owner's lower ones were foretold less; of how many.

    owners rise.
    """
    right, of = np.zeros(len(stars)), np.zeros(len(stars))
    for every in np.split(np.arange(len(stars)), np.flatnonzero(np.diff(owners)) + 1):
        rows = every[:MOST_COMPARED]
        lower = stars[rows][:, None] > stars[rows][None, :]
        gap = said[rows][:, None] - said[rows][None, :]
        of[rows] = lower.sum(axis=1)
        right[rows] = (lower * np.heaviside(gap, 0.5)).sum(axis=1)
    return right, of
