"""PRED-6, no bar: how the number of groups is chosen among very many customers, and how firmly."""

import json
import subprocess
import sys
import time
from typing import Final

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from benchmarks.bars import Bars
from benchmarks.predicting.simulated import buyers, opened
from benchmarks.recommending.memory import peak_above
from retention.learning.features import FeatureTable
from retention.learning.recommend.threads import one_blas_thread
from retention.learning.segment.clusters import FittedClusters, fit_clusters

SIZES: Final = (100_000, 1_000_000)
SHOP, OPEN_DAYS = 25_000, 500
JITTER: Final = 0.05


def run(bars: Bars) -> None:
    """In a process of its own, where its memory can be told."""
    run = [sys.executable, "-m", "benchmarks.predicting.crowd", *map(str, SIZES)]
    said = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True).stdout
    bars.say("\nGroups of very many simulated customers, seconds of processor time with one thread")
    for line in said.splitlines():
        told = json.loads(line)
        tried = " · ".join(f"{k}: {shown:.2f}, {back:.2f}" for k, shown, back in told["tried"])
        bars.say(
            f"  {told['customers']:,}: {told['k']} groups, {told['seconds']:.1f} s and"
            f" {told['bytes'] / 1e6:,.0f} MB beyond the features; halves agree on"
            f" {told['halves']:.3f} (adjusted Rand); scikit-learn's KMeans of so many alone"
            f" {told['peer']:.1f} s"
        )
        bars.say(f"    each number's silhouette and stability: {tried}")


def _measured(table: FeatureTable) -> dict[str, object]:
    rng = np.random.default_rng(1)
    fitted: list[FittedClusters] = []
    began = time.process_time()
    peak = peak_above(lambda: fitted.append(fit_clusters(table, rng=rng)))
    seconds = time.process_time() - began
    k, points = len(fitted[0].clusters), fitted[0].clusters.space.place(table)
    halves = np.array_split(rng.permutation(len(points)), 2)
    one, two = (
        fit_clusters(table.take(half), rng=rng, ks=[k]).clusters.assign(table) for half in halves
    )
    began = time.process_time()
    KMeans(k, n_init=4, random_state=0).fit(points)
    return {
        "customers": len(points),
        "k": k,
        "seconds": seconds,
        "bytes": peak,
        "halves": adjusted_rand_score(one, two),
        "peer": time.process_time() - began,
        "tried": [[c.k, c.silhouette, c.stability] for c in fitted[0].choices],
    }


def _many(n: int) -> FeatureTable:
    """Buyers of as many shops as it takes."""
    tables: list[FeatureTable] = []
    while sum(len(table.values) for table in tables) < n:
        shop = opened(SHOP, seed=len(tables))
        tables.append(buyers([shop.advance(shop.day + OPEN_DAYS)], SHOP, day=shop.day))
    values = np.vstack([table.values for table in tables])[:n]
    return FeatureTable(values, np.arange(n), tables[0].specs)


def _more(table: FeatureTable, n: int) -> FeatureTable:
    """So many drawn from these, each a little different from whom it was drawn from."""
    rng = np.random.default_rng(2)
    values = table.values[rng.integers(len(table.values), size=n)]
    values *= rng.lognormal(0, JITTER, size=values.shape)
    return FeatureTable(values, np.arange(n), table.specs)


if __name__ == "__main__":
    few, many = map(int, sys.argv[1:])
    with one_blas_thread():
        simulated = _many(few)
        print(json.dumps(_measured(simulated)), flush=True)
        print(json.dumps(_measured(_more(simulated, many))), flush=True)
