"""Where values lie: scales, round ticks, and the axes around a plot."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.safestring import SafeString

from .svg import CHARACTER, element, join, text

Form = Callable[[float], str]


@dataclass(frozen=True)
class Scale:
    """Values from low to high lie between start and end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True)
class Frame:
    """The plot inside a picture: the coordinates of its four edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    def upward(self, ticks: Sequence[float]) -> Scale:
        return Scale(ticks[0], ticks[-1], self.bottom, self.top)

    def across(self, low: float, high: float) -> Scale:
        return Scale(low, high, self.left, self.right)

    def spread(self, count: int) -> list[float]:
        """Positions from the left edge to the right one; a single one stands in the middle."""
        if count < 2:
            return [(self.left + self.right) / 2] * count
        return [self.left + self.width * i / (count - 1) for i in range(count)]

    def placed(self, values: Sequence[float]) -> list[float]:
        """Positions of rising numbers from the left edge to the right one, as far apart as they
        are."""
        if len(values) < 2:
            return self.spread(len(values))
        across = self.across(values[0], values[-1])
        return [across(value) for value in values]

    def centres(self, count: int) -> list[float]:
        """The middles of so many equal columns."""
        return [self.left + self.width * (i + 0.5) / count for i in range(count)]


def known(values: Iterable[float | None]) -> list[float]:
    """The numbers among the values: not None, not nan, not infinite."""
    return [value for value in values if value is not None and math.isfinite(value)]


def round_ticks(values: Sequence[float], *, from_zero: bool = True, target: int = 4) -> list[float]:
    """Round numbers an even step apart (1, 2, 2.5 or 5 of a power of ten) around the values."""
    low, high = min(values), max(values)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (low - abs(low) / 10, high + abs(high) / 10) if low else (0.0, 1.0)
    rough = (high - low) / target
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def room_for(words: Iterable[str]) -> float:
    """Units that the longest of the words takes, with a little air; % is as wide as two letters."""
    return max((len(one) + one.count("%") for one in words), default=0) * CHARACTER + 10


def value_axis(frame: Frame, ticks: Sequence[float], form: Form) -> SafeString:
    """Thin lines across the plot at each tick; the one at zero is stronger."""
    scale = frame.upward(ticks)
    return join(
        element(
            "line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="gridline" if tick else "zero"
        )
        + text(form(tick), frame.left - 8, y + 4, anchor="end", tone="tick")
        for tick, y in ((tick, scale(tick)) for tick in ticks)
    )


def across_axis(frame: Frame, across: Scale, ticks: Sequence[float], form: Form) -> SafeString:
    """Ticks under the plot, for a chart whose values lie across it."""
    return join(
        text(form(tick), across(tick), frame.bottom + 18, anchor="middle", tone="tick")
        for tick in ticks
        if across.low <= tick <= across.high
    )


def label_axis(frame: Frame, labels: Sequence[str], at: Sequence[float]) -> SafeString:
    """Labels under the plot, as many as fit; every second of them may go on a narrow screen."""
    shown = _that_fit(labels, at)
    return join(
        text(
            labels[i],
            at[i],
            frame.bottom + 18,
            anchor=_anchor(frame, at[i], labels[i]),
            tone=f"tick{thin}",
        )
        for i, thin in zip(shown, _thinned(len(shown)), strict=True)
    )


def _that_fit(labels: Sequence[str], at: Sequence[float]) -> Sequence[int]:
    """Which labels stand clear of each other: of even ones every so many, else each that has room
    after the one before."""
    room = room_for(labels) + 6
    gaps = [after - before for before, after in pairwise(at)]
    if not gaps or max(gaps) - min(gaps) < 0.01:
        return range(0, len(labels), max(math.ceil(room / gaps[0]), 1) if gaps else 1)
    shown = [0]
    for i, x in enumerate(at):
        if x - at[shown[-1]] >= room:
            shown.append(i)
    return shown


def _anchor(frame: Frame, x: float, words: str) -> str:
    """Middle, unless the words would leave the picture on the right."""
    return "end" if x + len(words) * CHARACTER / 2 > frame.right + 8 else "middle"


def _thinned(count: int) -> list[str]:
    return [" thin" if i % 2 and count > 4 else "" for i in range(count)]
