"""What a quantity does, over how many there are of it."""

from collections.abc import Sequence
from itertools import pairwise

from django.utils.safestring import SafeString

from retention.present.templatetags.present import signed

from .frame import Form, Frame, Scale, across_axis, room_for, round_ticks, value_axis
from .svg import Picture, element, join, mark, short

DENSE = 0.45
"""The share of the plot's height that the most crowded bin takes."""


def effect_curve(
    at: Sequence[float],
    effects: Sequence[float],
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    title: str,
    desc: str = "",
    form: Form,
    width: float = 480,
    height: float = 200,
) -> SafeString:
    """A line of effects over the values, above bars of how many have them.

    at, effects : corners of the line, values rising. edges : one more than counts.
    form : writes a value under the plot. The bars have no scale: they show where the many are.
    """
    picture = Picture("effect-curve", title, desc, width, height)
    if len(at) < 2:
        return picture.without_data("The same for everyone.")
    ticks = round_ticks(effects)
    frame = Frame(room_for(map(signed, ticks)), 12, width - 20, height - 26)
    up, across = frame.upward(ticks), frame.across(at[0], at[-1])
    corners = [(across(x), up(y)) for x, y in zip(at, effects, strict=True)]
    path = "M" + "L".join(f"{short(x)} {short(y)}" for x, y in corners)
    below = round_ticks([at[0], at[-1]], from_zero=False)
    return picture.of(
        _density(edges, counts, frame, across),
        value_axis(frame, ticks, signed),
        across_axis(frame, across, below, form),
        element("path", d=path, class_="line s1"),
        *(
            mark("circle", f"{form(x)}: {signed(y)}", cx=cx, cy=cy, r=3.5, class_="fill s1")
            for x, y, (cx, cy) in zip(at, effects, corners, strict=True)
        ),
    )


def _density(
    edges: Sequence[float], counts: Sequence[int], frame: Frame, across: Scale
) -> SafeString:
    tallest = DENSE * (frame.bottom - frame.top) / (max(counts, default=0) or 1)
    return join(
        element(
            "rect",
            x=across(low) + 0.5,
            y=frame.bottom - count * tallest,
            width=max(across(high) - across(low) - 1, 0.5),
            height=count * tallest,
            class_="ghost",
        )
        for (low, high), count in zip(pairwise(edges), counts, strict=True)
        if count
    )
