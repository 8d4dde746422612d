"""ACT-3: who gets which of several offers under a budget, against integer programming."""

import time
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from benchmarks.bars import Bars
from retention.learning.decide.allocation import Allocation, allocate
from retention.learning.panel import FloatArray, IntArray

PEER_SECONDS = 20.0
SECONDS = 10.0
GAP = 1e-4


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Offers of four sizes to customers who differ in value and in what a coupon changes."""
    gain, cost = customers(10_000, np.random.default_rng(1))
    budget = int(0.3 * cost.max(axis=1).sum())
    began = time.perf_counter()
    ours = allocate(gain, cost, budget=budget)
    took = time.perf_counter() - began
    bars.say(f"\n10,000 customers x 4 offers, budget 30 %: {_said(ours)}, {took:.3f} s")
    theirs, seconds = _milp(gain, cost, budget, at_most=5.0 if quick else PEER_SECONDS)
    found = "found none" if theirs is None else f"{theirs / ours.bound:.6f} of the bound"
    bars.say(f"scipy.optimize.milp (HiGHS): {found} in {seconds:.1f} s")
    bars.at_most("ACT-3 gap to the bound at 10,000 x 4, ten-thousandths", 1e4 * ours.gap, 1e4 * GAP)
    many = 100_000 if quick else 1_000_000
    gain, cost = customers(many, np.random.default_rng(2))
    began = time.perf_counter()
    large = allocate(gain, cost, budget=int(0.3 * cost.max(axis=1).sum()))
    took = time.perf_counter() - began
    bars.say(f"{many:,} customers x 4 offers: {_said(large)}, {took:.1f} s")
    bars.at_most("ACT-3 seconds a million customers", took * 1_000_000 / many, SECONDS)


def customers(n: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """(n, 4) expected gain and cost in minor units: dearer offers change more, ever less so."""
    value = rng.lognormal(9, 1, n)
    change = rng.beta(2, 20, n)
    size = np.array([0.05, 0.1, 0.15, 0.2])
    cost = np.maximum(value[:, None] * size * rng.uniform(0.5, 1, (n, 1)), 1).astype(np.int64)
    more = change[:, None] * np.sqrt(size / 0.2) * rng.uniform(0.8, 1.2, (n, 4))
    return value[:, None] * more - 0.2 * cost, cost


def _milp(
    gain: FloatArray, cost: IntArray, budget: int, *, at_most: float
) -> tuple[float | None, float]:
    n, m = gain.shape
    one_each = csr_array(
        (np.ones(n * m), (np.repeat(np.arange(n), m), np.arange(n * m))), shape=(n, n * m)
    )
    limits = vstack([one_each, csr_array(cost.reshape(1, -1).astype(np.float64))])
    began = time.perf_counter()
    answer = milp(
        -gain.ravel(),
        constraints=LinearConstraint(limits, ub=np.append(np.ones(n), budget)),
        integrality=np.ones(n * m),
        bounds=Bounds(0, 1),
        options={"time_limit": at_most},
    )
    found = None if answer.x is None else -float(answer.fun)
    return found, time.perf_counter() - began


def _said(found: Allocation) -> str:
    return f"{found.gain / found.bound:.7f} of the linear bound, gap {found.gap:.1e}"
