"""What speaks for a product and a customer, in figures: what the learned ranker weighs."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from scipy.sparse import csr_array

from retention.learning.interactions import (
    BoolArray,
    Csr,
    DoubleArray,
    FloatArray,
    IntArray,
)
from retention.learning.recommend.als import ImplicitALS
from retention.learning.recommend.buy_again import BuyAgain
from retention.learning.recommend.goods import Goods
from retention.learning.recommend.habits import Habits
from retention.learning.recommend.neighbours import ItemNeighbours, summed
from retention.learning.recommend.selection import nothing

FEATURES: Final = {
    "again": "how strongly it is bought again",
    "again_share": "how it stands among what is bought again",
    "days_ago": "days since it was bought",
    "times": "how often it was bought",
    "due": "whether it is due",
    "habit": "a customer who returns to the same things",
    "comes_back": "how many come back for it",
    "visits": "on what share of the visits it was bought",
    "together": "how well it goes with what was bought",
    "taste": "what people alike like",
    "direction": "how well it fits the taste",
    "content": "how alike it is to what was bought",
    "variant": "how alike it is to the most alike thing that was bought",
    "popular": "what sells of late",
    "selling_now": "what sells these days",
    "trend": "what sells more than it did",
    "age": "how long it has been sold",
    "price": "its price",
    "back_lately": "how many who had it took it again of late",
    "breadth": "how many products the customer knows",
    "returning": "what share of them was bought again",
    "quiet": "days since the customer bought",
}
"""Name of a feature -> what it says to people, in the order of the columns."""
REMEMBERED: Final = 100
"""So many of the products that weigh most in a history are each held against a candidate."""
TIMES: Final = list(FEATURES).index("times")


@dataclass(frozen=True, eq=False)
class People:
    """n customers as the models see them at a day: habits, weighted histories and factors."""

    habits: Habits
    history: Csr
    factors: FloatArray
    at_day: float

    def of(self, rows: IntArray) -> Self:
        """Some of them, in the order asked."""
        return replace(
            self,
            habits=self.habits.of_customers(rows),
            history=self.history[rows],
            factors=self.factors[rows],
        )


@dataclass(frozen=True, eq=False)
class Pairs:
    """Candidates: customer rows of People, rising, and products, rising within a customer."""

    customers: IntArray
    products: IntArray

    def __len__(self) -> int:
        return len(self.customers)

    def taken(self, relevant: Csr) -> BoolArray:
        """Which pairs a matrix of customers by products holds, (pairs,)."""
        held = relevant.sorted_indices()
        return _places(held, self) >= 0

    def best(self, odds: DoubleArray, *, n: int, k: int) -> tuple[IntArray, IntArray]:
        """The k best products of each of n customers, and their places among the pairs.

        Both (n, k), -1 where a list ends; the smaller product row first among equals.
        """
        order = np.lexsort((-odds, self.customers))
        owners = self.customers[order]
        rank = np.arange(len(order)) - np.searchsorted(owners, np.arange(n))[owners]
        products, places = nothing(n, k)[0], nothing(n, k)[0]
        kept = rank < k
        products[owners[kept], rank[kept]] = self.products[order[kept]]
        places[owners[kept], rank[kept]] = order[kept]
        return products, places


def pairs_of(lists: IntArray, n_products: int) -> Pairs:
    """Every product in any list, once. lists : (n, depth, models), -1 where one has ended."""
    owners = np.broadcast_to(np.arange(len(lists))[:, None, None], lists.shape)
    there = lists >= 0
    cells = np.unique(owners[there].astype(np.int64) * n_products + lists[there])
    return Pairs(
        (cells // max(n_products, 1)).astype(np.int32),
        (cells % max(n_products, 1)).astype(np.int32),
    )


def weigh(
    pairs: Pairs,
    people: People,
    goods: Goods,
    *,
    again: BuyAgain,
    near: ItemNeighbours,
    taste: ImplicitALS,
) -> DoubleArray:
    """The features of each pair, (pairs, len(FEATURES)), nan where there is nothing to say.

    A pair's features depend on the customer and the product alone, never on the other candidates.
    """
    customers, products = pairs.customers, pairs.products
    liked, fits = _liking(pairs, people.factors, taste.product_factors_)
    repeating = _repeating(pairs, people, again)
    before = repeating[TIMES] > 0
    *known, back = goods.table[products].T
    columns = [
        *repeating,
        _together(pairs, people.history, near.similarity_),
        liked,
        fits,
        _alike(pairs, people.history, goods.content),
        _variant(pairs, people.history, goods.content),
        *known,
        np.where(before, back, np.nan),
        *(column[customers] for column in _ways(people)),
    ]
    return np.column_stack(columns).astype(np.float64)


def _repeating(pairs: Pairs, people: People, again: BuyAgain) -> list[DoubleArray]:
    habits, customers = people.habits, pairs.customers
    scores = again.scores_of(habits, people.at_day)
    place = _places(scores, pairs)
    known = place >= 0
    score = np.where(known, np.append(scores.data, 0)[place], np.nan).astype(np.float64)
    best = _by_customer(np.maximum, scores.data, habits)
    ago = np.where(known, np.floor(people.at_day) - np.append(habits.last, 0)[place], np.nan)
    gaps = np.append(again.gaps_of(habits), 1)[place]
    returning = _returning(habits)[customers]
    return [
        np.log(score),
        np.log(score / best[customers].clip(1e-30)),
        ago,
        np.where(known, np.append(habits.times, 0)[place].clip(max=20), 0.0),
        np.log((ago.clip(0) + 0.5) / gaps),
        np.where(known, returning, -1 - returning),
        np.log(again.rate_[pairs.products]),
        np.log(
            np.where(known, np.append(habits.times, 0)[place], np.nan) / _visits(habits)[customers]
        ),
    ]


def _together(pairs: Pairs, history: Csr, similarity: Csr) -> DoubleArray:
    """Log of the mean similarity to the history, each purchase counted as it has faded."""
    total = np.asarray(history.sum(axis=1), dtype=np.float64)
    found = summed(history, similarity)
    place = _places(found, pairs)
    score = np.where(place >= 0, np.append(found.data, 0)[place], np.nan)
    with np.errstate(divide="ignore"):
        logs = np.log(score / total[pairs.customers].clip(1e-30))
    return np.where(np.isfinite(logs), logs, np.nan)


def _liking(pairs: Pairs, people: FloatArray, goods: FloatArray) -> tuple[DoubleArray, DoubleArray]:
    """Product of the factors, and the same over the length of the customer's."""
    score = np.einsum("ij,ij->i", people[pairs.customers], goods[pairs.products])
    length = np.linalg.norm(people, axis=1)[pairs.customers]
    known = length > 0
    return (
        np.where(known, score, np.nan).astype(np.float64),
        np.where(known, score / np.where(known, length, 1), np.nan).astype(np.float64),
    )


