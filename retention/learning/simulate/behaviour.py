"""The forces on a customer's day: what makes them order, look around, or leave.

The simulation and the truth both call these functions, so that a probability stated by the one
is the frequency seen in the other.
"""

import numpy as np

from retention.learning.simulate.arrays import FloatArray
from retention.learning.simulate.habits import NEVER, Habits
from retention.learning.simulate.seasons import demand, weekday_factor
from retention.learning.simulate.state import State

DEPTH_THAT_MOVES = 0.12  # a discount of 12 % has 63 % of the effect that any discount can have
_LEAST_INTEREST = 0.10  # the drifted order little by themselves, but can be reminded
_MISSED_AFTER_DAYS = 50.0
_FORGOTTEN_IN_DAYS = 140.0
_MOOD_LASTS_DAYS = 32.0
_WEARINESS_LASTS_DAYS = 60.0
_HABIT_LASTS_DAYS = 90.0


def order_intensity(habits: Habits, state: State, day: int) -> FloatArray:
    """Expected orders of everyone on `day`, were they here; a day's chance is 1 - exp(-this)."""
    season = demand(day) ** habits.season_lean
    silent_days = np.maximum(day - state.last_order, 0.0)
    readiness = 1.0 - np.exp(-3.5 * habits.rate * silent_days)
    appetite = state.interest * np.exp(0.5 * state.mood) * (1.0 + 0.9 * overdue(state, day).max(1))
    waiting = 1.0 - 0.4 * habits.deal * state.habit * ~state.holds_coupon(day)
    own = 1.25 * habits.rate * season * readiness * appetite * waiting
    intensity: FloatArray = _weekly(habits, day) * (
        own * (1.0 + 2.2 * habits.deal * coupon_pull(state, day)) + nudge(habits, state, day)
    )
    return intensity


def _weekly(habits: Habits, day: int) -> FloatArray:
    return weekday_factor(day, habits.weekday, habits.weekly)


def browse_intensity(habits: Habits, state: State, day: int) -> FloatArray:
    """Expected visits without an order; interest shows here before it shows in orders."""
    liveliness = 0.4 + 0.6 * demand(day)
    looking = habits.rate * habits.browse * state.interest**0.6 * np.exp(0.3 * state.mood)
    called: FloatArray = nudge(habits, state, day)
    return _weekly(habits, day) * (looking * liveliness + called)


def coupon_pull(state: State, day: int) -> FloatArray:
    """How strongly a coupon in hand pulls, 0 without one; deeper pulls more, less and less so."""
    depth = 1.0 - np.exp(-state.depth / DEPTH_THAT_MOVES)
    tired = np.exp(-0.35 * np.maximum(state.weariness - 1.0, 0.0))
    pull: FloatArray = state.holds_coupon(day) * depth * tired
    return pull


def nudge(habits: Habits, state: State, day: int) -> FloatArray:
    """Orders a day out of being reminded at all: fades in two weeks, spent by an order since.

    It works on those who have half forgotten the shop: who was here last week needs no
    reminder, and who has been away for most of a year does not know any more whom it is from.
    """
    since = day - state.sent
    silent_days = np.maximum(day - state.last_order, 0.0)
    missed = silent_days**2 / (silent_days**2 + _MISSED_AFTER_DAYS**2)
    half_forgotten = missed * np.exp(-silent_days / _FORGOTTEN_IN_DAYS)
    unspent = state.last_order < state.sent
    called: FloatArray = (
        habits.nudge
        * coupon_pull(state, day)
        * unspent
        * half_forgotten
        * np.exp(-since / 14.0)
        * state.interest**0.25
    )
    return called


def overdue(state: State, day: int) -> FloatArray:
    """How much each staple is due again (n, 3): 0 while it lasts, 1 when long used up."""
    spent = (day - state.staple_day) / state.staple_gap
    return np.where(state.staple >= 0, np.clip((spent - 0.65) / 0.7, 0.0, 1.0), 0.0)


def leave_hazards(habits: Habits, state: State) -> FloatArray:
    """A day's hazard of leaving for good, by cause (3, n): chance, bad experience, drift."""
    hurt = np.maximum(-state.mood - 0.25, 0.0)
    return np.stack(
        [
            habits.leaving,
            0.040 * habits.grievance * hurt,
            0.007 * (1.0 - state.interest) ** 2,
        ]
    )


def chance_of_annoying(habits: Habits, state: State) -> FloatArray:
    """The chance that noticing a coupon now drives the customer off at once."""
    provoked = 0.12 + 0.55 * np.maximum(-state.mood, 0.0) + 0.22 * state.weariness
    chance: FloatArray = habits.irritable * np.minimum(provoked, 1.0)
    return chance


def chance_of_redeeming(habits: Habits) -> FloatArray:
    """Of those who noticed: who remembers the coupon when ordering."""
    chance: FloatArray = 0.7 + 0.3 * habits.deal
    return chance


def age(habits: Habits, state: State, day: int) -> None:
    """Let the night of `day` pass: parcels arrive, moods calm, interests fade."""
    arrives = state.mood_due_day <= day
    state.mood = np.where(arrives, np.clip(state.mood + state.mood_due, -2.0, 0.6), state.mood)
    state.mood_due_day = np.where(arrives, NEVER, state.mood_due_day)
    state.mood = state.mood * np.exp(-1 / _MOOD_LASTS_DAYS)
    fading = np.exp(-habits.fade * (habits.drift_day <= day))
    state.interest = _LEAST_INTEREST + (state.interest - _LEAST_INTEREST) * fading
    state.weariness = state.weariness * np.exp(-1 / _WEARINESS_LASTS_DAYS)
    state.habit = state.habit * np.exp(-1 / _HABIT_LASTS_DAYS)
