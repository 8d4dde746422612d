"""One day in the shop: everything its steps look at, and a chance for every decision."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from retention.learning.simulate.arrays import FloatArray, IntArray
from retention.learning.simulate.draws import Draws, Purpose
from retention.learning.simulate.seasons import (
    SECONDS_A_DAY,
    hour_profile,
    seconds_ahead_of_utc,
)
from retention.learning.simulate.state import State
from retention.learning.simulate.tastes import Shelf
from retention.learning.simulate.world import World

_LONGEST_SESSION = 3_600
_NEAR_HOURS = 0.9  # how closely the punctual keep to their hour, a standard deviation


@dataclass(frozen=True)
class Today:
    """The world, its state this morning, the shelf of the week and the day's chances."""

    world: World
    state: State
    draws: Draws
    shelf: Shelf
    day: int

    def chance(self, purpose: Purpose, who: IntArray, slot: IntArray | int = 0) -> FloatArray:
        """A uniform number for each customer row in `who`, always the same one."""
        return self.draws.uniform(purpose, self.day, who, slot)

    def sources(self, who: IntArray, visit: int) -> IntArray:
        """Where each comes in: three times in ten by their second source, if they have one."""
        people = self.world.people
        second = people.second_source[who]
        elsewhere = (self.chance(Purpose.SOURCE, who, visit) < 0.3) & (second >= 0)
        return np.where(elsewhere, second, people.main_source[who])

    def session_starts(self, who: IntArray, visit: int) -> IntArray:
        """Seconds after midnight UTC: the customer's own hours, whole sessions before midnight.

        Hours beyond the UTC day wrap round inside it, so that a day's events are that day's.
        """
        habits, chance = self.world.habits, self.chance(Purpose.HOUR, who, visit)
        punctual, usual = habits.punctual[who], habits.hour[who]
        # One chance serves twice: below `punctual` for their own time, above it for the shop's.
        own = usual + _NEAR_HOURS * ndtri(np.clip(chance / punctual, 1e-9, 1.0 - 1e-9))
        common = _shop_hours(self.day, np.maximum(chance - punctual, 0.0) / (1.0 - punctual))
        hours = np.where(chance < punctual, own, common)
        ahead = seconds_ahead_of_utc(self.day)[self.world.people.place[who]]
        local = np.floor(hours * 3_600).astype(np.int64)
        start: IntArray = (local - ahead) % SECONDS_A_DAY
        latest = SECONDS_A_DAY - _LONGEST_SESSION
        return np.where(start > latest, start - _LONGEST_SESSION, start)


def _shop_hours(day: int, chance: FloatArray) -> FloatArray:
    """Local hours at which sessions begin, by inversion of the shop's profile of that day."""
    profile = hour_profile(day)
    hour = np.searchsorted(profile, chance, side="right")
    begun = np.concatenate([[0.0], profile])[hour]
    hours: FloatArray = hour + (chance - begun) / (profile[hour] - begun)
    return hours


def geometric(chance: FloatArray, mean: FloatArray | float) -> IntArray:
    """How many failures before a success, with that mean, by inversion of `chance`."""
    again = mean / (1.0 + np.asarray(mean))
    return np.floor(np.log1p(-chance) / np.log(np.maximum(again, 1e-9))).astype(np.int64)
