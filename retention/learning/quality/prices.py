"""Money that cannot be right: prices far from the product's own, lines that outweigh a shop."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retention.learning.panel import SECONDS_A_DAY, BoolArray, FloatArray, IntArray, Kind
from retention.learning.quality.log import Found, Log, Problem, ends, part

ABSURD = 10.0
"""So many times dearer, or cheaper, than the product's own median."""
FEWEST_LINES = 8
"""With fewer, a median says nothing."""
LEAST_MOVED = 0.0005
"""Share of revenue below which odd prices are nobody's business."""
WORST = 10
HUGE, QUANTILE, FEWEST_SOLD, LEAST_HUGE = 10.0, 0.999, 1000, 0.002
"""So many times what 999 of 1,000 lines come to at most; and together at least such a share."""
GIVEN_BACK_DAYS = 30
LEAST_WITHOUT = 0.005


def winsorised(
    product: IntArray,
    quantity: IntArray,
    amount: IntArray,
    discount: IntArray,
    *,
    priced: BoolArray,
) -> IntArray:
    """What lines come to when a piece costs at most, and at least, what is believed of its product.

    Believed are prices within ten times the product's median either way; one beyond becomes the
    nearest believed one (Tukey 1962, winsorising). priced : (n,) the lines that say what a price
    is and are changed by it; others stay. Returns (n,) minor units.
    """
    lines = np.flatnonzero(priced & (product >= 0) & (amount > 0) & (quantity > 0))
    piece = (amount[lines] + discount[lines]) / quantity[lines]
    low, high = _believed(product[lines], piece)
    line = np.rint(np.clip(piece, low, high) * quantity[lines]).astype(np.int64)
    changed = (piece < low) | (piece > high)
    after = amount.copy()
    after[lines[changed]] = np.maximum(line - discount[lines], 0)[changed]
    return after


