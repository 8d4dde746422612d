"""The chance that each customer buys from a category soon: the shop's tree to arrays and back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from retention.insights.branches import branches
from retention.insights.datasets import Facts, local_day
from retention.insights.judged import in_brackets
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
"""Of so many branches of the tree at most."""
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
    panel = facts.panel()
    cut = branches(panel, most=MOST_CATEGORIES)
    if not cut.ids:
        return ForeseenRows("Needs orders of products with a category.")
    placed = replace(panel, category=cut.places(panel.category))
    bought = Bought.of(placed, n_categories=len(cut.ids))
    cut_off, rng = local_day(at), np.random.default_rng(SEED)
    foreseen = train_chances(bought, cut_off=cut_off, rng=rng)
    if isinstance(foreseen, Shortage):
        return ForeseenRows(foreseen.words)
    words = _words(foreseen.exam)
    if not foreseen.is_better:
        return ForeseenRows(f"Not told, being no better than what is usual. {words}")
    return ForeseenRows(words, _rows(facts, bought, foreseen.model, cut.ids, at=at))


def _rows(
    facts: Facts, bought: Bought, model: Chances, ids: Sequence[int], *, at: datetime
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
        f"In the last {DAYS:.0f} days its chances for {exam.customers:,} customers were"
        f" {_against(exam.over_base, 'everyone’s share')}, and"
        f" {_against(exam.over_own, 'each one’s own past rate')}."
    )


def _against(gap: Estimate, what: str) -> str:
    nearer = "nearer to what they bought than" if gap.value < 0 else "further from it than"
    if gap.low <= 0 <= gap.high:
        nearer = "about as near to what they bought as"
    return f"{nearer} {what} (log loss {in_brackets(gap.as_json())})"
