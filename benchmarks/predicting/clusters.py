"""PRED-6: groups of customers keep their names from month to month, and follow who changes.

On simulated shops, where it is known who behaves as before: nobody was changed, or half of the
busy customers stopped ordering and half of the silent ones woke. k-means run again is the peer.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from benchmarks.bars import Bars
from benchmarks.predicting import crowd
from benchmarks.predicting.simulated import buyers, opened
from retention.learning.features import FeatureTable
from retention.learning.panel import BoolArray, FloatArray, IntArray
from retention.learning.recommend.threads import one_blas_thread
from retention.learning.segment.clusters import CLUSTER_FEATURES, Clusters, Space, fit_clusters
from retention.learning.segment.profiles import profiles
from retention.learning.simulate import EventBatch, Shop

SEEDS, CUSTOMERS = 5, 5_000
QUICK_SEEDS, QUICK_CUSTOMERS = 1, 2_000
OPEN_DAYS, MONTH = 850, 30
BUSY_ORDERS, SILENT_DAYS = 3, 90
"""Busy: so many orders in 90 days. Silent: no order for so many days, and not gone for good."""
STOPPED, WOKEN = 0.0, 10.0
"""What the rate of orders is multiplied by."""
KEPT: Final = 0.9


@dataclass(frozen=True)
class Trained:
    """A training: who there was, the groups, and each customer's group and its name, (n,)."""

    table: FeatureTable
    clusters: Clusters
    groups: IntArray
    names: dict[int, str]

    @classmethod
    def of(cls, table: FeatureTable, *, seed: int, before: "Trained | None" = None) -> "Trained":
        """As the nightly training learns: from the serving groups where there are any."""
        rng = np.random.default_rng(seed)
        fitted = fit_clusters(table, rng=rng, previous=before.clusters if before else None)
        groups = fitted.clusters.assign(table, before=before.group_of(table) if before else None)
        told = profiles(table, groups, names=before.names if before else None)
        return cls(table, fitted.clusters, groups, {one.id: one.name for one in told})

    def group_of(self, table: FeatureTable) -> IntArray:
        """The group each customer of another table was in, (n,), -1 for none."""
        known = dict(zip(self.table.customers.tolist(), self.groups.tolist(), strict=True))
        return np.array([known.get(who, -1) for who in table.customers.tolist()])

    def named(self, table: FeatureTable) -> list[str]:
        """What the group is called that each customer of another table is in."""
        return [self.names[group] for group in self.group_of(table).tolist()]


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Several shops a month apart; then how groups are found among very many."""
    seeds, customers = (QUICK_SEEDS, QUICK_CUSTOMERS) if quick else (SEEDS, CUSTOMERS)
    with one_blas_thread():
        found = [_months(seed, customers) for seed in range(seeds)]
    bars.say(f"\nGroups a month later: {seeds} simulated shops of {customers:,} customers")
    for words in found[0]:
        each = [one[words] for one in found]
        bars.say(f"  {words:68} {np.mean(each):6.3f}   {' '.join(f'{x:.3f}' for x in each)}")
    bars.at_least("PRED-6-kept-in-the-worst-shop", min(one[SAME] for one in found), KEPT)
    bars.at_least("PRED-6-followed-who-stopped", min(one[STOPS] for one in found), KEPT)
    if not quick:
        crowd.run(bars)


SAME: Final = "nobody was changed: in the same named group"
BESIDE: Final = "half of the busy stop, half of the silent wake: the others keep theirs"
STOPS: Final = "  of those who stopped, in another group"


def _months(seed: int, customers: int) -> dict[str, float]:
    """Every figure of one shop, shares of customers known at both trainings."""
    shop = opened(customers, seed=seed)
    past = [shop.advance(shop.day + OPEN_DAYS)]
    first = Trained.of(buyers(past, customers, day=shop.day), seed=seed)
    stopped, woken = _changed(shop, first.table, np.random.default_rng(seed))
    plain, other = shop.fork(), shop.fork()
    other.change_rate(first.table.customers[stopped], factor=STOPPED)
    other.change_rate(first.table.customers[woken], factor=WOKEN)
    stable, changed = (_later(one, past, first, customers, seed) for one in (plain, other))
    moved, drawn = changed.group_of(first.table) != first.groups, stable.group_of(first.table)
    ordered = _ordered_since(changed, first) >= 2
    return (
        {"groups": float(len(first.clusters)), "groups a month later": float(len(stable.clusters))}
        | {SAME: float(np.mean(np.array(stable.named(first.table)) == first.named(first.table)))}
        | _against(stable, first, seed)
        | {
            BESIDE: float(np.mean(~moved[~stopped & ~woken])),
            STOPS: float(np.mean(moved[stopped])),
            "  the same people, had they not stopped": float(
                np.mean((drawn != first.groups)[stopped])
            ),
            "  of those who woke and ordered twice, in another group": float(
                np.mean(moved[woken & ordered])
            ),
        }
    )


def _changed(
    shop: Shop, table: FeatureTable, rng: np.random.Generator
) -> tuple[BoolArray, BoolArray]:
    """Half of the busy and half of the silent customers who have not left, (n,) each."""
    here = shop.state.left_day[table.customers] > shop.day
    half = rng.random(len(here)) < 0.5
    busy = here & (table.column("orders_90") >= BUSY_ORDERS)
    silent = here & (table.column("days_since_last_order") > SILENT_DAYS)
    return busy & half, silent & half


def _later(
    shop: Shop, past: list[EventBatch], first: Trained, customers: int, seed: int
) -> Trained:
    """The training after a month more."""
    parts = [*past, shop.advance(shop.day + MONTH)]
    return Trained.of(buyers(parts, customers, day=shop.day), seed=100 + seed, before=first)


def _ordered_since(later: Trained, first: Trained) -> FloatArray:
    """Orders of the month between, of the customers of the first training."""
    known = np.isin(later.table.customers, first.table.customers)
    return later.table.column("orders_30")[known]


def _against(later: Trained, first: Trained, seed: int) -> dict[str, float]:
    """What less than all of it, and scikit-learn alone, would have kept."""
    known = later.table.take(np.isin(later.table.customers, first.table.customers))
    nearest = later.clusters.assign(known)
    served = first.clusters.assign(known)
    one, two = (_again(table, len(first.clusters), seed) for table in (first.table, later.table))
    two = two[np.isin(later.table.customers, first.table.customers)]
    overlap = np.zeros((len(first.clusters),) * 2)
    np.add.at(overlap, (one, two), 1)
    best = overlap[linear_sum_assignment(-overlap)].sum() / len(one)
    return {
        "  the nearest group only": float(np.mean(nearest == first.groups)),
        "  the nearest of the first training's groups: they moved themselves": float(
            np.mean(served == first.groups)
        ),
        "  scikit-learn's KMeans run again, groups by their number": float(np.mean(one == two)),
        "  the same, the numbers matched as suits it best": float(best),
    }


def _again(table: FeatureTable, k: int, seed: int) -> IntArray:
    """scikit-learn's k-means on the same features, with nothing of a training before."""
    points = Space.of(table, CLUSTER_FEATURES).place(table)
    # Another night draws other numbers.
    search = KMeans(k, n_init=10, random_state=seed + len(table.customers))
    labels: IntArray = search.fit_predict(points).astype(np.int64)
    return labels
