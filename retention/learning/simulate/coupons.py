"""Coupons on their way to customers: how one arrives, annoys, and is spent."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from retention.learning.simulate.arrays import BoolArray, FloatArray, IntArray
from retention.learning.simulate.behaviour import chance_of_annoying, chance_of_redeeming
from retention.learning.simulate.draws import Purpose
from retention.learning.simulate.habits import Habits
from retention.learning.simulate.state import ANNOYED, State
from retention.learning.simulate.today import Today


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a coupon gives: a percentage, or an amount in minor units, for so many days."""

    percent: float = 0.0
    amount: int = 0
    valid_days: int = 30

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100 or self.amount < 0 or not (self.percent or self.amount):
            raise ValueError(
                f"Offer: percent {self.percent}, amount {self.amount}; give a percentage from 0 "
                "to 100 or an amount above 0."
            )
        if self.valid_days <= 0:
            raise ValueError(f"Offer: valid_days is {self.valid_days}; it must be above 0.")


@dataclass(frozen=True, kw_only=True)
class Coupons:
    """Coupons, one a row, numbered on from those the shop was given before.

    customer : row; percent : 0 to 100; amount : minor units, beside or instead of a percentage;
    valid_from, valid_until : days, the last exclusive. A coupon arrives on its first day (or on
    the shop's next day, if that is later), serves one order, and replaces an older one.
    """

    customer: IntArray
    percent: FloatArray
    amount: IntArray
    valid_from: IntArray
    valid_until: IntArray

    def __post_init__(self) -> None:
        sizes = {at.name: getattr(self, at.name).size for at in fields(self)}
        if len(set(sizes.values())) > 1:
            raise ValueError(f"Coupons: the columns differ in length: {sizes}.")
        if (self.percent < 0).any() or (self.percent > 100).any() or (self.amount < 0).any():
            raise ValueError("Coupons: percent lies outside 0 to 100, or an amount is negative.")

    @classmethod
    def of(cls, offer: Offer, *, customers: IntArray, from_day: int) -> Self:
        """The same offer for each of these customer rows."""
        n = customers.size
        return cls(
            customer=np.asarray(customers, dtype=np.int64),
            percent=np.full(n, offer.percent),
            amount=np.full(n, offer.amount, dtype=np.int64),
            valid_from=np.full(n, from_day, dtype=np.int64),
            valid_until=np.full(n, from_day + offer.valid_days, dtype=np.int64),
        )

    def __len__(self) -> int:
        return self.customer.size

    def take(self, rows: BoolArray) -> Self:
        """Those rows only."""
        return type(self)(**{at.name: getattr(self, at.name)[rows] for at in fields(self)})


def receive(today: Today, coupons: Coupons, numbers: IntArray) -> None:
    """Coupons reach their customers: unread, taken to heart, or the last straw."""
    state, habits, day = today.state, today.world.habits, today.day
    who = coupons.customer
    noticed = state.here(today.world.people, day)[who]
    noticed &= today.chance(Purpose.NOTICE, who) < habits.attention[who]
    provoked = today.chance(Purpose.ANNOY, who) < chance_of_annoying(habits, state)[who]
    gone = who[noticed & provoked]
    state.left_day[gone] = day
    state.left_cause[gone] = ANNOYED
    kept = noticed & ~provoked & (coupons.valid_until > day)
    take_to_heart(state, habits, coupons.take(kept), numbers[kept], day)


def take_to_heart(
    state: State, habits: Habits, coupons: Coupons, numbers: IntArray, day: int
) -> None:
    """What a noticed coupon changes in its customer."""
    who = coupons.customer
    state.coupon[who] = numbers
    state.percent[who] = coupons.percent
    state.amount[who] = coupons.amount
    state.depth[who] = coupons.percent / 100 + coupons.amount / habits.typical_order[who]
    state.sent[who] = day
    state.expires[who] = coupons.valid_until
    state.weariness[who] += 1.0


def redeemed(today: Today, buyers: IntArray) -> BoolArray:
    """Which of today's buyers spend a coupon; who forgets one has forgotten it for good."""
    state = today.state
    chance = today.draws.uniform(Purpose.REDEEM, 0, buyers, state.sent[buyers])
    remembers = chance < chance_of_redeeming(today.world.habits)[buyers]
    spends: BoolArray = state.holds_coupon(today.day)[buyers] & remembers
    return spends


def split_discount(
    buyer: IntArray, gross: IntArray, percent: FloatArray, amount: IntArray
) -> IntArray:
    """Discount of each line, minor units: exact in sum, never above what the lines cost.

    buyer : the order of each line, sorted; gross : minor units of each line;
    percent, amount : of each order.
    """
    total = np.bincount(buyer, weights=gross, minlength=percent.size)
    off = np.minimum(np.floor(total * percent / 100 + 0.5) + amount, total)
    # Rounding the running sum instead of each line makes the lines add up to the order's discount.
    before = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    upto = np.cumsum(gross) - before[buyer]
    share = np.divide(off, total, out=np.zeros_like(off), where=total > 0)[buyer]
    rounded = np.floor(upto * share + 0.5) - np.floor((upto - gross) * share + 0.5)
    lines: IntArray = rounded.astype(np.int64)
    return lines
