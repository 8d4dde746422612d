"""What a customer is expected to spend, in the words of the pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from retention.insights.models import ChurnScore
from retention.present.templatetags.present import money, percent

COLUMNS = [
    ("Forecast by", ""),
    ("Missed orders by", "number"),
    ("Against their own pace", "number"),
    ("In all", "number"),
    ("Orders of the top tenth", "number"),
]
"""Of the table of rivals."""


def about(minor: float, currency: str) -> str:
    """£120 from 11,874 minor units: two figures, as a forecast is no better than that."""
    whole = round(minor)
    return money(round(whole, 2 - len(str(abs(whole)))), currency).removesuffix(".00")


def bounds(low: int | None, high: int | None, currency: str) -> str:
    """ "£40 to £260"; "most likely nothing" where nine of ten spend nothing; "" if not known."""
    if low is None or high is None:
        return ""
    if high == 0:
        return "most likely nothing"
    return f"{about(low, currency)} to {about(high, currency)}"


def value_in_words(score: ChurnScore) -> Iterator[str]:
    """Sentences about what a customer will spend, whether they still are one, and until when."""
    said = f"About {about(score.predicted_clv, score.currency)} in the coming year"
    match score.predicted_clv_low, score.predicted_clv_high:
        case int() as low, int() as high if high > 0:
            said += (
                f", likely between {about(low, score.currency)} and {about(high, score.currency)}"
            )
        case int(), int():
            said += " on average; nine of ten such customers spend nothing more"
    yield f"{said}."
    if score.probability_alive is not None:
        yield f"Still a customer with a probability of {percent(score.probability_alive, 0)}."
    due = score.expected_date_of_next_order
    if due is not None and due > timezone.localdate(score.computed_at):
        yield f"The next order, if one comes, is likely by about {due:%-d %B %Y}."


def rival_rows(metrics: Mapping[str, Any]) -> list[list[str]]:
    """How each way to forecast did in the exams, for a table with COLUMNS."""
    return [
        [
            str(one["name"]).capitalize() if one["key"] == "pace" else one["name"],
            f"{one['rmse']:.2f}",
            _against(one),
            f"{one['bias']:+.0%}",
            f"{one['top']:.0%}",
        ]
        for one in metrics.get("rivals", [])
    ]


def _against(one: Mapping[str, Any]) -> str:
    over = one["over_pace"]
    if one["key"] == "pace":
        return ""
    return f"{over['value']:+.1%} [{over['low']:+.1%}, {over['high']:+.1%}]"
