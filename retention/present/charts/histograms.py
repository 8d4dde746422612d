"""How amounts are spread."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from retention.present.templatetags.present import compact

from .frame import Form, Frame, Scale, across_axis, room_for, round_ticks, value_axis
from .svg import Picture, element, mark, text


def histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    title: str,
    desc: str = "",
    band: tuple[float, float] | None = None,
    band_label: str = "",
    form: Form = compact,
    empty: str = "No data yet.",
    width: float = 480,
    height: float = 200,
) -> SafeString:
    """How many lie between each two edges; those inside the band stand out.

    edges : one more than counts, rising.  form : writes an edge.
    """
    picture = Picture("histogram", title, desc, width, height)
    if not any(counts):
        return picture.without_data(empty)
    ticks = round_ticks(counts)
    frame = Frame(room_for(map(compact, ticks)), 24, width - 20, height - 26)
    plot = _Plot(frame.across(edges[0], edges[-1]), frame.upward(ticks), form)
    below = round_ticks([edges[0], edges[-1]], from_zero=False)
    return picture.of(
        value_axis(frame, ticks, compact),
        across_axis(frame, plot.across, below, form),
        _highlight(band, band_label, frame, plot.across) if band else "",
        *(plot.bar(edges[i], edges[i + 1], count, band) for i, count in enumerate(counts)),
    )


@dataclass(frozen=True)
class _Plot:
    across: Scale
    up: Scale
    form: Form

    def bar(
        self, low: float, high: float, count: int, band: tuple[float, float] | None
    ) -> SafeString:
        left, right = self.across(low), self.across(high)
        inside = band is None or band[0] <= (low + high) / 2 < band[1]
        return mark(
            "rect",
            f"{self.form(low)} to {self.form(high)}: {count:,}",
            x=left + 0.5,
            y=self.up(count),
            width=max(right - left - 1, 0.5),
            height=self.up(0) - self.up(count),
            class_=f"fill {'s1' if inside else 'quiet'}",
        )


def _highlight(band: tuple[float, float], words: str, frame: Frame, across: Scale) -> SafeString:
    left, right = (across(min(max(edge, across.low), across.high)) for edge in band)
    ground = {"x": left, "y": frame.top, "width": right - left, "height": frame.bottom - frame.top}
    said = text(words, (left + right) / 2, frame.top - 7, anchor="middle", tone="value")
    return element("rect", class_="highlight", **ground) + said