def _believed(product: IntArray, piece: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The lowest and highest believed price of each line's product, (n,), (n,)."""
    by = np.lexsort((piece, product))
    _, start, of, lines = np.unique(
        product[by], return_index=True, return_inverse=True, return_counts=True
    )
    sorted_ = piece[by]
    median = (sorted_[start + (lines - 1) // 2] + sorted_[start + lines // 2]) / 2
    ok = (sorted_ <= ABSURD * median[of]) & (sorted_ >= median[of] / ABSURD)
    ok |= (lines < FEWEST_LINES)[of]
    low, high = np.full(len(start), np.inf), np.zeros(len(start))
    np.minimum.at(low, of[ok], sorted_[ok])
    np.maximum.at(high, of[ok], sorted_[ok])
    lows, highs = np.empty(len(piece)), np.empty(len(piece))
    lows[by], highs[by] = low[of], high[of]
    return lows, highs


def prices(log: Log) -> list[Found]:
    """Lines priced absurdly against their product's median, where that moves money."""
    sold = log.of(Kind.PURCHASE)
    after = winsorised(
        sold.product,
        sold.quantity,
        sold.amount,
        sold.discount,
        priced=np.ones(len(sold), dtype=bool),
    )
    odd = np.flatnonzero(after != sold.amount)
    moved = np.abs(after - sold.amount)[odd]
    share = part(moved.sum(), sold.amount.sum())
    if share < LEAST_MOVED:
        return []
    evidence = {
        "worst": _worst(sold, odd, moved),
        "of_products": len(np.unique(sold.product[odd])),
        "events": sold.event[odd[np.argsort(-moved, kind="stable")]][:50].tolist(),
    }
    seconds = sold.second[odd]
    return [Found(Problem.PRICES, share, len(odd), len(sold), **ends(seconds), evidence=evidence)]


def _worst(sold: Log, odd: IntArray, moved: IntArray) -> list[dict[str, Any]]:
    """The products whose odd prices move most money, with their usual and their oddest price."""
    products, of = np.unique(sold.product[odd], return_inverse=True)
    by_money = np.argsort(-np.bincount(of, weights=moved), kind="stable")[:WORST]
    told = []
    for row in by_money.tolist():
        mine = (sold.product == products[row]) & (sold.amount > 0)
        piece = (sold.amount[mine] + sold.discount[mine]) / sold.quantity[mine]
        median = float(np.median(piece))
        oddest = float(piece[np.argmax(np.abs(np.log(piece / median)))])
        told.append(
            {
                "product": int(products[row]),
                "lines": int((of == row).sum()),
                "usual": round(median),
                "oddest": round(oddest),
                "share": part(moved[of == row].sum(), sold.amount.sum()),
            }
        )
    return told


@dataclass(frozen=True)
class Outliers:
    """lines : rows of a log that outweigh the others; cap : the largest of the others."""

    lines: IntArray
    cap: int


def outliers(amount: IntArray) -> Outliers | None:
    """The lines more than ten times what 999 of 1,000 come to; None where there are too few."""
    if len(amount) < FEWEST_SOLD:
        return None
    limit = HUGE * float(np.quantile(amount, QUANTILE))
    over = amount > limit
    if limit <= 0 or not over.any():
        return None
    return Outliers(np.flatnonzero(over), int(amount[~over].max()))


def huge_lines(log: Log) -> list[Found]:
    """Single lines that outweigh thousands of others, and how many of them were given back."""
    sold = log.of(Kind.PURCHASE)
    found = outliers(sold.amount)
    if found is None:
        return []
    huge = sold.take(found.lines)
    share = part(huge.amount.sum(), sold.amount.sum())
    if share < LEAST_HUGE:
        return []
    evidence = {
        "cap": found.cap,
        "money": int(huge.amount.sum()),
        "largest": int(huge.amount.max()),
        "usual": int(np.median(sold.amount)),
        "given_back": _given_back(huge, log.of(Kind.RETURN)),
        "events": huge.event[np.argsort(-huge.amount, kind="stable")][:50].tolist(),
    }
    return [
        Found(Problem.HUGE, share, len(huge), len(sold), **ends(huge.second), evidence=evidence)
    ]


def _given_back(bought: Log, returned: Log) -> int:
    """How many of some lines were returned for about what they cost within 30 days."""
    back = 0
    for who, what, when, money in zip(
        bought.customer.tolist(),
        bought.product.tolist(),
        bought.second.tolist(),
        bought.amount.tolist(),
        strict=True,
    ):
        same = (returned.customer == who) & (returned.product == what)
        soon = (returned.second >= when) & (
            returned.second <= when + GIVEN_BACK_DAYS * SECONDS_A_DAY
        )
        back += bool((same & soon & (returned.amount >= 0.9 * money)).any())
    return back


def no_price(log: Log) -> list[Found]:
    """Purchases that brought no money, and are no gifts by a discount."""
    sold = log.of(Kind.PURCHASE)
    free = (sold.amount == 0) & (sold.discount == 0)
    share = part(free.sum(), len(sold))
    if share < LEAST_WITHOUT:
        return []
    evidence = {"events": sold.event[free][:50].tolist()}
    return [
        Found(
            Problem.NO_PRICE,
            share,
            int(free.sum()),
            len(sold),
            **ends(sold.second[free]),
            evidence=evidence,
        )
    ]


def currencies(log: Log) -> list[Found]:
    """Purchases in another currency than most: their minor units are added as if they were one."""
    sold = log.take(log.learned & (log.kind == Kind.PURCHASE) & (log.currency >= 0))
    found, lines = np.unique(sold.currency, return_counts=True)
    if len(found) < 2:
        return []
    most = int(found[np.argmax(lines)])
    other = sold.currency != most
    evidence = {
        "lines": {str(code): int(n) for code, n in zip(found, lines, strict=True)},
        "most": most,
        "events": sold.event[other][:50].tolist(),
    }
    share = part(other.sum(), len(sold))
    seconds = sold.second[other]
    n = int(other.sum())
    return [Found(Problem.CURRENCIES, share, n, len(sold), **ends(seconds), evidence=evidence)]
