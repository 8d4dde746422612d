"""Who counts as lost: the operator's definition, and the cut-offs at which it is known."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.orders import order_days, orders_of
from retention.learning.panel import SECONDS_A_DAY, BoolArray, IntArray, Kind, Panel, as_second

SHORTEST: Final = 7
"""Days: who orders daily is waited for a week."""
FEWEST_GAPS: Final = 2
"""One gap between two orders is not yet usual."""


@dataclass(frozen=True)
class ChurnDefinition:
    """A customer of the audience is lost who orders nothing within the horizon.

    horizon_days : H, how long a silence after the cut-off makes a customer lost.
    overdue_times : where given, a silence of so many times their own usual gap does, and H is the
        longest: that of the customers who gap too much, or have ordered too seldom to have a usual.
    min_orders : the audience has ordered at least so often before the cut-off,
    active_within_days : the last time within so many days before it.
    """

    horizon_days: int = 60
    min_orders: int = 1
    active_within_days: int = 365
    overdue_times: float | None = None

    def __post_init__(self) -> None:
        """Refuse a definition nobody can meet."""
        if min(self.horizon_days, self.min_orders, self.active_within_days) < 1:
            raise ValueError(f"Days and orders of a churn definition are at least 1, got {self}.")
        if self.overdue_times is not None and not self.overdue_times >= 1:
            raise ValueError(
                f"Nobody is overdue sooner than usual, got {self.overdue_times} times."
            )


@dataclass(frozen=True)
class Outcome:
    """What became of the audience of one cut-off.

    customers : (n,) row numbers. lost : (n,) no order within the horizon.
    """

    cut_off: float
    customers: IntArray
    lost: BoolArray

    @property
    def base_rate(self) -> float:
        """Share of the audience that was lost; nan for an empty audience."""
        return float(self.lost.mean()) if len(self.lost) else float("nan")


class NotMatured(Exception):
    """The horizon of a cut-off is not over yet."""


def audience(panel: Panel, definition: ChurnDefinition, *, cut_off: float) -> IntArray:
    """Rows of the customers the definition is about at a cut-off, ascending."""
    bought = panel.take((panel.kind == Kind.PURCHASE) & (panel.second < as_second(cut_off)))
    active = bought.second >= as_second(cut_off - definition.active_within_days)
    orders = np.unique(bought.order, return_index=True)[1]
    many = np.bincount(bought.customer[orders], minlength=panel.n_customers)
    lately = np.bincount(bought.customer[active], minlength=panel.n_customers)
    return np.flatnonzero((many >= definition.min_orders) & (lately > 0))


def horizons(
    panel: Panel, definition: ChurnDefinition, *, cut_off: float, customers: IntArray
) -> IntArray:
    """The days after a cut-off that each of these customers (n,) is waited for, (n,).

    Of their own rhythm as it was known at the cut-off, so that a model may see it as well.
    """
    waited = np.full(len(customers), definition.horizon_days)
    if definition.overdue_times is None:
        return waited
    days = order_days(orders_of(panel.before(cut_off)))
    own = definition.overdue_times * days.usual_gap()[customers]
    usual = days.gaps[customers] >= FEWEST_GAPS
    shortest = min(SHORTEST, definition.horizon_days)
    waited[usual] = np.clip(np.rint(own[usual]), shortest, definition.horizon_days)
    return waited


def outcome(panel: Panel, definition: ChurnDefinition, *, cut_off: float) -> Outcome:
    """Who of the audience ordered nothing in the days from the cut-off to their horizon.

    Raises NotMatured where the panel ends before the horizon does.
    """
    end = cut_off + definition.horizon_days
    if as_second(end) > panel.second.max() + 1:
        raise NotMatured(
            f"The outcome of day {cut_off:.1f} is known on day {end:.1f}; "
            f"the events end on day {panel.last_day:.1f}. Use an earlier cut-off."
        )
    customers = audience(panel, definition, cut_off=cut_off)
    until = np.zeros(panel.n_customers, dtype=np.int64)
    waited = horizons(panel, definition, cut_off=cut_off, customers=customers)
    until[customers] = as_second(cut_off) + waited * SECONDS_A_DAY
    ahead = (panel.second >= as_second(cut_off)) & (panel.second < until[panel.customer])
    came = panel.customer[(panel.kind == Kind.PURCHASE) & ahead]
    return Outcome(cut_off, customers, ~np.isin(customers, came))


def latest_matured(panel: Panel, definition: ChurnDefinition) -> float:
    """The latest morning whose outcome is known."""
    end = float(panel.second.max() + 1) / SECONDS_A_DAY
    return float(np.floor(end)) - definition.horizon_days


@dataclass(frozen=True)
class CutOffPlan:
    """Three kinds of cut-off, each horizon over before the next kind begins.

    train : earliest first. choose : after every training horizon. test : after that one's.
    """

    train: tuple[float, ...]
    choose: float
    test: float


@dataclass(frozen=True)
class DataShortage:
    """Why a model cannot be trained yet, in words."""

    missing: tuple[str, ...]

    def __str__(self) -> str:
        """One sentence, for a run's record."""
        return "Too little data: " + "; ".join(self.missing) + "."


