"""Groups of customers who behave alike, and stay themselves from one training to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray, IntArray
from retention.learning.segment.choice import KChoice, choose_k, k_means

# What a shop's people would group customers by; the rest says the same again.
CLUSTER_FEATURES: Final = (
    "days_since_last_order",
    "orders_365",
    "average_order",
    "products_365",
    "repeat_share",
    "discount_share",
    "returned_share",
    "visit_days_30",
)
# Beyond three standard deviations a customer pulls a centre no further.
_OUTLIER: Final = 3.0
# A centre that moved by more than this part of the way to its neighbour is another group.
_SAME: Final = 0.5
# Who comes so far from their group's centre towards another's has changed; at the border, half
# way, people would be sent to and fro by a visit more or less.
_LEFT: Final = 0.6


@dataclass(frozen=True)
class Space:
    """Where customers are compared: signed logarithms, standardised, unknowns at the median."""

    features: tuple[str, ...]
    fill: FloatArray
    mean: FloatArray
    scale: FloatArray

    @classmethod
    def of(cls, table: FeatureTable, features: Sequence[str]) -> Self:
        """Learned from customers; features that are mostly unknown or all the same are left out."""
        logs = _logs(table.only(features).values)
        useful = (np.isnan(logs).mean(axis=0) <= 0.5) & (_spread(logs) > 0)
        if not useful.any():
            raise ValueError(f"None of {', '.join(features)} differs between these customers.")
        logs = logs[:, useful]
        fill = np.nanmedian(logs, axis=0)
        filled = np.where(np.isnan(logs), fill, logs)
        names = tuple(name for name, keep in zip(features, useful, strict=True) if keep)
        return cls(names, fill, filled.mean(axis=0), np.maximum(filled.std(axis=0), 1e-9))

    def place(self, table: FeatureTable) -> FloatArray:
        """Customers as points, (n, m)."""
        logs = _logs(table.only(self.features).values)
        filled = np.where(np.isnan(logs), self.fill, logs)
        return np.clip((filled - self.mean) / self.scale, -_OUTLIER, _OUTLIER)


@dataclass(frozen=True)
class Clusters:
    """Centres with identities that outlive a training.

    centres : (k, m) in the space. ids : (k,) identity of each. next_id : the first never used.
    """

    space: Space
    centres: FloatArray
    ids: IntArray
    next_id: int

    def __len__(self) -> int:
        return len(self.ids)

    def assign(self, table: FeatureTable, *, before: IntArray | None = None) -> IntArray:
        """The identity of each customer's group, (n,): the nearest, or still the one from before.

        before : (n,) identity of the group each was in, -1 for none. They stay until they are
            six tenths of the way to another.
        """
        points = self.space.place(table)
        nearest = _nearest(points, self.centres)
        if before is None:
            return self.ids[nearest]
        is_there = before[:, None] == self.ids
        old = np.where(is_there.any(axis=1), is_there.argmax(axis=1), nearest)
        return self.ids[np.where(self._way(points, old, nearest) > _LEFT, nearest, old)]

    def _way(self, points: FloatArray, old: IntArray, new: IntArray) -> FloatArray:
        """What part of the way from one centre to another each point has come, (n,)."""
        start, whole = self.centres[old], self.centres[new] - self.centres[old]
        length = np.maximum((whole**2).sum(axis=1), 1e-12)
        way: FloatArray = ((points - start) * whole).sum(axis=1) / length
        return way

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything numeric, as plain arrays."""
        space = self.space
        return {
            "fill": space.fill,
            "mean": space.mean,
            "scale": space.scale,
            "centres": self.centres,
            "ids": self.ids,
        }

    def meta(self) -> dict[str, Any]:
        """Everything else, as JSON."""
        return {"features": list(self.space.features), "next_id": self.next_id}

    @classmethod
    def from_parts(cls, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> Self:
        """The clusters again from `arrays()` and `meta()`."""
        space = Space(tuple(meta["features"]), *(arrays[n] for n in ("fill", "mean", "scale")))
        return cls(space, arrays["centres"], arrays["ids"], meta["next_id"])


@dataclass(frozen=True)
class FittedClusters:
    """Clusters, and how their number was chosen."""

    clusters: Clusters
    choices: tuple[KChoice, ...]


def fit_clusters(
    table: FeatureTable,
    *,
    rng: Generator,
    previous: Clusters | None = None,
    features: Sequence[str] = CLUSTER_FEATURES,
    ks: Sequence[int] = range(3, 9),
) -> FittedClusters:
    """Group customers; with previous clusters, keep their space, number and identities if they fit.

    previous : the serving clusters. Their centres are where the search begins, and their number
        stays unless another fits clearly better; a centre that moved little keeps its identity.
    100,000 customers x 8 features take about 2 s, most of it to choose k on samples.
    """
    keep = previous if previous and set(previous.space.features) <= set(table.names) else None
    space = keep.space if keep else Space.of(table, features)
    points = space.place(table)
    choices, k = choose_k(points, ks=ks, rng=rng, current=len(keep) if keep else None)
    if keep and k == len(keep):
        centres = k_means(points, k, rng=rng, start=keep.centres)
    else:
        centres = k_means(points, k, rng=rng)
    ids, next_id = _identities(centres, keep)
    return FittedClusters(Clusters(space, centres, ids, next_id), choices)


def _identities(centres: FloatArray, previous: Clusters | None) -> tuple[IntArray, int]:
    """Old identities for centres that are old ones moved a little, new ones for the rest."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    if previous is None:
        return np.arange(len(centres)), len(centres)
    ids = np.full(len(centres), -1, dtype=np.int64)
    distance = cdist(previous.centres, centres)
    room = _SAME * _to_neighbour(previous.centres)
    for old, new in zip(*linear_sum_assignment(distance), strict=True):
        if distance[old, new] <= room[old]:
            ids[new] = previous.ids[old]
    fresh = np.flatnonzero(ids < 0)
    ids[fresh] = previous.next_id + np.arange(len(fresh))
    return ids, previous.next_id + len(fresh)


def _to_neighbour(centres: FloatArray) -> FloatArray:
    """From each centre to the nearest other one, (k,)."""
    from scipy.spatial.distance import cdist

    distance = cdist(centres, centres)
    np.fill_diagonal(distance, np.inf)
    nearest: FloatArray = distance.min(axis=1)
    return nearest


def _nearest(points: FloatArray, centres: FloatArray) -> IntArray:
    # |p - c|² without |p|², which is the same for every centre.
    score = (centres**2).sum(axis=1) - 2 * points @ centres.T
    nearest: IntArray = np.argmin(score, axis=1)
    return nearest


def _logs(values: FloatArray) -> FloatArray:
    logs: FloatArray = np.sign(values) * np.log1p(np.abs(values))
    return logs


def _spread(logs: FloatArray) -> FloatArray:
    """Range of each column, 0 where all is unknown."""
    known = ~np.isnan(logs)
    high = np.where(known, logs, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(known, logs, np.inf).min(axis=0, initial=np.inf)
    return np.where(known.any(axis=0), high - low, 0.0)
