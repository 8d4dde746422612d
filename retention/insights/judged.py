"""What a training measured and how it was judged, read back from the figures that it stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite, isnan, nan
from typing import Any, Final

from retention.insights.models import ModelVersion
from retention.present.moments import day
from retention.present.templatetags.present import percent, signed

FIGURES: Final = {
    "ndcg": "Ranking (nDCG@10)",
    "recall": "Found within twenty (Recall@20)",
    "mean_average_precision": "Precision in the first ten (MAP@10)",
    "coverage": "Share of the catalogue shown",
    "novelty": "Novelty (bits)",
    "diversity": "Diversity of a list",
    "new_share": "Share of products new to the customer",
}
"""Of each who sat the exam of the recommendations."""
GROUPS: Final = {
    "new": "New, bought on 1 day at most",
    "casual": "Casual, 2 to 4 days",
    "loyal": "Loyal, 5 days or more",
}
Figure = Mapping[str, Any]
"""{"value", "low", "high"}, each a number or None."""
OVER: Final = (
    ("over_popularity", "popularity", "popularity"),
    ("over_pace", "", "their own pace"),
    ("over_rfm", "", "RFM"),
)
"""The figure of the gap, whose score it is a share of, and the name of the floor."""


def in_brackets(gap: Figure, decimals: int = 3) -> str:
    """−0.006 [−0.012, −0.001]: a difference for who wants the figure after the words."""
    value, low, high = (signed(None if isnan(end) else end, decimals) for end in ends(gap))
    return f"{value} [{low}, {high}]"


@dataclass(frozen=True)
class Side:
    """One who sat the exam. key : candidate, champion or popularity; figures : those known."""

    key: str
    label: str
    figures: Mapping[str, Figure]


def sides(metrics: Mapping[str, Any]) -> list[Side]:
    """The candidate, what served at the time, and what is popular; those that were examined."""
    theirs = metrics.get("champion") or {}
    found = {
        "candidate": ("This version", metrics),
        "champion": (f"Version {theirs.get('number')}", theirs),
        "popularity": ("What is popular", metrics.get("popularity")),
    }
    return [
        Side(key, label, figures)
        for key, (label, said) in found.items()
        if isinstance(said, Mapping) and (figures := dict(_figures(said)))
    ]


def groups(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The figures of each group of customers in which there was anybody."""
    of = metrics.get("groups") or {}
    for name in GROUPS:
        if (of.get(name) or {}).get("customers"):
            yield name, of[name] | {"champion": _numbered(of[name], metrics)}


def ends(figure: Figure) -> tuple[float, float, float]:
    """Value, low and high; nan where one is not known."""
    value, low, high = (figure.get(name) for name in ("value", "low", "high"))
    return _number(value), _number(low), _number(high)


def verdict_sentence(version: ModelVersion, serving: int | None) -> str:
    """Whether it serves, since when and why. serving : the number of the version that does."""
    reason = version.verdict.strip().rstrip(".")
    now = f"version {serving} serves now" if serving else "none serves now"
    match version.state:
        case "CHAMPION":
            why = margin(version.run.metrics) or _small(reason)
            return f"Serves since {_day(version.promoted_at)}{f': {why}' if why else ''}."
        case "REFUSED":
            goes_on = f"version {serving} goes on serving" if serving else "none serves yet"
            return f"Refused: {_small(reason) or 'no reason was kept'}; {goes_on}."
        case "ARCHIVED":
            served = f"{_day(version.promoted_at)} to {_day(version.archived_at)}"
            return f"Served from {served}; {now}."
        case _:
            return f"Not judged yet; {now}."


def margin(metrics: Mapping[str, Any]) -> str:
    """ "better than popularity by 31% (interval 25% to 37%)"; "" where there is no such figure."""
    for gap, whose, floor in OVER:
        match metrics.get(gap):
            case {"value": float() as value, "low": float() as low, "high": float() as high}:
                return _margin(gap, (value, low, high), _scale(metrics, whose), floor)
    return ""


def _margin(gap: str, found: tuple[float, float, float], scale: float, floor: str) -> str:
    value, low, high = (one / scale for one in found)
    if not isfinite(value):
        return ""
    if gap == "over_pace":  # An error: less is better.
        value, low, high = -value, -high, -low
    form = _points if gap == "over_rfm" else _whole
    interval = f"(interval {form(low)} to {form(high)})"
    if low > 0:
        return f"better than {floor} by {form(value)} {interval}"
    word = "worse than" if high < 0 else "not clearly better than"
    return f"{word} {floor}: {form(value)} {interval}"


def _scale(metrics: Mapping[str, Any], whose: str) -> float:
    """What the gap is a share of; a floor that finds nothing is no unit."""
    if not whose:
        return 1.0
    return ends((metrics.get(whose) or {}).get("ndcg") or {})[0] or nan


def _figures(said: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    for name in FIGURES:
        if isinstance(figure := said.get(name), Mapping) and figure.get("value") is not None:
            yield name, figure


def _numbered(group: Mapping[str, Any], metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    number = (metrics.get("champion") or {}).get("number")
    return (group.get("champion") or {}) | {"number": number}


def _number(value: float | None) -> float:
    return nan if value is None else float(value)


def _whole(share: float) -> str:
    return percent(share, 0)


def _points(auc: float) -> str:
    return f"{auc:.3f} AUC"


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


def _day(moment: datetime | None) -> str:
    return day(moment) if moment else "its beginning"
