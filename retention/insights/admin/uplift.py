"""What coupons did to whom, on the page of an uplift model."""

from collections.abc import Iterator, Mapping
from typing import Any

from retention.learning.decide.uplift import Response
from retention.present import charts
from retention.present.templatetags.present import NOTHING, number, percent, signed

WORDS = {
    Response.PERSUADABLE: "Persuadables: stay because of a coupon",
    Response.SURE_THING: "Sure things: stay anyway, a coupon is given away",
    Response.LOST_CAUSE: "Lost causes: leave with and without one",
    Response.SLEEPING_DOG: "Sleeping dogs: leave because of one",
}
COLUMNS = [
    ("Expected of customers it did not learn from", ""),
    ("How many", "number"),
    ("Share", "number"),
    ("A coupon should keep", "number"),
    ("It did keep", "number"),
    ("95 % interval", "number"),
]
ALL = 100


def uplift_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The table of the four words and the curves; empty for another kind of model."""
    if "responses" not in metrics:
        return {}
    everyone = sum(each["customers"] for each in metrics["responses"])
    return {
        "columns": COLUMNS,
        "rows": [_row(each, everyone) for each in metrics["responses"]],
        "chart": _chart(metrics["curves"]),
    }


def in_words(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What was measured, for somebody who never heard of a Qini; nothing of another kind."""
    if "responses" not in metrics:
        return
    everyone = sum(each["customers"] for each in metrics["responses"])
    effect, gained, over = (metrics[name] for name in ("effect", "qini", "over_risk"))
    yield (
        f"Of {number(everyone)} customers of past campaigns whom it did not learn from, coupons"
        f" kept {_more(effect['value'])} in a hundred ({_between(effect)})."
    )
    yield (
        "Giving coupons first to whom it names, instead of by lot, keeps"
        f" {_more(gained['value'])} in a hundred, on average over all numbers of coupons"
        f" ({_between(gained)}): its Qini."
    )
    yield (
        "Against taking a coupon to change everyone's odds alike, going by it keeps"
        f" {_more(over['value'])} ({_between(over)}): {_verdict(over)}."
    )


def _more(value: float) -> str:
    return f"{number(abs(value), 1)} {'fewer' if round(value, 1) < 0 else 'more'}"


def _verdict(over: Mapping[str, Any]) -> str:
    if over["low"] > 0:
        return "it finds better whom a coupon changes"
    return "it finds them worse" if over["high"] < 0 else "no difference that chance would not make"


def _row(said: Mapping[str, Any], everyone: int) -> list[str]:
    words, many = WORDS[Response(said["response"])], number(said["customers"])
    share = percent(said["customers"] / everyone, 0) if everyone else NOTHING
    expected = NOTHING if said["expected"] is None else _points(said["expected"])
    if (effect := said["effect"]) is None:
        return [words, many, share, expected, "too few to say", ""]
    return [words, many, share, expected, _points(effect["value"]), _between(effect)]


def _between(estimate: Mapping[str, Any]) -> str:
    return f"{_points(estimate['low'])} to {_points(estimate['high'])}"


def _chart(curves: Mapping[str, Any]) -> Any:
    """What treating the best part of them keeps, by uplift, by risk and by lot."""
    value, low, high = _ends(curves["uplift"])
    end = value[-1]
    steps = len(curves["uplift"]) - 1
    series = [
        charts.Series("By uplift", value, low=low, high=high),
        charts.Series("Alike for all", _ends(curves["risk"])[0], tone="s2"),
        charts.Series("By lot", [end * step / steps for step in range(steps + 1)], tone="quiet"),
    ]
    return charts.line(
        [f"{ALL * step // steps}%" for step in range(steps + 1)],
        series,
        title="Customers kept, by how many get a coupon",
        desc="Points of all customers that coupons keep when the best part of them gets one.",
        form=_points,
        from_zero=False,
        width=640,
        height=260,
    )


def _ends(curve: list[Mapping[str, Any]]) -> tuple[list[float], list[float], list[float]]:
    value, low, high = ([one[name] for one in curve] for name in ("value", "low", "high"))
    return value, low, high


def _points(value: float) -> str:
    return signed(value, 1)
