"""What may be told of behaviour to whoever may not look customers up."""

from retention.present.groups import FEWEST, is_told, told_cells, told_steps

from .affinity import Pair
from .funnel import Funnel
from .ordering import Cohorts, LifeMonth
from .repurchase import Band

LIFE = ("new", "returning", "resurrected", "dormant")


def told_cohorts(cohorts: Cohorts) -> tuple[list[list[bool]], list[bool]]:
    """Of each cohort, by months since, whether its figure may be told; and of each month, whether
    how many ordered again in it may be: beside it and the others of the month, one is known."""
    sizes = [one.size for one in cohorts.cohorts]
    told = [
        [is_told(size)] * len(one.ordered) for one, size in zip(cohorts.cohorts, sizes, strict=True)
    ]
    sums = []
    for month, before in enumerate(cohorts.before):
        counts = {i: cohorts.cohorts[i].ordered[month - i].count for i in range(month)}
        small = {i for i, n in counts.items() if not (is_told(n) and is_told(sizes[i] - n))}
        hidden = _covered(counts, small | {i for i in counts if not told[i][0]}, before)
        sums.append(hidden is not None)
        for i in small if hidden is None else hidden:
            told[i][month - i] = False
    return told, sums


def _covered(counts: dict[int, int], hidden: set[int], before: int) -> set[int] | None:
    """Whom to hide so that the sum gives none away; None where there are not enough.

    before : customers of no cohort, whom nothing tells.
    """
    hidden = set(hidden)
    while hidden and (
        len(hidden) + (before > 0) < 2 or before + sum(counts[i] for i in hidden) < FEWEST
    ):
        told = [i for i in counts if i not in hidden and counts[i]]
        if not told:
            return None
        hidden.add(min(told, key=lambda i: counts[i]))
    return hidden


def told_months(life: list[LifeMonth], cohorts: Cohorts) -> list[bool]:
    """Of each month, whether its groups may be told."""
    return [
        may and all(is_told(found.count) for name in LIFE if (found := getattr(one, name)))
        for one, may in zip(life, told_cohorts(cohorts)[1], strict=True)
    ]


def told_funnel(funnel: Funnel) -> list[tuple[bool, bool]]:
    """Of each step, whether who reached it and who was lost before it may be told."""
    reached = told_steps([step.reached.count for step in funnel.steps])
    return [(now, now and before) for before, now in zip([True, *reached], reached, strict=False)]


def told_waits(band: Band) -> dict[int, bool]:
    """Of each day, whether who waits so long may be told."""
    told = told_steps([found.count for found in band.waiting.values()])
    return dict(zip(band.waiting, told, strict=True))


def told_pair(pair: Pair) -> bool:
    """Beside the buyers of each category one group, or the lift, tells the other three."""
    return all(is_told(count) for row in pair_counts(pair) for count in row)


def told_pair_table(pair: Pair) -> list[list[bool]]:
    """Of its table with sums. The map tells how many bought from each category, and of how many."""
    return told_cells(pair_counts(pair), known=[(0, 2), (2, 0), (2, 2)])


def pair_counts(pair: Pair) -> list[list[int]]:
    """Who bought from the first and who did not, by who bought from the second and who did not."""
    return [
        [pair.both.count, pair.only_first.count],
        [pair.only_second.count, pair.neither.count],
    ]
