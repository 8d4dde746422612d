"""The same thing told twice: an import under other ids, a tag that fires twice, a line in twice."""

import numpy as np

from retention.learning.panel import SECONDS_A_DAY, BoolArray, IntArray, Kind
from retention.learning.quality.log import Found, Log, Problem, ends, groups, part

EXAMPLES = 50
MONEY = (Kind.PURCHASE, Kind.RETURN)


def copies(log: Log) -> BoolArray:
    """Which events came again in another delivery, (n,) of events with a known customer.

    Equal are customer, kind, product, quantity, amount and second. Of the deliveries that hold a
    thing, the one that holds it most often counts: what stands twice in one delivery happened
    twice. Where only days are known, the order has to be the same too: one may buy twice a day.
    """
    asked = np.flatnonzero((log.customer >= 0) & (log.kind != Kind.OTHER))
    some = log.take(asked)
    order = np.where(some.second % SECONDS_A_DAY == 0, some.order, -1)
    thing = groups(
        order, some.second, some.amount, some.quantity, some.product, some.kind, some.customer
    )
    told = groups(some.delivery, thing)
    again = np.zeros(len(log), dtype=bool)
    again[asked] = ~_counts(thing, told, some.event)[told]
    return again


def _counts(thing: IntArray, told: IntArray, event: IntArray) -> BoolArray:
    """Of each telling of a thing, whether it is the one that counts: the fullest, then the first.

    told : (n,) the telling of each event, numbered from 0.
    """
    size = np.bincount(told)
    tellings = np.arange(len(size))
    first = np.full(len(size), np.iinfo(np.int64).max)
    np.minimum.at(first, told, event)
    what = np.empty(len(size), dtype=np.int64)
    what[told] = thing
    by = np.lexsort((first, -size, what))
    counts = np.zeros(len(size), dtype=bool)
    leads = np.ones(len(size), dtype=bool)
    leads[1:] = what[by][1:] != what[by][:-1]
    counts[tellings[by][leads]] = True
    return counts


def repeats(log: Log) -> BoolArray:
    """Which lines stand a second time in one order, equal in everything, (n,)."""
    asked = np.flatnonzero((log.customer >= 0) & (log.order >= 0) & np.isin(log.kind, MONEY))
    some = log.take(asked)
    line = groups(
        some.second, some.amount, some.quantity, some.product, some.kind, some.order, some.customer
    )
    # The earliest of a line stands; a stable sort by number of the event finds it.
    by = np.argsort(some.event, kind="stable")
    _, first = np.unique(line[by], return_index=True)
    again = np.zeros(len(log), dtype=bool)
    again[asked] = True
    again[asked[by[first]]] = False
    return again


def duplicates(log: Log) -> list[Found]:
    """Events told twice, and lines that stand twice in their order, as two findings."""
    told = copies(log) & log.learned
    rest = log.take(~told)
    return [
        *_found(Problem.DUPLICATES, log, told),
        *_found(Problem.REPEATS, rest, repeats(rest) & rest.learned),
    ]


def _found(problem: Problem, log: Log, again: BoolArray) -> list[Found]:
    if not again.any():
        return []
    bought = log.learned & (log.kind == Kind.PURCHASE)
    revenue = part(log.amount[again & bought].sum(), log.amount[bought].sum())
    n, of = int(again.sum()), int(log.learned.sum())
    evidence = {
        "customers": len(np.unique(log.customer[again])),
        "revenue_share": revenue,
        "events": log.event[again][:EXAMPLES].tolist(),
    }
    share = max(part(n, of), revenue)
    return [Found(problem, share, n, of, **ends(log.second[again]), evidence=evidence)]
