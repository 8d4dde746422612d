"""What makes a group of customers different from the others, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.features import FeatureSpec, FeatureTable
from retention.learning.panel import FloatArray, IntArray

# In standard deviations: about what one sees without counting.
NOTICEABLE: Final = 0.4


@dataclass(frozen=True)
class Trait:
    """One feature of a group beside everyone's.

    difference : of the means, in standard deviations of everyone, on a logarithmic scale.
    value, typical : median of the group and of everyone.
    word : what it is called, "frequent". sentence : "25 orders in the last year; typical is 4".
    """

    feature: str
    label: str
    difference: float
    value: float
    typical: float
    word: str
    sentence: str


@dataclass(frozen=True)
class Profile:
    """A group: how large, what it is called, and its traits, the most different first."""

    id: int
    name: str
    size: int
    share: float
    traits: tuple[Trait, ...]


def profiles(
    table: FeatureTable,
    groups: IntArray,
    *,
    names: Mapping[int, str] | None = None,
    most: int = 5,
    money: Callable[[float], str] | None = None,
) -> tuple[Profile, ...]:
    """A profile of every group, the largest first.

    groups : (n,) the group of each row of the table. names : those already given, by group;
        they stay, and new names differ from them.
    """
    standard = _standardised(table.values)
    typical = _medians(table.values)
    ids, sizes = np.unique(groups, return_counts=True)
    taken = dict(names or {})
    found = []
    for at in np.lexsort((ids, -sizes)):
        here = groups == ids[at]
        traits = _traits(table, standard, here, typical, money)
        name = taken.setdefault(int(ids[at]), _name(traits, set(taken.values())))
        size = int(sizes[at])
        found.append(Profile(int(ids[at]), name, size, size / len(groups), traits[:most]))
    return tuple(found)


def _traits(
    table: FeatureTable,
    standard: FloatArray,
    here: IntArray,
    typical: FloatArray,
    money: Callable[[float], str] | None,
) -> tuple[Trait, ...]:
    difference = _means(standard[here])
    value = _medians(table.values[here])
    order = np.argsort(-np.abs(difference), kind="stable")
    return tuple(
        _trait(table.specs[j], float(difference[j]), float(value[j]), float(typical[j]), money)
        for j in order
        if abs(difference[j]) > 0
    )


def _trait(
    spec: FeatureSpec,
    difference: float,
    value: float,
    typical: float,
    money: Callable[[float], str] | None,
) -> Trait:
    word = spec.high if difference > 0 else spec.low
    sentence = spec.phrase(value, typical=typical, money=money)
    return Trait(spec.name, spec.label, difference, value, typical, word, sentence)


def _name(traits: tuple[Trait, ...], taken: set[str]) -> str:
    """The first two traits that are noticeable; more where another group is called so."""
    words = list(dict.fromkeys(t.word for t in traits if abs(t.difference) >= NOTICEABLE))
    words = words or ["like most"]
    for many in range(2, len(words) + 1):
        name = ", ".join(words[:many]).capitalize()
        if name not in taken:
            return name
    name = ", ".join(words).capitalize()
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(n for n in numbered if n not in taken)


def _standardised(values: FloatArray) -> FloatArray:
    """Signed logarithms with mean 0 and deviation 1; constant or unknown columns are 0."""
    logs = np.sign(values) * np.log1p(np.abs(values))
    known = ~np.isnan(logs)
    many = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, logs, 0.0).sum(axis=0) / many
    centred = np.where(known, logs - mean, 0.0)
    deviation = np.sqrt((centred**2).sum(axis=0) / many)
    out: FloatArray = np.where(
        known, centred / np.where(deviation > 1e-12, deviation, np.inf), np.nan
    )
    return out


def _means(values: FloatArray) -> FloatArray:
    """Column means without nan; 0 where nothing is known."""
    known = ~np.isnan(values)
    total: FloatArray = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return total


def _medians(values: FloatArray) -> FloatArray:
    """Column medians without nan; nan where nothing is known."""
    medians = np.full(values.shape[1], np.nan)
    known = ~np.isnan(values).all(axis=0)
    medians[known] = np.nanmedian(values[:, known], axis=0)
    return medians
