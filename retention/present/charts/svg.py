"""SVG as escaped strings: the elements, the chart around them, the honest picture of no data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

CHARACTER = 7.2
"""Units kept for a character of chart text: enough at the 14 units it has on a narrow screen."""
NARROW = 6.4
"""Units it takes at least, at 12: words are cut no earlier than they must be."""


@dataclass(frozen=True)
class Series:
    """One line or one layer of a stack. `low` and `high`, where given, are its interval.

    values : as many as the chart has labels; None where nothing is known.
    tone : s1 to s6, good, warn, bad or quiet: a class, so that the theme colours it.
    urls : where each value of a stack leads; empty for nowhere.
    """

    label: str
    values: Sequence[float | None]
    tone: str = "s1"
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    urls: Sequence[str] = ()


def element(name: str, *content: str, **attributes: str | float | None) -> SafeString:
    """One element. `class_` is class, `text_anchor` is text-anchor; None leaves it out."""
    pairs = (
        (key.rstrip("_").replace("_", "-"), short(value))
        for key, value in attributes.items()
        if value is not None
    )
    return format_html(
        "<{0}{1}>{2}</{0}>", name, format_html_join("", ' {}="{}"', pairs), join(content)
    )


def join(parts: Iterable[str]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def short(value: str | float) -> str:
    """A coordinate to a hundredth of a unit, without the zeros."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def text(words: str, x: float, y: float, *, anchor: str = "start", tone: str = "") -> SafeString:
    return element("text", words, x=x, y=y, text_anchor=anchor, class_=tone or None)


def mark(name: str, says: str, *content: str, **attributes: str | float | None) -> SafeString:
    """A drawn thing that says what it stands for, to whoever hovers or listens."""
    return element(name, element("title", says), *content, **attributes)


def linked(url: str, says: str, *content: SafeString) -> SafeString:
    """The same things, as a link where there is somewhere to go."""
    return element("a", *content, href=url, aria_label=says) if url else join(content)


SIZES = (("small", 400), ("medium", 480), ("large", 640))
"""What the style sheet calls a picture up to a width; wider ones are "wide"."""


@dataclass(frozen=True)
class Picture:
    """What every chart has: its kind (a class), its name, what it shows in words, its size.

    It scales to the width of its card; width and height are the units its marks are placed in.
    """

    kind: str
    title: str
    desc: str
    width: float
    height: float

    def of(self, *marks: str, links: bool = False) -> SafeString:
        """The marks drawn; a group instead of one image where some of them are links."""
        size = (
            "small"
            if self.width <= 400
            else "medium"
            if self.width <= 480
            else "large"
            if self.width <= 640
            else "wide"
        )
        return element(
            "svg",
            element("desc", self.desc) if self.desc else "",
            *marks,
            xmlns="http://www.w3.org/2000/svg",
            class_=f"chart {self.kind} {size}",
            viewBox=f"0 0 {short(self.width)} {short(self.height)}",
            role="group" if links else "img",
            aria_label=self.title,
        )

    def without_data(self, words: str) -> SafeString:
        """Says so in the chart's own place, and draws no axis that could be read."""
        title, height = f"{self.title}: {words}", min(self.height, 120)
        said = text(words, self.width / 2, height / 2 + 4, anchor="middle", tone="unsaid")
        return replace(self, title=title, desc="", height=height).of(said)


def legend(series: Sequence[Series], *, left: float, y: float) -> SafeString:
    """Names of the series above the plot; one series needs none, the title names it."""
    parts, x = [], left
    for one in series if len(series) > 1 else ():
        parts.append(
            element("rect", x=x, y=y - 9, width=10, height=10, rx=2, class_=f"fill {one.tone}")
        )
        parts.append(text(one.label, x + 15, y))
        x += 15 + len(one.label) * CHARACTER + 16
    return join(parts)


def cut(words: str, room: float) -> str:
    """As much of the words as fits into so many units."""
    most = max(int(room / NARROW), 2)
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
