"""A fixed set of questions whose right answer anybody knows, asked of a model as it would serve.

They are about the shop's own facts, chosen by rule and never drawn, and quote no customer: their
answers are kept. One wrong answer keeps a candidate from serving, whatever its figures are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from retention.learning.interactions import IntArray, Interactions
from retention.learning.recommend.habits import Habits, habits_of
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.selection import known_rows

SHOWN = 10
REGULARS, OFTEN = 20, 5
"""So many customers, who bought one thing on so many days, are looked at."""
DUE: Final = (0.8, 1.5)
"""Of a customer's own usual gap: when a thing is due."""
SAMPLE = 200
LATELY_DAYS = 28.0
BEST_SELLERS = 20


@dataclass(frozen=True)
class Answered:
    """A question, what the model says, and whether that is right; None where nobody could ask."""

    question: str
    answer: str
    right: bool | None

    def as_json(self) -> dict[str, Any]:
        return {"question": self.question, "answer": self.answer, "right": self.right}


@dataclass(frozen=True, eq=False)
class Asked:
    """A model, what the shop's customers did until a day, and what a product is called."""

    model: LearnedHybrid
    events: Interactions
    at_day: float
    title: Callable[[int], str]

    @property
    def customers(self) -> IntArray:
        """At most SAMPLE of those who did something, spread over all."""
        known = np.unique(self.events.customers)
        places = np.linspace(0, len(known) - 1, min(SAMPLE, len(known))).round()
        rows: IntArray = known[places.astype(np.int64)]
        return rows

    @property
    def lately(self) -> IntArray:
        """Products that were taken lately, those most often first."""
        recent = self.events.between(self.at_day - LATELY_DAYS, self.at_day)
        taken = np.bincount(recent.products, minlength=self.events.n_products)
        order = np.argsort(-taken, kind="stable")
        return order[: np.count_nonzero(taken)].astype(np.int32)

    def shown(self, customers: IntArray, **filters: Any) -> IntArray:
        """Ten products each."""
        return self.model.recommend(customers, k=SHOWN, **filters)[0]

    def shown_from(self, history: Interactions) -> IntArray:
        return self.model.recommend_from(history, at_day=self.at_day, k=SHOWN)[0]


def ask(asked: Asked) -> list[Answered]:
    """Every question, in the order in which they are shown."""
    return [question(asked) for question in QUESTIONS]


def first_wrong(answers: list[Answered]) -> str:
    """The sentence of the first wrong answer, "" where there is none."""
    wrong = (each for each in answers if each.right is False)
    return next((f"Answers wrongly: {each.question} {each.answer}" for each in wrong), "")


def _regulars(asked: Asked) -> Answered:
    question = (
        f"Who bought one thing on {OFTEN} days or more and is due for it: is it in their ten?"
    )
    habits = habits_of(asked.events, at_day=asked.at_day, half_life_days=None)
    customers, products = _due(habits, asked.at_day)
    if not len(customers):
        return Answered(question, f"Nobody bought anything on {OFTEN} days and is due.", None)
    shown = asked.shown(customers)
    found = int((shown == products[:, None]).any(axis=1).sum())
    return Answered(
        question,
        f"Of {len(customers)} such customers, {found} see it.",
        2 * found >= len(customers),
    )


def _due(habits: Habits, at_day: float) -> tuple[IntArray, IntArray]:
    """Those with the strongest habits that are due, one each: customers, products."""
    owners = np.repeat(np.arange(len(habits.starts) - 1, dtype=np.int32), np.diff(habits.starts))
    gap = (habits.last - habits.first) / (habits.times - 1).clip(1)
    ago = np.floor(at_day) - habits.last
    due = (habits.times >= OFTEN) & (ago >= DUE[0] * gap) & (ago <= DUE[1] * gap)
    pairs = np.flatnonzero(due)
    pairs = pairs[np.argsort(-habits.times[pairs], kind="stable")]
    _, first = np.unique(owners[pairs], return_index=True)
    chosen = pairs[np.sort(first)[:REGULARS]]
    return owners[chosen], habits.products[chosen]


def _stranger(asked: Asked) -> Answered:
    question = "Somebody unknown who looked at nothing: do they see what sells?"
    nobody = np.array([-1], dtype=np.int32)
    blend = asked.model.blend(nobody, k=SHOWN)
    shown, best = _listed(blend.products[0]), asked.lately[:BEST_SELLERS]
    if not len(best):
        return Answered(question, "Nothing was sold in the last four weeks.", None)
    sells = int(np.isin(shown, best).sum())
    words = (
        f"{sells} of the {len(shown)} shown are among the {len(best)} best sellers of four weeks."
    )
    right = not blend.personalised[0] and len(shown) > 0 and 2 * sells >= min(len(shown), len(best))
    return Answered(question, words, bool(right))


def _newcomer(asked: Asked) -> Answered:
    question = "A new customer who did nothing yet: is there a list?"
    shown = _listed(asked.shown_from(_history(asked, [], []))[0])
    return Answered(question, f"{len(shown)} products." if len(shown) else "No.", len(shown) > 0)