@dataclass(frozen=True)
class Minimum:
    """The least data a churn model is trained on.

    history_days : how much past the first training cut-off has to look back on.
    customers, lost, kept : in the training cut-offs together; the same divided by ten in the
        later and test cut-off each.
    """

    history_days: int = 30
    customers: int = 500
    lost: int = 100
    kept: int = 100


def plan_cut_offs(
    panel: Panel,
    definition: ChurnDefinition,
    *,
    step_days: int = 28,
    max_train: int = 7,
    minimum: Minimum | None = None,
) -> CutOffPlan | DataShortage:
    """The latest cut-offs whose outcomes are known, or what is missing for them.

    Every step back in time costs a horizon: test, choose, then the training cut-offs every
    step_days until history runs short.
    """
    minimum = minimum or Minimum()
    bought = panel.second[panel.kind == Kind.PURCHASE]
    if not len(bought):
        return DataShortage(("needs orders, has none",))
    horizon = definition.horizon_days
    first, end = float(bought.min()) / 86_400, float(panel.second.max() + 1) / 86_400
    test = latest_matured(panel, definition)
    choose = test - horizon
    latest = choose - horizon
    many = int((latest - first - minimum.history_days) // step_days) + 1
    if many < 1:
        needs = 3 * horizon + minimum.history_days
        has = spell_days(end - first)
        return DataShortage((f"needs {spell_days(needs)} of orders, has {has}",))
    steps = range(min(many, max_train) - 1, -1, -1)
    return CutOffPlan(tuple(float(latest - s * step_days) for s in steps), choose, test)


def check_enough(
    train: list[Outcome], choose: Outcome, test: Outcome, minimum: Minimum
) -> DataShortage | None:
    """What the outcomes lack to train on; None where they suffice."""
    missing = [
        *_lacking("training", train, minimum.customers, minimum.lost, minimum.kept),
        *_lacking("choosing", [choose], *_tenth(minimum)),
        *_lacking("test", [test], *_tenth(minimum)),
    ]
    return DataShortage(tuple(missing)) if missing else None


def _tenth(minimum: Minimum) -> tuple[int, int, int]:
    return minimum.customers // 10, max(minimum.lost // 10, 1), max(minimum.kept // 10, 1)


def _lacking(
    where: str, outcomes: list[Outcome], customers: int, lost: int, kept: int
) -> list[str]:
    has = sum(len(o.lost) for o in outcomes)
    gone = sum(int(o.lost.sum()) for o in outcomes)
    counts = (
        ("customers", has, customers),
        ("lost customers", gone, lost),
        ("customers who came back", has - gone, kept),
    )
    return [
        f"needs {needed:,} {what} for {where}, has {there:,}"
        for what, there, needed in counts
        if there < needed
    ]


def spell_days(days: float) -> str:
    """A span in the unit a person would use: "5 weeks", "3 months"."""
    if days >= 60:
        return _spelled(days / 30.4375, "month")
    return _spelled(days / 7, "week") if days >= 14 else _spelled(days, "day")


def _spelled(number: float, noun: str) -> str:
    whole = int(number)
    return f"{whole} {noun}" if whole == 1 else f"{whole} {noun}s"
