"""What coupons did to whom, on the page of an uplift model."""

from collections.abc import Mapping
from typing import Any

from retention.learning.decide.uplift import Response
from retention.present import charts
from retention.present.templatetags.present import number, signed

WORDS = {
    Response.PERSUADABLE: "Persuadables: stay because of a coupon",
    Response.SURE_THING: "Sure things: stay anyway, a coupon is given away",
    Response.LOST_CAUSE: "Lost causes: leave with and without one",
    Response.SLEEPING_DOG: "Sleeping dogs: leave because of one, and get none",
}
COLUMNS = [
    ("Customers it did not learn from", ""),
    ("How many", "number"),
    ("Expected to add", "number"),
    ("Measured", "number"),
    ("95 % interval", "number"),
]
ALL = 100


def uplift_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The table of the four words and the curves; empty for another kind of model."""
    if "responses" not in metrics:
        return {}
    return {
        "columns": COLUMNS,
        "rows": [_row(each) for each in metrics["responses"]],
        "chart": _chart(metrics["curves"]),
    }


def _row(said: Mapping[str, Any]) -> list[str]:
    words, many = WORDS[Response(said["response"])], number(said["customers"])
    expected = "" if said["expected"] is None else _points(said["expected"])
    if (effect := said["effect"]) is None:
        return [words, many, expected, "too few to say", ""]
    between = f"{_points(effect['low'])} to {_points(effect['high'])}"
    return [words, many, expected, _points(effect["value"]), between]


def _chart(curves: Mapping[str, Any]) -> Any:
    """What treating the best part of them keeps, by uplift, by risk and by lot."""
    value, low, high = _ends(curves["uplift"])
    end = value[-1]
    steps = len(curves["uplift"]) - 1
    series = [
        charts.Series("By uplift", value, low=low, high=high),
        charts.Series("By one change of the odds", _ends(curves["risk"])[0], tone="s2"),
        charts.Series("By lot", [end * step / steps for step in range(steps + 1)], tone="quiet"),
    ]
    return charts.line(
        [f"{ALL * step // steps}%" for step in range(steps + 1)],
        series,
        title="Customers kept, by how many get a coupon",
        desc="Points of all customers that coupons keep when the best part of them gets one.",
        form=_points,
        from_zero=False,
    )


def _ends(curve: list[Mapping[str, Any]]) -> tuple[list[float], list[float], list[float]]:
    value, low, high = ([one[name] for one in curve] for name in ("value", "low", "high"))
    return value, low, high


def _points(value: float) -> str:
    return signed(value, 1)
