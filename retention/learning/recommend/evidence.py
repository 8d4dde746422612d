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
    Interactions,
)
from retention.learning.recommend.als import ImplicitALS
from retention.learning.recommend.buy_again import BuyAgain
from retention.learning.recommend.habits import Habits
from retention.learning.recommend.neighbours import ItemNeighbours
from retention.learning.recommend.selection import nothing

FEATURES: Final = {
    "again": "how strongly it is bought again",
    "again_share": "how it stands among what is bought again",
    "days_ago": "days since it was bought",
    "times": "how often it was bought",
    "due": "whether it is due",
    "habit": "a customer who returns to the same things",
    "comes_back": "how many come back for it",
    "together": "how well it goes with what was bought",
    "taste": "what people alike like",
    "direction": "how well it fits the taste",
    "content": "how alike it is to what was bought",
    "popular": "what sells of late",
    "selling_now": "what sells these days",
    "trend": "what sells more than it did",
    "age": "how long it has been sold",
    "price": "its price",
    "breadth": "how many products the customer knows",
    "returning": "what share of them was bought again",
    "quiet": "days since the customer bought",
}
"""Name of a feature -> what it says to people, in the order of the columns."""
FASTEST, USUAL, SLOWEST = 4.0, 14.0, 90.0
"""Half-lives in days of the three popularities."""
LITTLE: Final = 1e-3


@dataclass(frozen=True, eq=False)
class Goods:
    """What is known of products whoever asks.

    table : (n_products, 5) float32, the columns popular to price of FEATURES; nan where unknown.
    content : (n_products, d) float32 of unit length, d may be 0.
    """

    table: FloatArray
    content: FloatArray


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


def goods_of(
    known: Interactions, *, at_day: float, content: FloatArray | None, prices: DoubleArray | None
) -> Goods:
    """From the events before a day, and what is said of the products."""
    fast, usual, slow = (
        np.log(np.asarray(known.matrix(at_day, half_life_days=each).sum(axis=0)) + LITTLE)
        for each in (FASTEST, USUAL, SLOWEST)
    )
    before = known.before(at_day)
    first = np.full(known.n_products, np.inf)
    np.minimum.at(first, before.products, before.times)
    age = np.log1p(at_day - np.where(np.isfinite(first), first, np.nan))
    price = np.full(len(age), np.nan) if prices is None else np.log(prices.clip(0.01))
    nothing_said = np.zeros((known.n_products, 0), np.float32)
    return Goods(
        table=np.column_stack([usual, fast, usual - slow, age, price]).astype(np.float32),
        content=nothing_said if content is None else content,
    )


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
    columns = [
        *_repeating(pairs, people, again),
        _together(pairs, people.history, near.similarity_),
        liked,
        fits,
        _alike(pairs, people.history, goods.content),
        *goods.table[products].T,
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
    ]


def _together(pairs: Pairs, history: Csr, similarity: Csr) -> DoubleArray:
    """Log of the mean similarity to the history, each purchase counted as it has faded."""
    total = np.asarray(history.sum(axis=1), dtype=np.float64)
    found = (history @ similarity).tocsr()
    found.sort_indices()
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


def _ways(people: People) -> list[DoubleArray]:
    """Of each customer: log of products known, share bought again, log of days of silence."""
    habits = people.habits
    last = _by_customer(np.maximum, habits.last, habits)
    quiet = np.where(last > 0, np.log1p((people.at_day - last).clip(0)), np.nan)
    return [np.log1p(np.diff(habits.starts).astype(np.float64)), _returning(habits), quiet]


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
