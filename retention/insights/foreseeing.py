"""The chance that each customer buys from a category soon: the shop's tree to arrays and back."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from catalog.models import Category
from catalog.services.grow import branch_of, depth_of
from retention.insights.datasets import Facts, IntArray, local_day
from retention.insights.models import CategoryChance
from retention.learning.measure.intervals import Estimate
from retention.learning.timing.bought import Bought
from retention.learning.timing.chances import (
    DAYS,
    Chances,
    Exam,
    Shortage,
    chances_at,
    train_chances,
)

MOST_CATEGORIES: Final = 60
"""Chances are told on the deepest level of the tree that has no more."""
LEAST: Final = 0.1
"""A smaller chance is not kept: nobody writes to those."""
MOST_EACH: Final = 20
SEED: Final = 1


@dataclass(frozen=True)
class ForeseenRows:
    """rows : those of a customer together, likeliest first; none where words say why not."""

    words: str
    rows: Iterable[list[CategoryChance]] = ()


def foresee_categories(facts: Facts, *, at: datetime) -> ForeseenRows:
    """Learn from the events, be examined, and tell the chances where the exam was passed."""
    ids, place = _shelves(facts.categories)
    if not ids or not len(facts):
        return ForeseenRows("Needs orders of products with a category.")
    bought = Bought.of(replace(facts, categories=place).panel(), n_categories=len(ids))
    cut_off, rng = local_day(at), np.random.default_rng(SEED)
    foreseen = train_chances(bought, cut_off=cut_off, rng=rng)
    if isinstance(foreseen, Shortage):
        return ForeseenRows(foreseen.words)
    words = _words(foreseen.exam)
    if not foreseen.is_better:
        return ForeseenRows(f"Not told, being no better than what is usual. {words}")
    return ForeseenRows(words, _rows(facts, bought, foreseen.model, ids, at=at))


def _shelves(categories: IntArray) -> tuple[list[int], IntArray]:
    """The categories that chances are told of, and which of them each product is in, -1 for none.

    categories : (n,) ids as products have them, -1 for none.
    """
    paths = dict(Category.objects.values_list("pk", "path"))
    ids = {path: pk for pk, path in paths.items()}
    own = [paths.get(pk, "") for pk in categories.tolist()]
    found = [branch_of(path, 1) for path in own]
    for depth in range(2, max(map(depth_of, own), default=0) + 1):
        deeper = [branch_of(path, depth) for path in own]
        if len({path for path in deeper if path in ids}) > MOST_CATEGORIES:
            break
        found = deeper
    most = Counter(path for path in found if path in ids).most_common(MOST_CATEGORIES)
    shelves = sorted(path for path, _ in most)
    number = {path: n for n, path in enumerate(shelves)}
    place = np.array([number.get(path, -1) for path in found], dtype=np.int64)
    return [ids[path] for path in shelves], place


def _rows(
    facts: Facts, bought: Bought, model: Chances, ids: list[int], *, at: datetime
) -> Iterator[list[CategoryChance]]:
    for who, chances, usual in chances_at(model, bought, cut_off=local_day(at)):
        customers = facts.customers.ids_of(who.astype(np.int32)).tolist()
        best = np.argsort(-chances, axis=1, kind="stable")[:, :MOST_EACH]
        for customer, chance, places in zip(customers, chances, best.tolist(), strict=True):
            some = [one for one in places if chance[one] >= LEAST]
            if some:
                yield [_row(customer, ids[one], chance[one], usual[one], at) for one in some]


def _row(customer: int, category: int, chance: float, usual: float, at: datetime) -> CategoryChance:
    return CategoryChance(
        customer_id=customer,
        category_id=category,
        probability=float(chance),
        usual=float(usual),
        days=round(DAYS),
        computed_at=at,
    )


def _words(exam: Exam) -> str:
    """How the chances did in the last days, in one sentence."""
    return (
        f"In the last {DAYS:.0f} days its log loss over {exam.customers:,} customers was "
        f"{exam.log_loss:.3f}: {_against(exam.over_base)} against everyone's share, "
        f"{_against(exam.over_own)} against each one's own past rate."
    )


def _against(gap: Estimate) -> str:
    return f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]".replace("-", "−")
