"""What a customer buys again, and when it is due: by habit, and by the product's own rhythm."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from retention.learning.interactions import (
    BoolArray,
    Csr,
    DoubleArray,
    IntArray,
    Interactions,
)
from retention.learning.recommend.habits import Habits, habits_of
from retention.learning.recommend.protocol import (
    Arrays,
    NotFitted,
    Params,
    Progress,
    Ranked,
    check_events,
    check_history,
    options,
    silent,
)
from retention.learning.recommend.selection import top_sparse

# A customer's own rhythm is believed like this many gaps of the product's.
OWN_PRIOR = 2.0


@dataclass(frozen=True, eq=False)
class Due:
    """Why something may be bought again: on how many days it was, how long ago, how often.

    All (n, k) like the products asked about; 0, nan, nan where it was never bought.
    """

    times: IntArray
    days_ago: DoubleArray
    gap_days: DoubleArray


@dataclass(kw_only=True, eq=False)
class BuyAgain:
    """Faded frequency, times how often anyone comes back for the product, times whether it is due.

    half_life_days : how fast a purchase fades (None: never).
    due : before the usual gap has passed, the score is (elapsed / gap)^due of itself; 0 for all.
    rate : the power of the share of a product's buyers who came back for it.
    prior : so many buyers and gaps of the average product are added to each product's own.
    """

    half_life_days: float | None = 120.0
    due: float = 0.1
    rate: float = 1.0
    prior: float = 10.0

    gap_days_: DoubleArray = field(init=False, repr=False)
    rate_: DoubleArray = field(init=False, repr=False)
    habits_: Habits = field(init=False, repr=False)
    at_day_: float = field(init=False, repr=False)

    def fit(
        self, interactions: Interactions, *, at_day: float, progress: Progress = silent
    ) -> Self:
        """Learn each product's rhythm and each customer's habits."""
        for name in ("due", "rate", "prior"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, it is {getattr(self, name)!r}.")
        check_events(interactions, at_day)
        habits = habits_of(interactions, at_day=at_day, half_life_days=self.half_life_days)
        self.gap_days_, self.rate_ = _rhythm(habits, self.prior)
        self.habits_, self.at_day_ = habits, at_day
        progress(1, 1, "counting what is bought again")
        return self

    def recommend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """From the habits known at fit. Empty for customers without any."""
        habits = self._fitted().of_customers(customers)
        scores = self.scores_of(habits, self.at_day_)
        return top_sparse(scores, k=k, exclude=exclude, allowed=allowed)

    def recommend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """From any history, as due on at_day."""
        check_history(history, self._fitted().n_products)
        habits = habits_of(history, at_day=at_day, half_life_days=self.half_life_days)
        scores = self.scores_of(habits, at_day)
        return top_sparse(scores, k=k, exclude=exclude, allowed=allowed)

    def explain(
        self, customers: IntArray, products: IntArray, *, at_day: float | None = None
    ) -> Due:
        """The evidence behind products (n, k) shown to customers (n,) known at fit.

        at_day : when it is shown (None: at the fit).
        """
        shown = self.at_day_ if at_day is None else at_day
        return self._explain(self._fitted().of_customers(customers), products, shown)

    def explain_from(self, history: Interactions, products: IntArray, *, at_day: float) -> Due:
        """The same for any history, as it stands on at_day."""
        check_history(history, self._fitted().n_products)
        habits = habits_of(history, at_day=at_day, half_life_days=self.half_life_days)
        return self._explain(habits, products, at_day)

    def _explain(self, habits: Habits, products: IntArray, at_day: float) -> Due:
        places = habits.find(products)
        missing = places < 0
        nothing = np.full(missing.shape, np.nan)
        if not len(habits.products):
            return Due(np.zeros(missing.shape, np.int32), nothing, nothing)
        return Due(
            times=np.where(missing, 0, habits.times[places]),
            days_ago=np.where(missing, nothing, np.floor(at_day) - habits.last[places]),
            gap_days=np.where(missing, nothing, self.gaps_of(habits)[places]),
        )

    def params(self) -> Params:
        """The options."""
        return options(self)

    def arrays(self) -> Arrays:
        """Rhythms of the products and habits of the customers."""
        habits = self._fitted()
        return {
            "gap_days": self.gap_days_,
            "rate": self.rate_,
            "at_day": np.array(self.at_day_),
            "starts": habits.starts,
            "products": habits.products,
            "strength": habits.strength,
            "times": habits.times,
            "first": habits.first,
            "last": habits.last,
        }

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The model again, without learning."""
        model = cls(**params)
        model.gap_days_, model.rate_ = arrays["gap_days"], arrays["rate"]
        model.at_day_ = float(arrays["at_day"])
        names = ("starts", "products", "strength", "times", "first", "last")
        pairs = {name: arrays[name] for name in names}
        model.habits_ = Habits(**pairs, n_products=len(arrays["rate"]))
        return model

    def scores_of(self, habits: Habits, at_day: float) -> Csr:
        elapsed = (at_day - habits.last).clip(0) / self.gaps_of(habits)
        scores = habits.strength * self.rate_[habits.products] ** self.rate
        scores *= elapsed.clip(max=1) ** self.due
        return habits.with_scores(scores.astype(np.float32).clip(np.finfo(np.float32).tiny))

    def gaps_of(self, habits: Habits) -> DoubleArray:
        """The usual days between purchases of each pair: the customer's own and the product's."""
        usual = self.gap_days_[habits.products]
        gaps: DoubleArray = (habits.last - habits.first + OWN_PRIOR * usual) / (
            habits.times - 1 + OWN_PRIOR
        )
        return gaps

    def _fitted(self) -> Habits:
        if not hasattr(self, "habits_"):
            raise NotFitted("BuyAgain has learned nothing yet: call fit() first.")
        return self.habits_


def _rhythm(habits: Habits, prior: float) -> tuple[DoubleArray, DoubleArray]:
    """Days between purchases, and the share of buyers who came back, of each product.

    Both drawn towards the average product by so many gaps or buyers as prior says.
    """

    def by_product(values: DoubleArray) -> DoubleArray:
        summed = np.bincount(habits.products, values, minlength=habits.n_products)
        return summed.astype(np.float64)

    buyers = by_product(np.ones(len(habits.products)))
    returned = by_product((habits.times > 1).astype(np.float64))
    gaps = by_product(habits.times.astype(np.float64) - 1)
    spans = by_product(habits.last - habits.first)
    # One buyer who came back after a month stands in where there is no data at all.
    usual_gap = (spans.sum() + 30) / (gaps.sum() + 1)
    usual_rate = (returned.sum() + 1) / (buyers.sum() + 1)
    tiny = 1e-9
    return (
        (spans + (prior + tiny) * usual_gap) / (gaps + prior + tiny),
        (returned + (prior + tiny) * usual_rate) / (buyers + prior + tiny),
    )
