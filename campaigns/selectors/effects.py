"""Effects of a campaign as they are read: a mean an arm, a difference, its interval."""

from dataclasses import dataclass

from retention.learning.measure.experiments import BROKEN_SPLIT, FEWEST


def direction_of(low: float, high: float) -> int:
    """1 or -1 where a whole interval lies on one side of zero, else 0."""
    return int(low > 0) - int(high < 0)


@dataclass(frozen=True)
class Effect:
    """A mean per customer in each arm, and the difference with its 95 % interval.

    best : of an offer that was drawn by lot, the chance that no other offer has a higher mean."""

    metric: str
    label: str
    treated_mean: float
    control_mean: float
    effect: float
    low: float
    high: float
    best: float | None = None

    @property
    def direction(self) -> int:
        return direction_of(self.low, self.high)


@dataclass(frozen=True)
class Comparison:
    """Some treated customers against the control: all of them, or those of one offer."""

    name: str
    treated: int
    control: int
    sample_ratio_p: float
    effects: tuple[Effect, ...]

    @property
    def is_broken(self) -> bool:
        """So unlikely a split that customers must have dropped out of one arm only."""
        return self.sample_ratio_p < BROKEN_SPLIT

    def of(self, *metrics: str) -> Effect | None:
        """The first of these metrics that was measured."""
        found = {effect.metric: effect for effect in self.effects}
        return next((found[metric] for metric in metrics if metric in found), None)

    @property
    def is_sound(self) -> bool:
        """As drawn, and enough customers in either arm for an interval to be fair."""
        return not self.is_broken and min(self.treated, self.control) >= FEWEST
