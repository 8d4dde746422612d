"""REC-1 to REC-3: the factors' speed against implicit's C++, interleaved in one process."""

import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.bars import Bars
from retention.learning.interactions import Csr, IntArray, Interactions
from retention.learning.recommend.als import ImplicitALS
from retention.learning.recommend.threads import one_blas_thread

FACTORS, ALPHA, REGULARIZATION = 64, 1.0, 0.01
WALL = {20_000: 0.95, 1_000_000: 0.70}


def crowd(customers: int, products: int, events: int) -> Interactions:
    """Power-law interactions of customers and products, seeded."""
    rng = np.random.default_rng(0)
    return Interactions.of(
        (customers * rng.random(events) ** 2).astype(np.int32),
        (products * rng.random(events) ** 3).astype(np.int32),
        times=np.zeros(events),
        n_customers=customers,
        n_products=products,
    )


def sweeps(bars: Bars, size: tuple[int, int, int], *, rounds: int) -> None:
    """REC-1: one sweep of both sides, the same weights and penalty; medians of the ratios."""
    import implicit.cpu._als as peer

    events = crowd(*size)
    rows = events.matrix(1.0)
    weights = csr_matrix(rows)
    weights.data = weights.data + 1
    turned = weights.T.tocsr()
    rng = np.random.default_rng(1)
    shapes = (rows.shape[0], FACTORS), (rows.shape[1], FACTORS)
    x, y = (rng.standard_normal(shape, dtype=np.float32) * 0.01 for shape in shapes)
    ours = ImplicitALS(
        factors=FACTORS, alpha=ALPHA, regularization=REGULARIZATION, exponent=0.0,
        iterations=1, offset=1.0,
    )  # fmt: skip
    mine_x, mine_y, theirs_x, theirs_y = x.copy(), y.copy(), x.copy(), y.copy()
    by_product = rows.T.tocsr()

    def ours_once() -> None:
        ours._half_sweep(rows, mine_y, mine_x)
        ours._half_sweep(by_product, mine_x, mine_y)

    def peer_once() -> None:
        for side, moving, fixed in ((weights, theirs_x, theirs_y), (turned, theirs_y, theirs_x)):
            peer.least_squares_cg(side, moving, fixed, REGULARIZATION, num_threads=2, cg_steps=3)

    wall, cpu = [], []
    for _ in range(rounds):
        (a, b), (c, d) = timed(ours_once), timed(peer_once)
        wall.append(a / c)
        cpu.append(b / d)
    mine, theirs = (
        peer.calculate_loss(weights, *tables, REGULARIZATION, num_threads=2)
        for tables in ((mine_x, mine_y), (theirs_x, theirs_y))
    )
    customers, products, n = size
    bars.say(f"\nOne sweep of ALS, {customers:,} x {products:,}, {n:,} events, {rounds} rounds")
    bars.say(
        f"  of implicit's CG: wall {statistics.median(wall):.2f}, CPU {statistics.median(cpu):.2f}"
    )
    bars.say(f"  loss {mine:.6f} against {theirs:.6f}")
    bars.at_most(f"REC-1-als-wall-{products}", statistics.median(wall), WALL[products])
    bars.at_most(f"REC-1-als-loss-{products}", mine / theirs, 1.0)


def serving(bars: Bars, size: tuple[int, int, int]) -> None:
    """REC-2 and REC-3: trained factors of as many products, one customer and a thousand."""
    from implicit.cpu.als import AlternatingLeastSquares

    events = crowd(*size)
    model = ImplicitALS(factors=FACTORS, iterations=2).fit(events, at_day=1.0)
    history = events.matrix(1.0)
    peer = AlternatingLeastSquares(factors=FACTORS)
    peer.user_factors, peer.item_factors = model.customer_factors_, model.product_factors_
    some = np.random.default_rng(3).choice(size[0], 1000, replace=False).astype(np.int32)
    bars.say(f"\nServing, {size[1]:,} products, {FACTORS} factors, trained on {size[2]:,} events")
    took = [timed(partial(model.fold_in, history[[who]]))[0] for who in some[:300]]
    bars.at_most("REC-2-fold-in-p95-ms", float(np.quantile(took, 0.95)) * 1000, 5.0)
    one = _ratio(
        lambda who: model.recommend(who, k=20),
        lambda who: _peer(peer, history, who),
        some[:40, None],
    )
    bars.say(f"  one customer: {one[2] * 1000:.2f} ms, implicit {one[3] * 1000:.2f} ms")
    bars.at_most("REC-3-one-customer-wall", one[0], 0.5)
    many = _ratio(
        lambda who: model.recommend(who, k=20), lambda who: _peer(peer, history, who), [some] * 3
    )
    bars.say(f"  1,000 customers: wall {many[0]:.2f}, CPU {many[1]:.2f} of implicit.recommend")
    bars.at_most("REC-3-thousand-customers-cpu", many[1], 0.9)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _ratio(
    ours: Callable[[IntArray], object],
    theirs: Callable[[IntArray], object],
    asked: Iterable[IntArray],
) -> tuple[float, float, float, float]:
    """Medians of wall and CPU ratios, interleaved, and of the wall seconds of each."""
    both = [(timed(partial(ours, who)), timed(partial(theirs, who))) for who in asked]
    return (
        statistics.median(a[0] / b[0] for a, b in both),
        statistics.median(a[1] / b[1] for a, b in both),
        statistics.median(a[0] for a, _ in both),
        statistics.median(b[0] for _, b in both),
    )


def _peer(peer: object, history: Csr, who: IntArray) -> object:
    with one_blas_thread():
        return peer.recommend(who, csr_matrix(history[who]), N=20, filter_already_liked_items=False)  # type: ignore[attr-defined]  # implicit has no types
