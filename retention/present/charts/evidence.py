"""What a model or a campaign may claim: effects with intervals, and reliability."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from retention.present.templatetags.present import percent, signed

from .frame import Form, Frame, Scale, across_axis, known, room_for, round_ticks, value_axis
from .svg import CHARACTER, Picture, cut, element, mark, short, text

ROW = 30


@dataclass(frozen=True)
class Effect:
    """An estimate and the ends of its 95 % interval; nan where there is too little to say one.

    look : a tone of its own, for a level, which is no finding by lying above zero.
    """

    label: str
    value: float
    low: float
    high: float
    note: str = ""
    look: str = ""

    @property
    def is_known(self) -> bool:
        return len(known((self.low, self.value, self.high))) == 3

    def words(self, form: Form) -> str:
        if not self.is_known:
            return "not measured yet"
        return f"{form(self.value)} ({form(self.low)} to {form(self.high)})"

    def tone(self, *, higher_is_better: bool) -> str:
        """Good or bad only where the whole interval lies on one side of zero."""
        if self.look:
            return self.look
        if self.low <= 0 <= self.high:
            return "quiet"
        return "good" if (self.low > 0) == higher_is_better else "bad"


@dataclass(frozen=True)
class Bin:
    """Customers of about the same predicted probability, and what became of them.

    predicted : their mean prediction; observed : the share it happened to;
    low, high : the 95 % interval of that share; n : how many they are.
    """

    predicted: float
    observed: float
    low: float
    high: float
    n: int


def intervals(
    effects: Sequence[Effect],
    *,
    title: str,
    desc: str = "",
    form: Form = signed,
    higher_is_better: bool = True,
    empty: str = "Not measured yet.",
    width: float = 480,
) -> SafeString:
    """Estimates with their intervals against the line of no effect.

    Coloured only where the whole interval lies on one side of zero: the rest is not a finding.
    """
    picture = Picture("intervals", title, desc, width, (len(effects) or 2) * ROW + 28)
    ends = [v for e in effects if e.is_known for v in (e.low, e.value, e.high)]
    if not ends:
        return picture.without_data(empty)
    ticks = round_ticks(ends)
    left = min(room_for(effect.label for effect in effects), width * 0.36)
    right = width - room_for(effect.words(form) for effect in effects)
    frame = Frame(left + 4, 4, right - 4, 4 + len(effects) * ROW)
    across = frame.across(ticks[0], ticks[-1])
    at = [frame.top + (i + 0.5) * ROW for i in range(len(effects))]
    return picture.of(
        *(_upright(across(tick), frame, "gridline" if tick else "zero") for tick in ticks),
        across_axis(frame, across, _outer(ticks, across, form), form),
        *(_name(effect.label, y, left) for effect, y in zip(effects, at, strict=True)),
        *(
            _whisker(effect, y, across, form, effect.tone(higher_is_better=higher_is_better))
            for effect, y in zip(effects, at, strict=True)
            if effect.is_known
        ),
        *(
            text(effect.words(form), width, y + 4, anchor="end", tone="value")
            for effect, y in zip(effects, at, strict=True)
        ),
    )


def reliability(
    bins: Sequence[Bin],
    *,
    title: str,
    desc: str = "",
    empty: str = "Not measured yet.",
    width: float = 360,
) -> SafeString:
    """Predicted against observed. On the diagonal a 30 % risk happens to 30 of 100 customers.

    A dot's size follows the number of customers; the bars at the foot show where they are.
    """
    picture = Picture("reliability", title, desc, width, width)
    if not bins:
        return picture.without_data(empty)
    top = max(known(v for b in bins for v in (b.predicted, b.high, b.observed)))
    ticks = [tick for tick in round_ticks([0.0, top]) if tick <= 1]
    frame = Frame(room_for([_whole(1.0)]), 10, width - 20, width - 44)
    across, up = frame.across(0, ticks[-1]), frame.upward(ticks)
    most = max(b.n for b in bins)
    return picture.of(
        value_axis(frame, ticks, _whole),
        across_axis(frame, across, ticks, _whole),
        element("path", d=_diagonal(frame), class_="ideal"),
        text("predicted", (frame.left + frame.right) / 2, width - 8, anchor="middle", tone="tick"),
        text("observed", frame.left + 6, frame.top + 10, tone="tick"),
        *(_count(b, most, across, frame.bottom) for b in bins),
        *(_dot(b, most, across, up) for b in bins),
    )


def _whole(share: float) -> str:
    return percent(share, 0)


def _outer(ticks: Sequence[float], across: Scale, form: Form) -> list[float]:
    """Zero, and each end whose words do not touch zero's: more would, under a narrow plot."""
    ends = [tick for tick in (ticks[0], ticks[-1]) if tick]
    room = {tick: len(form(tick)) * CHARACTER / 2 for tick in (*ends, 0.0)}
    return [0.0, *(t for t in ends if abs(across(t) - across(0)) > room[t] + room[0.0] + 4)]


def _diagonal(frame: Frame) -> str:
    left, bottom, right, top = map(short, (frame.left, frame.bottom, frame.right, frame.top))
    return f"M{left} {bottom}L{right} {top}"


def _upright(x: float, frame: Frame, look: str) -> SafeString:
    return element("line", x1=x, x2=x, y1=0, y2=frame.bottom, class_=look)


def _name(label: str, y: float, room: float) -> SafeString:
    return mark("text", label, cut(label, room), x=0, y=y + 4, class_="name")


def _whisker(effect: Effect, y: float, across: Scale, form: Form, tone: str) -> SafeString:
    low, high = across(effect.low), across(effect.high)
    note = f". {effect.note}" if effect.note else ""
    return mark(
        "g",
        f"{effect.label}: {effect.words(form)}{note}",
        element("line", x1=low, x2=high, y1=y, y2=y, class_=f"whisker {tone}"),
        element(
            "path",
            d=f"M{short(low)} {short(y - 4)}v8M{short(high)} {short(y - 4)}v8",
            class_=f"whisker {tone}",
        ),
        element("circle", cx=across(effect.value), cy=y, r=5, class_=f"fill {tone}"),
    )


def _dot(b: Bin, most: int, across: Scale, up: Scale) -> SafeString:
    x, size = across(b.predicted), 3 + 4 * math.sqrt(b.n / most)
    says = f"Predicted {percent(b.predicted)}, observed {percent(b.observed)}"
    return mark(
        "g",
        f"{says} ({percent(b.low)} to {percent(b.high)}) of {b.n:,}",
        element("line", x1=x, x2=x, y1=up(b.low), y2=up(min(b.high, up.high)), class_="whisker s1"),
        element("circle", cx=x, cy=up(b.observed), r=size, class_="fill s1"),
    )


def _count(b: Bin, most: int, across: Scale, ground: float) -> SafeString:
    tall, x = 28 * b.n / most, across(b.predicted) - 4
    return element("rect", x=x, y=ground - tall, width=8, height=tall, class_="fill ghost")
