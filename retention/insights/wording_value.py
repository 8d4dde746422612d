"""What a customer is expected to spend, in the words of the pages."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

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
EVEN: Final = 0.5
"""From this risk on, no order is likelier than one."""


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
    if score.probability_of_order is not None:
        likely = percent(score.probability_of_order, 0)
        yield f"Probability of an order within the year: {likely}."
    if score.expected_date_of_next_order is not None and score.predicted_clv_high != 0:
        said = next_order_in_words(score)
        yield f"{said[0].upper()}{said[1:]}."


def next_order_in_words(score: ChurnScore) -> str:
    """Whether and when they order next, wherever that is told: what the risk says is most likely,
    and the date only on the condition that they do."""
    due, day = score.expected_date_of_next_order, _day_of(score)
    if score.predicted_clv_high == 0:
        return "no further order expected"
    soon = f"within {score.horizon_days} days" if score.horizon_days else "soon"
    if score.churn_probability >= EVEN:
        later = due is not None and due > day
        when = f"; if they order, about {due:%-d %B %Y}" if later else ""
        return f"most likely no order {soon}{when}"
    if due is None:
        return "ordered once so far"
    if due <= day:
        return "the next order is overdue"
    if score.horizon_days and due > day + timedelta(days=score.horizon_days):
        return f"most likely an order {soon}"
    return f"next order about {due:%-d %B %Y}"


def rival_rows(metrics: Mapping[str, Any], chosen: str = "") -> list[list[str]]:
    """How each way to forecast did in the exams, for a table with COLUMNS."""
    return [
        [
            _named(one, chosen),
            f"{one['rmse']:.2f}",
            _against(one),
            change(one["bias"], 0),
            percent(one["top"], 0),
        ]
        for one in metrics.get("rivals", [])
    ]


def change(share: float, decimals: int = 1) -> str:
    """+12.3% or −12.3%; nothing has no sign."""
    return f"{'+' if share > 0 else ''}{percent(share, decimals)}"


def _named(one: Mapping[str, Any], chosen: str) -> str:
    name = str(one["name"])
    name = name[0].upper() + name[1:]
    return f"{name} (chosen)" if one["key"] == chosen else name


def _against(one: Mapping[str, Any]) -> str:
    over = one["over_pace"]
    if one["key"] == "pace":
        return ""
    return f"{change(over['value'])} [{change(over['low'])}, {change(over['high'])}]"


def _day_of(score: ChurnScore) -> date:
    """When it was computed, on the shop's calendar."""
    return timezone.localdate(score.computed_at)
