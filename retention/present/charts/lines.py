"""Values over time."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from retention.present.templatetags.present import compact

from .frame import Form, Frame, Scale, known, label_axis, room_for, round_ticks, value_axis
from .svg import Picture, Series, element, join, legend, linked, mark, short

Points = Sequence[tuple[float, float] | None]
"""Where each value lies; None where it is not known."""


def line(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    desc: str = "",
    form: Form = compact,
    across: Sequence[float] = (),
    area: bool = False,
    from_zero: bool = True,
    urls: Sequence[str] = (),
    empty: str = "No data yet.",
    width: float = 480,
    height: float = 200,
) -> SafeString:
    """Lines over labels, with gaps at unknown values and bands for intervals.

    labels : what stands under each point, oldest first; as many as each series has values.
    form : writes a value, on the axis and for whoever hovers.
    across : where labels are numbers, these, rising: they lie as far apart as they are.
    urls : where each label leads; empty for nowhere.
    """
    picture = Picture("lines", title, desc, width, height)
    values = known(v for one in series for v in (*one.values, *one.low, *one.high))
    if not values:
        return picture.without_data(empty)
    ticks = round_ticks(values, from_zero=from_zero)
    top = 30 if len(series) > 1 else 12
    frame = Frame(room_for(map(form, ticks)), top, width - 14, height - 26)
    up = frame.upward(ticks)
    at = frame.placed(across) if across else frame.spread(len(labels))
    return picture.of(
        legend(series, left=frame.left, y=14),
        value_axis(frame, ticks, form),
        label_axis(frame, labels, at),
        *(_drawn(one, at, up, area=area) for one in series),
        *_spots(labels, series, at, frame, up=up, form=form, urls=urls),
        links=any(urls),
    )


def sparkline(
    values: Sequence[float | None],
    *,
    title: str,
    tone: str = "s1",
    width: float = 120,
    height: float = 32,
) -> SafeString:
    """The shape of a series without axes: for a card whose number says the rest."""
    picture = Picture("sparkline", title, "", width, height)
    numbers = known(values)
    if not numbers:
        return picture.without_data("no data")
    frame = Frame(4, 4, width - 5, height - 4)
    low, high = min(numbers), max(numbers)
    up = Scale(low, high if high > low else low + 1, frame.bottom, frame.top)
    points = _points(values, frame.spread(len(values)), up)
    x, y = [point for point in points if point][-1]
    return picture.of(
        _path(points, f"line {tone}"), element("circle", cx=x, cy=y, r=2.5, class_=f"fill {tone}")
    )


def _points(values: Sequence[float | None], at: Sequence[float], up: Scale) -> Points:
    return [
        (x, up(value)) if value is not None and known([value]) else None
        for x, value in zip(at, values, strict=True)
    ]


def _drawn(one: Series, at: Sequence[float], up: Scale, *, area: bool) -> SafeString:
    points = _points(one.values, at, up)
    parts = []
    if one.low and one.high:
        parts.append(_band(_points(one.low, at, up), _points(one.high, at, up), one.tone))
    if area:
        ground = up(min(max(0.0, up.low), up.high))
        parts.append(_band([(x, ground) for x in at], points, one.tone))
    parts.append(_path(points, f"line {one.tone}"))
    return join(parts)


def _path(points: Points, look: str) -> SafeString:
    """One path a run of known points; a lonely point becomes a dot by its round cap, and one that
    is all there is of a series a dot that is seen beside another line."""
    runs = _runs(points)
    if sum(map(len, runs)) == 1:
        ((x, y),) = (point for point in points if point)
        return element("circle", cx=x, cy=y, r=4, class_=look.replace("line", "fill"))
    drawn = (f"M{_pairs(points, run)}{'' if len(run) > 1 else 'h0'}" for run in runs)
    return element("path", d="".join(drawn), class_=look)


def _band(low: Points, high: Points, tone: str) -> SafeString:
    runs = _runs(low, high)
    drawn = [f"M{_pairs(high, run)}L{_pairs(low, run[::-1])}Z" for run in runs]
    # A band of one point is as wide as its dot.
    alone = (run[0] for run in runs if len(run) == 1)
    drawn += [_upright(low[i], high[i]) for i in alone]
    return element("path", d="".join(drawn), class_=f"band {tone}")


def _upright(low: tuple[float, float] | None, high: tuple[float, float] | None) -> str:
    if low is None or high is None:
        return ""
    return f"M{short(low[0] - 4)} {short(low[1])}h8V{short(high[1])}h-8Z"


def _runs(*lines: Points) -> list[list[int]]:
    """Unbroken stretches: positions where every line has a point."""
    runs: list[list[int]] = [[]]
    for i, points in enumerate(zip(*lines, strict=True)):
        if None not in points:
            runs[-1].append(i)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _pairs(points: Points, run: Sequence[int]) -> str:
    known_points = (point for i in run if (point := points[i]) is not None)
    return "L".join(f"{short(x)} {short(y)}" for x, y in known_points)


def _values_at(i: int, series: Sequence[Series]) -> list[tuple[Series, float]]:
    values = ((one, one.values[i]) for one in series)
    return [(one, v) for one, v in values if v is not None and known([v])]


def _spots(
    labels: Sequence[str],
    series: Sequence[Series],
    at: Sequence[float],
    frame: Frame,
    *,
    up: Scale,
    form: Form,
    urls: Sequence[str],
) -> list[SafeString]:
    edges = [2 * at[0] - at[1], *at, 2 * at[-1] - at[-2]] if len(at) > 1 else [0, *at, 2 * at[0]]
    drawn = [
        _spot(label, _values_at(i, series), x, frame, up=up, form=form, ends=ends)
        for i, (label, x) in enumerate(zip(labels, at, strict=True))
        for ends in [((edges[i] + x) / 2, (x + edges[i + 2]) / 2)]
    ]
    return [linked(*one) for one in zip(urls, labels, drawn, strict=True)] if urls else drawn


def _spot(
    label: str,
    values: Sequence[tuple[Series, float]],
    x: float,
    frame: Frame,
    *,
    up: Scale,
    form: Form,
    ends: tuple[float, float],
) -> SafeString:
    """An unseen column over one label: pointing at it shows its dots and says its values."""
    left, right = ends
    return mark(
        "g",
        "\n".join([label, *(f"{one.label} {form(value)}" for one, value in values)]),
        element("rect", x=left, y=frame.top, width=right - left, height=frame.bottom - frame.top),
        *(
            element("circle", cx=x, cy=up(value), r=3.5, class_=f"fill {one.tone}")
            for one, value in values
        ),
        class_="spot",
    )
