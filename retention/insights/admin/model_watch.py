"""What the nightly watch and the card say of a churn model, on its page."""

from collections.abc import Sequence
from math import exp
from typing import Any

from django.utils.safestring import SafeString

from retention.insights.cards import Card, Group
from retention.insights.judged import Figure, ends
from retention.insights.models import ModelVersion, ModelWatch
from retention.insights.watched import (
    Moved,
    learned_since,
    moved,
    newest_watch,
    nights,
    sentences,
)
from retention.learning.measure.stability import MUCH, SOME
from retention.present import charts
from retention.present.templatetags.present import badge, number, percent, signed

GROUP_COLUMNS = [
    ("Customers of the exam", ""),
    ("How many", "number"),
    ("Expected to leave", "number"),
    ("Left", "number"),
    ("Ranking (AUC)", "number"),
]
DRIVER_COLUMNS = [("Fact", ""), ("Odds of leaving move by", "number")]
WHAT_PSI_IS = (
    "population stability index: how differently tonight's customers are spread over the risks than"
    " those of its exam; below 0.1 alike, from 0.25 on these are other customers"
)
NOTICED = 0.1
"""Log-odds; a fact that moves the risk by less may move as it likes."""
MOVED_COLUMNS = [
    ("Feature", ""),
    ("Now", "number"),
    ("In the exam", "number"),
    ("Stability index", "number"),
    ("Moves the risk", "number"),
]


def watch_of(version: ModelVersion) -> dict[str, Any]:
    """The last night on which this version was looked at; empty where there was none."""
    last = newest_watch(version)
    if last is None:
        return {}
    past = nights(last)
    matured = [one for one in past if one.figures["matured"]]
    return {
        "last": last,
        "alarms": sentences(last),
        "again": learned_since(last) if last.decays else None,
        "scores": _scores(past),
        "truth": _truth(past),
        "columns": MOVED_COLUMNS,
        "rows": [_feature(one) for one in moved(last)],
        "knows_features": bool(last.figures["features"]),
        "scores_note": _so_far(WHAT_PSI_IS, past),
        "truth_note": _so_far("by the night on which it became known", matured),
    }


def card_rows(card: Card) -> dict[str, Any]:
    """A card as its template shows it."""
    return {
        "card": card,
        "group_columns": GROUP_COLUMNS,
        "group_rows": [_group(group) for group in card.groups],
        "driver_columns": DRIVER_COLUMNS,
        "driver_rows": [
            [driver.label, f"× or ÷ {exp(driver.effect):.2f}"] for driver in card.drivers
        ],
    }


def _so_far(words: str, past: Sequence[ModelWatch]) -> str:
    return f"{words}; one night so far" if len(past) == 1 else words


def _days(past: Sequence[ModelWatch]) -> list[str]:
    return [f"{one.on:%-d %b}" for one in past]


def _scores(past: Sequence[ModelWatch]) -> SafeString:
    """How far the scores lay from the exam of the version that served, night by night."""
    found = [one.figures["scores"] for one in past]
    return charts.line(
        _days(past),
        [
            charts.Series("stability index", [one and one["index"] for one in found]),
            charts.Series(f"moved ({SOME})", [SOME] * len(past), tone="warn"),
            charts.Series(f"others ({MUCH})", [MUCH] * len(past), tone="bad"),
        ],
        title="How far the scores moved from the exam",
        form="{:.2f}".format,
    )


def _truth(past: Sequence[ModelWatch]) -> SafeString:
    """What was expected of customers a horizon before each night, and what they did."""
    known = [one.figures["matured"] for one in past]
    happened = [ends(one["happened"]) if one else (None, None, None) for one in known]
    value, low, high = ([one[end] for one in happened] for end in range(3))
    return charts.line(
        _days(past),
        [
            charts.Series("left", value, tone="s2", low=low, high=high),
            charts.Series("expected to leave", [one and one["said"] for one in known]),
        ],
        title="Expected to leave and left, with the 95 % interval",
        form=lambda share: percent(share, 0),
        empty="Nothing was predicted long enough ago.",
    )


def _feature(one: Moved) -> list[str]:
    looks = ("Much", "bad") if one.stability.moved_much else ("Some", "warn")
    tone = looks[1] if abs(one.push) >= NOTICED else ""
    return [
        one.spec.label,
        one.say(one.now),
        one.say(one.before),
        badge(f"{looks[0]}, {one.stability.index:.2f}", tone),
        signed(one.push, 2),
    ]


def _group(group: Group) -> list[str]:
    return [
        group.name,
        number(group.customers),
        percent(group.said, 0),
        _interval(group.happened, lambda share: percent(share, 0)),
        _interval(group.auc, "{:.3f}".format),
    ]


def _interval(figure: Figure, form: Any) -> str:
    value, low, high = ends(figure)
    if value != value or low != low:  # noqa: PLR0124 - nan: one of the two outcomes is missing
        return number(None)
    return f"{form(value)} ({form(low)} to {form(high)})"
