"""The truth: what each customer would do with and without a coupon.

Up to the next order a customer's fate depends on nothing random but leaving, so the chance of
an order within a window is an exact sum over its days and needs no simulation.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from retention.learning.simulate.arrays import BoolArray, FloatArray
from retention.learning.simulate.behaviour import (
    age,
    chance_of_annoying,
    chance_of_redeeming,
    leave_hazards,
    order_intensity,
)
from retention.learning.simulate.coupons import Coupons, Offer, take_to_heart
from retention.learning.simulate.state import State
from retention.learning.simulate.world import World

PERSUADED_BY = 0.05
PUT_OFF_BY = -0.01
SURE_FROM = 0.5


class Response(IntEnum):
    """How a customer answers an offer, as the difference it makes; UNKNOWN before they arrive."""

    UNKNOWN = -1
    LOST_CAUSE = 0
    PERSUADABLE = 1
    SURE_THING = 2
    SLEEPING_DOG = 3


@dataclass(frozen=True, kw_only=True)
class Truth:
    """True chances within the window, for n customers; nan for who has not arrived yet.

    p_order_without, p_order_with : at least one order; p_redeem : the coupon is spent;
    p_leave, p_leave_with : gone by the end of the window without another order, 1 for those
    gone already (the rest of 1 - p_order is alive, only silent); gone : left before today.
    """

    p_leave: FloatArray
    p_leave_with: FloatArray
    p_order_without: FloatArray
    p_order_with: FloatArray
    p_redeem: FloatArray
    gone: BoolArray

    @property
    def uplift(self) -> FloatArray:
        """What the coupon adds to the chance of an order."""
        return self.p_order_with - self.p_order_without

    @property
    def type(self) -> NDArray[np.int8]:
        """Response of each customer: PERSUADABLE from +5 points, SLEEPING_DOG from -1 point."""
        known = ~np.isnan(self.p_order_without)
        return np.select(
            [
                ~known,
                self.uplift >= PERSUADED_BY,
                self.uplift <= PUT_OFF_BY,
                self.p_order_without >= SURE_FROM,
            ],
            [Response.UNKNOWN, Response.PERSUADABLE, Response.SLEEPING_DOG, Response.SURE_THING],
            default=Response.LOST_CAUSE,
        ).astype(np.int8)


@dataclass(frozen=True)
class _Fate:
    orders: FloatArray
    redeems: FloatArray
    gone: FloatArray


def true_response(world: World, state: State, *, day: int, window_days: int, offer: Offer) -> Truth:
    """What an offer made on the morning of `day` would change until `day` + `window_days`.

    Coupons in hand stay in force in both worlds until the new one is noticed; coupons still to
    come are left out.
    """
    if window_days <= 0:
        raise ValueError(f"true_response: window_days is {window_days}; it must be above 0.")
    known = world.people.first_seen_day < day
    gone = known & (state.left_day <= day)
    start = np.where(gone, 0.0, 1.0)
    without = _fate(world, state.copy(), day, window_days, start)
    annoyed = chance_of_annoying(world.habits, state)
    noticed = _fate(
        world, _all_given(world, state, day, offer), day, window_days, start * (1.0 - annoyed)
    )
    reads = world.habits.attention

    def mixed(with_it: FloatArray, without_it: FloatArray) -> FloatArray:
        return np.where(known, reads * with_it + (1.0 - reads) * without_it, np.nan)

    return Truth(
        p_leave=np.where(known, without.gone, np.nan),
        p_leave_with=mixed(noticed.gone, without.gone),
        p_order_without=np.where(known, without.orders, np.nan),
        p_order_with=mixed(noticed.orders, without.orders),
        p_redeem=mixed(noticed.redeems, np.zeros_like(reads)),
        gone=gone,
    )


def _all_given(world: World, state: State, day: int, offer: Offer) -> State:
    """A copy of tonight in which everybody noticed the offer and nobody took it amiss."""
    state = state.copy()
    everyone = np.arange(len(world.people))
    coupons = Coupons.of(offer, customers=everyone, from_day=day)
    take_to_heart(state, world.habits, coupons, everyone, day)
    return state


def _fate(world: World, state: State, day: int, window_days: int, here: FloatArray) -> _Fate:
    """Chances of ordering, redeeming and being gone, for who is `here` with that chance."""
    remembers = chance_of_redeeming(world.habits)
    orders, redeems, silent = np.zeros_like(here), np.zeros_like(here), here
    for today in range(day, day + window_days):
        ordering = silent * -np.expm1(-order_intensity(world.habits, state, today))
        orders = orders + ordering
        redeems = redeems + ordering * remembers * state.holds_coupon(today)
        age(world.habits, state, today)
        silent = (silent - ordering) * np.exp(-leave_hazards(world.habits, state).sum(axis=0))
    return _Fate(orders, redeems, 1.0 - orders - silent)