def _alike(pairs: Pairs, history: Csr, content: FloatArray) -> DoubleArray:
    """Cosine of the product with the mean of the history."""
    if not content.shape[1]:
        return np.full(len(pairs), np.nan)
    roots = csr_array((np.sqrt(history.data), history.indices, history.indptr), history.shape)
    profiles = np.asarray(roots @ content)
    lengths = np.linalg.norm(profiles, axis=1)
    cosine = np.einsum("ij,ij->i", profiles[pairs.customers], content[pairs.products])
    told = (lengths[pairs.customers] > 0) & content[pairs.products].any(axis=1)
    return np.where(told, cosine / lengths[pairs.customers].clip(1e-12), np.nan)


def _variant(pairs: Pairs, history: Csr, content: FloatArray) -> DoubleArray:
    """Cosine of the product with the most alike other product of the history: the same in red."""
    found = np.full(len(pairs), np.nan)
    if not content.shape[1]:
        return found
    starts = np.searchsorted(pairs.customers, np.arange(history.shape[0] + 1))
    for row in np.flatnonzero(np.diff(starts)):
        own = slice(history.indptr[row], history.indptr[row + 1])
        heaviest = np.argsort(-history.data[own], kind="stable")[:REMEMBERED]
        # A stranger's row holds weights of 0.
        bought = history.indices[own][heaviest[history.data[own][heaviest] > 0]]
        asked = pairs.products[starts[row] : starts[row + 1]]
        cosines = content[asked] @ content[bought].T
        cosines[asked[:, None] == bought] = -1
        # Without another product there is nothing to say.
        best = cosines.max(axis=1, initial=-1)
        found[starts[row] : starts[row + 1]] = np.where(best > -1, best, np.nan)
    return found


def _ways(people: People) -> list[DoubleArray]:
    """Of each customer: log of products known, share bought again, log of days of silence."""
    habits = people.habits
    last = _by_customer(np.maximum, habits.last, habits)
    quiet = np.where(last > 0, np.log1p((people.at_day - last).clip(0)), np.nan)
    return [np.log1p(np.diff(habits.starts).astype(np.float64)), _returning(habits), quiet]


def _visits(habits: Habits) -> DoubleArray:
    """On how many days each customer bought something for the first or the latest time, from 1."""
    n = len(habits.starts) - 1
    owners = np.tile(np.repeat(np.arange(n), np.diff(habits.starts)), 2)
    days = np.concatenate([habits.first, habits.last]).astype(np.int64)
    seen = np.unique(np.column_stack([owners, days]), axis=0)[:, 0]
    return np.bincount(seen, minlength=n).clip(1).astype(np.float64)


def _returning(habits: Habits) -> DoubleArray:
    known = np.diff(habits.starts)
    repeated = np.append(0, np.cumsum(habits.times > 1))[habits.starts]
    share: DoubleArray = np.diff(repeated) / known.clip(1)
    return share


def _by_customer(pick: np.ufunc, values: DoubleArray | FloatArray, habits: Habits) -> DoubleArray:
    """pick over each customer's pairs, 0 where there are none."""
    found = np.zeros(len(habits.starts) - 1)
    some = np.flatnonzero(np.diff(habits.starts))
    if len(some):
        found[some] = pick.reduceat(values, habits.starts[some])
    return found


def _places(cells: Csr, pairs: Pairs) -> IntArray:
    """Where each pair is in a matrix with rising columns, -1 where it is not stored."""
    owners = np.repeat(np.arange(cells.shape[0], dtype=np.int64), np.diff(cells.indptr))
    held = owners * cells.shape[1] + cells.indices
    asked = pairs.customers.astype(np.int64) * cells.shape[1] + pairs.products
    place = np.searchsorted(held, asked)
    return np.where(np.append(held, -1)[place] == asked, place, -1).astype(np.int32)
