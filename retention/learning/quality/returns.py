"""Goods that came back without having been bought."""

import numpy as np

from retention.learning.panel import SECONDS_A_DAY, BoolArray, Kind
from retention.learning.quality.log import Found, Log, Problem, ends, groups, part

EARLY_DAYS = 60
LEAST = 0.01
"""Share of the returns below which a few strays are no finding."""


def without_purchase(bought: Log, returned: Log) -> BoolArray:
    """Which returns have no purchase of that product by that customer before them, (n,)."""
    pair = groups(
        np.concatenate([bought.product, returned.product]),
        np.concatenate([bought.customer, returned.customer]),
    )
    first = np.full(int(pair.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, pair[: len(bought)], bought.second)
    return first[pair[len(bought) :]] > returned.second


def returns(log: Log) -> list[Found]:
    """Returns of products, by customers, that nobody sold them as far as is known."""
    bought, everything = log.of(Kind.PURCHASE), log.of(Kind.RETURN)
    returned = everything.take(everything.product >= 0)
    if not len(returned) or not len(bought):
        return []
    stray = returned.take(without_purchase(bought, returned))
    if len(stray) < LEAST * len(returned):
        return []
    begins = int(log.second.min())
    early = int((stray.second < begins + EARLY_DAYS * SECONDS_A_DAY).sum())
    evidence = {
        "early": early,
        "early_days": EARLY_DAYS,
        "money": int(stray.amount.sum()),
        "events": stray.event[np.argsort(-stray.amount, kind="stable")][:50].tolist(),
    }
    share = part(stray.amount.sum(), bought.amount.sum())
    n = len(stray)
    return [
        Found(Problem.RETURNS, share, n, len(returned), **ends(stray.second), evidence=evidence)
    ]
