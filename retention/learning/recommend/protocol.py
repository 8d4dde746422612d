"""What every recommender can be asked, so that any of them can be served, stored and judged."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from retention.learning.interactions import BoolArray, Csr, FloatArray, IntArray, Interactions

Ranked: TypeAlias = tuple[IntArray, FloatArray]
Arrays: TypeAlias = dict[str, NDArray[Any]]
Params: TypeAlias = dict[str, Any]
Progress: TypeAlias = Callable[[int, int, str], None]


def silent(done: int, total: int, message: str) -> None:
    """Progress nobody watches."""


class NotFitted(RuntimeError):
    """A model was asked before it learned."""


class NothingToLearn(ValueError):
    """There is no event before the cut-off."""


class Recommender(Protocol):
    """Options go to __init__; fit learns; everything learned comes out as arrays.

    Where customers are asked for, the answer is (products, scores), both (n, k), best first,
    int32 and float32; rows shorter than k end in -1, nan. Equal scores rank by product row.
    exclude : (n, n_products), one row for each customer asked; what it holds is left out.
    allowed : (n_products,) bool; only these may appear.
    """

    def fit(
        self, interactions: Interactions, *, at_day: float, progress: Progress = silent
    ) -> Self:
        """Learn from the events before at_day; progress hears (done, total, message)."""
        ...

    def recommend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """For customers known at fit, by row number, from what was known then.

        Row numbers outside what was fitted are unknown customers, never an error.
        """
        ...

    def recommend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """For anyone, from their events before at_day: row i answers customer i of history.

        New events, new customers, merged customers and visitors without a name need no
        training this way.
        """
        ...

    def params(self) -> Params:
        """The options, as JSON holds them."""
        ...

    def arrays(self) -> Arrays:
        """All that was learned."""
        ...

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The same model again: its answers are the same bytes."""
        ...


def options(model: Any) -> Params:
    """The options of a model written as a dataclass: what its __init__ takes."""
    return {field.name: getattr(model, field.name) for field in fields(model) if field.init}


def check_events(interactions: Interactions, at_day: float) -> None:
    """Refuse to learn from nothing."""
    if not bool(np.any(interactions.times < at_day)):
        raise NothingToLearn(
            f"None of the {len(interactions)} events is before day {at_day:g}: nothing to learn."
        )


def check_history(history: Interactions, n_products: int) -> None:
    """Refuse events that count other products than the model learned."""
    if history.n_products != n_products:
        raise ValueError(
            f"This model knows {n_products} products and the history {history.n_products}; "
            "number the history with the vocabulary stored beside the model."
        )
