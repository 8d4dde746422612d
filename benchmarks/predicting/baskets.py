"""PRED-5: sets of products against mlxtend's FP-growth, the same sets and the same baskets."""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array

from benchmarks.bars import Bars
from benchmarks.recommending.data import rows, understood
from customers.files.layouts.online_retail import ONLINE_RETAIL
from retention.learning.basket.fpgrowth import Itemsets, frequent_sets
from retention.learning.basket.holders import Holders
from retention.learning.basket.rules import rules_of
from retention.learning.interactions import Csr
from retention.learning.recommend.threads import one_blas_thread

CASES = (
    ("pairs-at-1", 0.01, 2, 45.0),
    ("four-at-1", 0.01, 4, 40.0),
    ("three-at-0.5", 0.005, 3, 25.0),
)
"""Name, support, largest set, and how many times as fast as the peer."""
PUBLISHED = ((0.001, 0.5, 5_668), (0.001, 0.8, 410), (0.006, 0.25, 463))
"""Support, confidence, rules of two products and more that R's arules finds in Groceries."""


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Groceries for the sets, Online Retail for the sets and the time."""
    groceries = _table((row["basket"], row["item"]) for row in rows(folder, "groceries.csv.gz"))
    gifts = _table(_lines(folder))
    bars.say(f"\nGroceries: {_size(groceries)}; Online Retail: {_size(gifts)}")
    same = _sets(groceries, 0.001, 5) == _peer_sets(groceries, 0.001, 5)
    bars.at_least("PRED-5-groceries-same-sets", float(same), 1.0)
    _published(bars, groceries)
    with one_blas_thread():
        for name, support, largest, target in CASES:
            ratio = _race(bars, gifts, name, support, largest, rounds=1 if quick else 5)
            bars.at_least(f"PRED-5-{name}-times-as-fast", ratio, target)
    _shuffled(bars, gifts)


def _race(
    bars: Bars, baskets: Csr, name: str, support: float, largest: int, *, rounds: int
) -> float:
    """The median of the ratios of interleaved rounds, of processor time, which other programs
    hardly change; one thread each. The sets must be the same."""
    frame, fpgrowth = _frame(baskets), _fpgrowth()
    least = _least(baskets, support)
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(_timed(lambda: fpgrowth(frame, min_support=support, max_len=largest)))
        ours.append(_timed(lambda: _ours(baskets, least, largest)))
    mine, peer = _sets(baskets, support, largest), _peer_sets(baskets, support, largest)
    bars.say(
        f"  {name:14} {len(mine):,} sets   ours {statistics.median(ours):.3f} s"
        f"   mlxtend {statistics.median(theirs):.2f} s"
    )
    bars.at_least(f"PRED-5-{name}-same-sets", float(mine == peer), 1.0)
    ratios = [peer / own for own, peer in zip(ours, theirs, strict=True)]
    return statistics.median(ratios)


def _published(bars: Bars, baskets: Csr) -> None:
    """Rules to one product as arules counts them: no test and nothing redundant left out."""
    for support, confidence, published in PUBLISHED:
        sets = _sets(baskets, support, 10)
        found = sum(
            count / sets[products - {one}] >= confidence
            for products, count in sets.items()
            if len(products) > 1
            for one in products
        )
        bars.say(f"  arules: support {support}, confidence {confidence}: {found:,} rules")
        bars.at_most(f"PRED-5-arules-{support}-{confidence}-off", abs(found - published), 0)


def _shuffled(bars: Bars, baskets: Csr) -> None:
    """Rules of the same baskets with the products drawn anew: there is nothing to find."""
    owner, least = np.arange(baskets.shape[0]), _least(baskets, 0.004)
    cells = baskets.tocoo()
    products = np.random.default_rng(0).permutation(cells.col)
    drawn = coo_array((cells.data, (cells.row, products)), shape=baskets.shape).tocsr()
    found = []
    for table in (baskets, drawn):
        sets = frequent_sets(table, least=least, largest=3)
        found.append(len(rules_of(sets, Holders.of(sets, table, owner=owner))))
    bars.say(f"  rules beyond chance: {found[0]:,}; with the products shuffled {found[1]:,}")
    bars.at_most("PRED-5-rules-of-shuffled-products", found[1], 0)


def _ours(baskets: Csr, least: int, largest: int) -> Itemsets:
    return frequent_sets(baskets, least=least, largest=largest, threads=1)


def _sets(baskets: Csr, support: float, largest: int) -> dict[frozenset[int], int]:
    found = _ours(baskets, _least(baskets, support), largest)
    return {
        frozenset(found.items[places].tolist()): count
        for size, level in enumerate(found.levels, start=1)
        for places, count in zip(found.places(size), level.count.tolist(), strict=True)
    }


def _peer_sets(baskets: Csr, support: float, largest: int) -> dict[frozenset[int], int]:
    found = _fpgrowth()(_frame(baskets), min_support=support, max_len=largest)
    counts = (found["support"] * baskets.shape[0]).round().astype(int)
    return dict(zip(found["itemsets"], counts.tolist(), strict=True))


def _least(baskets: Csr, support: float) -> int:
    # As the peer: at least so large a share, and no rounding between.
    return int(np.ceil(support * baskets.shape[0] - 1e-9))


def _frame(baskets: Csr) -> Any:
    import pandas

    return pandas.DataFrame(baskets.toarray().astype(bool))


def _fpgrowth() -> Callable[..., Any]:
    from mlxtend.frequent_patterns import fpgrowth

    peer: Callable[..., Any] = fpgrowth
    return peer


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    """Invoice and product of what known customers bought, by the importer's own rules."""
    for row in rows(folder, "online_retail.csv.gz"):
        cells = understood(ONLINE_RETAIL, row)
        if cells is None or not cells["customer"] or cells.get("kind") == "RETURN":
            continue
        if float(cells["quantity"]) > 0 and float(cells["unit_price"]) > 0:
            yield row["InvoiceNo"], cells["product"]


def _table(lines: Iterator[tuple[str, str]]) -> Csr:
    baskets, products = zip(*lines, strict=True)
    cells = np.unique(baskets, return_inverse=True)[1], np.unique(products, return_inverse=True)[1]
    table = coo_array((np.ones(len(baskets), np.float32), cells)).tocsr()
    table.data[:] = 1
    return table


def _size(baskets: Csr) -> str:
    return f"{baskets.shape[0]:,} baskets of {baskets.shape[1]:,} products"
