"""Amounts side by side: columns, rows and stacks."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from retention.present.templatetags.present import NOTHING, compact

from .frame import Form, Frame, Scale, known, label_axis, room_for, round_ticks, value_axis
from .svg import Picture, Series, cut, join, legend, linked, mark, text

ROW = 28
"""Units of height a lying bar takes, with its air."""


@dataclass(frozen=True)
class Bar:
    """One amount; None or nan where it is not known, which is drawn as a dash and never as zero.

    `note` is added to what the bar says; `url` leads to the rows behind it.
    """

    label: str
    value: float | None
    note: str = ""
    url: str = ""
    tone: str = "s1"

    @property
    def known(self) -> float | None:
        return next(iter(known([self.value])), None)

    def words(self, form: Form) -> str:
        return NOTHING if self.known is None else form(self.known)

    def says(self, form: Form) -> str:
        return f"{self.label}: {self.words(form)}" + (f" ({self.note})" if self.note else "")


def columns(
    bars: Sequence[Bar],
    *,
    title: str,
    desc: str = "",
    form: Form = compact,
    empty: str = "No data yet.",
    width: float = 480,
    height: float = 200,
) -> SafeString:
    """Upright bars from zero, in the order given; their values above them while they are few."""
    picture = Picture("columns", title, desc, width, height)
    values = known(bar.value for bar in bars)
    if not values:
        return picture.without_data(empty)
    ticks = round_ticks(values)
    frame = Frame(room_for(map(form, ticks)), 18, width - 10, height - 26)
    at, up, thick = frame.centres(len(bars)), frame.upward(ticks), _thickness(frame, len(bars))
    return picture.of(
        value_axis(frame, ticks, form),
        label_axis(frame, [bar.label for bar in bars], at),
        *(_column(bar, x, thick, up, form) for bar, x in zip(bars, at, strict=True)),
        *(_above(bar, x, up, form) for bar, x in zip(bars, at, strict=True) if len(bars) <= 12),
        links=any(bar.url for bar in bars),
    )


def rows(
    bars: Sequence[Bar],
    *,
    title: str,
    desc: str = "",
    form: Form = compact,
    empty: str = "No data yet.",
    width: float = 480,
) -> SafeString:
    """Lying bars, names before and values after them: for rankings and long names."""
    picture = Picture("rows", title, desc, width, (len(bars) or 3) * ROW)
    values = known(bar.value for bar in bars)
    if not values:
        return picture.without_data(empty)
    left = min(room_for(bar.label for bar in bars), width * 0.4)
    right = width - room_for(map(form, values))
    across = Scale(min(0.0, *values), max(0.0, *values) or 1.0, left, right)
    return picture.of(
        *(_row(bar, i * ROW, left, across, form) for i, bar in enumerate(bars)),
        links=any(bar.url for bar in bars),
    )


def stacked(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    desc: str = "",
    form: Form = compact,
    empty: str = "No data yet.",
    width: float = 480,
    height: float = 210,
) -> SafeString:
    """Layers on one another, losses below zero: customers new, returning, won back, gone quiet."""
    picture = Picture("stacked", title, desc, width, height)
    layers = [[value or 0.0 for value in one.values] for one in series]
    stacks = list(zip(*layers, strict=True))
    ends = [sum(v for v in stack if (v > 0) == up) for stack in stacks for up in (True, False)]
    if not any(ends):
        return picture.without_data(empty)
    ticks = round_ticks(ends)
    frame = Frame(room_for(map(form, ticks)), 30, width - 10, height - 26)
    at, up, thick = frame.centres(len(labels)), frame.upward(ticks), _thickness(frame, len(labels))
    return picture.of(
        legend(series, left=frame.left, y=14),
        value_axis(frame, ticks, form),
        label_axis(frame, labels, at),
        *(
            linked(
                one.urls[i] if one.urls else "",
                says := f"{labels[i]}, {one.label}: {form(abs(end - start))}",
                _layer(says, one.tone, at[i], thick, ends=(start, end), up=up),
            )
            for i, stack in enumerate(stacks)
            for one, (start, end) in zip(series, _piled(stack), strict=True)
            if start != end
        ),
        links=any(url for one in series for url in one.urls),
    )


def _thickness(frame: Frame, count: int) -> float:
    return min(frame.width / count * 0.72, 44)


def _column(bar: Bar, x: float, thick: float, up: Scale, form: Form) -> SafeString:
    value = bar.known or 0.0
    says, top, ground = bar.says(form), up(max(value, 0)), up(min(value, 0))
    box = {"x": x - thick / 2, "y": top, "width": thick, "height": ground - top, "rx": 2}
    return linked(bar.url, says, mark("rect", says, class_=f"fill {bar.tone}", **box))


def _above(bar: Bar, x: float, up: Scale, form: Form) -> SafeString:
    top = up(max(bar.known or 0.0, 0))
    return text(bar.words(form), x, top - 5, anchor="middle", tone="value")


def _row(bar: Bar, y: float, left: float, across: Scale, form: Form) -> SafeString:
    says, zero, end = bar.says(form), across(0), across(bar.known or 0.0)
    box = {"x": min(zero, end), "y": y + 6, "width": abs(end - zero), "height": ROW - 12, "rx": 2}
    return linked(
        bar.url,
        says,
        mark("text", bar.label, cut(bar.label, left - 8), x=0, y=y + 18, class_="name"),
        mark("rect", says, class_=f"fill {bar.tone}", **box),
        text(bar.words(form), max(zero, end) + 7, y + 18, tone="value"),
    )


def _piled(stack: Sequence[float]) -> list[tuple[float, float]]:
    """Where each layer begins and ends: gains pile upwards from zero, losses downwards."""
    tops, layers = {True: 0.0, False: 0.0}, []
    for value in stack:
        start = tops[value > 0]
        tops[value > 0] = start + value
        layers.append((start, start + value))
    return layers


def _layer(
    says: str, tone: str, x: float, thick: float, *, ends: tuple[float, float], up: Scale
) -> SafeString:
    top, bottom = sorted(map(up, ends))
    box = {"x": x - thick / 2, "y": top, "width": thick, "height": bottom - top}
    return join([mark("rect", says, class_=f"fill {tone}", **box)])
