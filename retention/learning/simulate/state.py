"""Where every customer stands tonight: all that changes while the shop runs."""

from dataclasses import dataclass, fields, replace

import numpy as np

from retention.learning.simulate.arrays import BoolArray, FloatArray, IntArray
from retention.learning.simulate.habits import NEVER, Habits
from retention.learning.simulate.people import People

N_STAPLES = 3
CHANCE, BAD_EXPERIENCE, DRIFT, ANNOYED = range(4)
CAUSES: tuple[str, ...] = ("chance", "bad experience", "drifting taste", "annoyed by a coupon")


@dataclass(kw_only=True)
class State:
    """The mutable half of n customers, one a row.

    left_day : the first day without them; left_cause : an index of CAUSES, -1 while here.
    interest : 1 falling towards 0 as taste drifts; mood : 0 is neutral, -1 a bad parcel.
    mood_due, mood_due_day : how the parcel on its way will be taken, and when it arrives.
    weariness : of coupons; habit : of waiting for one.
    staple_* (n, 3) : the consumables they buy again, when last, and how long one lasts them.
    wish : a product left in the cart, or -1.
    coupon : its number, or -1; depth : how deep it looks to them, 0 to 1; sent, expires : days.
    """

    left_day: IntArray
    left_cause: IntArray
    last_order: FloatArray
    n_orders: IntArray
    interest: FloatArray
    mood: FloatArray
    mood_due: FloatArray
    mood_due_day: IntArray
    weariness: FloatArray
    habit: FloatArray
    staple: IntArray
    staple_day: IntArray
    staple_gap: FloatArray
    wish: IntArray
    coupon: IntArray
    depth: FloatArray
    percent: FloatArray
    amount: IntArray
    sent: IntArray
    expires: IntArray

    @classmethod
    def at_opening(cls, people: People, habits: Habits) -> "State":
        """Nobody has ordered, nobody has left, nobody holds a coupon."""
        n = len(people)
        zero, none = np.zeros(n), np.full(n, -1, dtype=np.int64)
        return cls(
            left_day=np.full(n, NEVER),
            left_cause=none.copy(),
            last_order=people.first_seen_day - 1 / habits.rate,
            n_orders=np.zeros(n, dtype=np.int64),
            interest=np.ones(n),
            mood=zero.copy(),
            mood_due=zero.copy(),
            mood_due_day=np.full(n, NEVER),
            weariness=zero.copy(),
            habit=zero.copy(),
            staple=np.full((n, N_STAPLES), -1, dtype=np.int64),
            staple_day=np.zeros((n, N_STAPLES), dtype=np.int64),
            staple_gap=np.ones((n, N_STAPLES)),
            wish=none.copy(),
            coupon=none.copy(),
            depth=zero.copy(),
            percent=zero.copy(),
            amount=np.zeros(n, dtype=np.int64),
            sent=np.zeros(n, dtype=np.int64),
            expires=np.zeros(n, dtype=np.int64),
        )

    def copy(self) -> "State":
        """The same night, for a future that must not touch this one."""
        return replace(self, **{at.name: getattr(self, at.name).copy() for at in fields(self)})

    def here(self, people: People, day: int) -> BoolArray:
        """Who has arrived by `day` and not left."""
        present: BoolArray = (people.first_seen_day <= day) & (self.left_day > day)
        return present

    def holds_coupon(self, day: int) -> BoolArray:
        """Who has noticed a coupon that is still good on `day`."""
        holds: BoolArray = (self.coupon >= 0) & (self.expires > day)
        return holds