def _twins(asked: Asked) -> Answered:
    question = "Two who did exactly the same, and one who was there before: the same list?"
    rows = _busiest(asked, 5)
    once = asked.events.of_customers(rows)
    twice = Interactions.of(
        np.concatenate([once.customers, once.customers + len(rows)]),
        np.tile(once.products, 2),
        weights=np.tile(once.weights, 2),
        times=np.tile(once.times, 2),
        n_customers=2 * len(rows),
        n_products=once.n_products,
    )
    first, second = np.split(asked.shown_from(twice), 2)
    # Sums in another order may turn two products of almost the same score round at the end.
    common = [np.isin(*pair).sum() for pair in zip(first, asked.shown(rows), strict=True)]
    alike = np.all(first == second, axis=1) & (np.array(common) >= first.shape[1] - 1)
    return Answered(question, f"Yes, {alike.sum()} times out of {len(rows)}.", bool(alike.all()))


def _withdrawn(asked: Asked) -> Answered:
    best = asked.lately[:1]
    if not len(best):
        return Answered("If the best seller is withdrawn: is it shown?", "Nothing sells.", None)
    title = asked.title(int(best[0]))
    allowed = np.ones(asked.events.n_products, np.bool_)
    allowed[best] = False
    shown = asked.shown(asked.customers, allowed=allowed)
    still = int((shown == best[0]).any(axis=1).sum())
    return Answered(
        f"If {title} is withdrawn: is it still shown?",
        f"In {still or 'none'} of {len(shown)} lists.",
        still == 0,
    )


def _neighbours(asked: Asked) -> Answered:
    best = asked.lately[:1]
    if not len(best):
        return Answered("What is like the best seller?", "Nothing sells.", None)
    question = f"What is like {asked.title(int(best[0]))}: something, and never itself?"
    near = _listed(asked.model.models_["neighbours"].similar(best, k=SHOWN).products[0])
    if best[0] in near:
        return Answered(question, "It is said to be like itself.", False)
    if not len(near):
        return Answered(question, "Nothing at all.", False)
    return Answered(question, f"{asked.title(int(near[0]))}, first of {len(near)}.", True)


def _different(asked: Asked) -> Answered:
    question = "Do customers who did different things see different lists?"
    shown = asked.shown(asked.customers)
    kinds = len(np.unique(shown, axis=0))
    words = f"{kinds} different lists for {len(shown)} customers."
    return Answered(question, words, 2 * kinds > len(shown))


def _whole(asked: Asked) -> Answered:
    question = "Has everybody a list of products of the shop, none of them twice?"
    shown = asked.shown(asked.customers)
    sorted_ = np.sort(shown, axis=1)
    twice = ((np.diff(sorted_, axis=1) == 0) & (sorted_[:, 1:] >= 0)).any(axis=1)
    unknown = ~known_rows(shown, asked.events.n_products)[1] & (shown != -1)
    broken = twice | unknown.any(axis=1) | (shown[:, 0] < 0)
    words = f"{int((~broken).sum())} of {len(shown)} have."
    return Answered(question, words, not broken.any())


def _at_once(asked: Asked) -> Answered:
    question = "Does what is bought today change the list at once?"
    rows = asked.customers[:: max(1, len(asked.customers) // 20)]
    before = asked.events.of_customers(rows)
    best = asked.lately[:1]
    if not len(best):
        return Answered(question, "Nothing sells.", None)
    today = _history(asked, rows * 0 + best[0], np.arange(len(rows)), n=len(rows))
    after = replace(
        before,
        customers=np.concatenate([before.customers, today.customers]),
        products=np.concatenate([before.products, today.products]),
        weights=np.concatenate([before.weights, today.weights]),
        times=np.concatenate([before.times, today.times]),
    )
    moved = (asked.shown_from(before) != asked.shown_from(after)).any(axis=1)
    return Answered(
        question, f"For {moved.sum()} of {len(rows)} customers.", bool(2 * moved.sum() >= len(rows))
    )


QUESTIONS: Final = (
    _regulars,
    _stranger,
    _newcomer,
    _twins,
    _different,
    _at_once,
    _withdrawn,
    _neighbours,
    _whole,
)


def _listed(products: IntArray) -> IntArray:
    return products[products >= 0]


def _busiest(asked: Asked, n: int) -> IntArray:
    """The customers who did most, at most n of them."""
    did = np.bincount(asked.events.customers, minlength=asked.events.n_customers)
    order = np.argsort(-did, kind="stable")[: min(n, np.count_nonzero(did))]
    return order.astype(np.int32)


def _history(asked: Asked, products: Any, customers: Any, *, n: int = 1) -> Interactions:
    """Events of a moment ago."""
    return Interactions.of(
        customers,
        products,
        times=np.full(len(products), np.nextafter(asked.at_day, 0)),
        n_customers=n,
        n_products=asked.events.n_products,
    )
