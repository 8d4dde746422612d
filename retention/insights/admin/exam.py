"""The exam of a recommendation model on its page: who sat it, how they did, what was asked."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from retention.insights.judged import FIGURES, GROUPS, Figure, Side, ends, groups, sides
from retention.present import charts
from retention.present.templatetags.present import badge, number, percent, signed

SHARES = frozenset({"coverage", "new_share"})
LOOKS = {"candidate": "s1", "champion": "s2", "popularity": "quiet"}
RECIPES = {
    "standard": "Standard",
    "quick": "Quick: what people did stops counting three times as fast",
    "slow": "Slow: what people did counts three times as long",
    "serving": "That of the version that served",
}
RESULTS = {True: ("passed", "good"), False: ("failed", "bad"), None: ("nobody to ask", "")}
WINDOW_COLUMNS = [("From", ""), ("Until", ""), ("Customers asked", "number")]
TRIAL_COLUMNS = [("Settings", ""), ("nDCG@10 there", "number"), ("Ahead of the first by", "number")]
SMOKE_COLUMNS = [("Question", ""), ("Answer", ""), ("Result", "")]


def exam_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of an exam; empty for a kind that sits none."""
    if not isinstance(metrics.get("ndcg"), Mapping):
        return {}
    choice = metrics.get("choice") or {}
    window = choice.get("window")
    return {
        "levels": _levels(metrics),
        "gaps": _gaps(metrics),
        "columns": [("", ""), *((side.label, "number") for side in sides(metrics))],
        "rows": _rows(metrics),
        "rival": (metrics.get("champion") or {}).get("number"),
        "group_tables": [
            (f"{GROUPS[name]}: {of['customers']:,} customers", _rows(of))
            for name, of in groups(metrics)
        ],
        "windows": [_window(each) for each in metrics.get("windows") or []],
        "window_columns": WINDOW_COLUMNS,
        "trials": [_trial(each, choice) for each in choice.get("trials") or []],
        "trial_columns": TRIAL_COLUMNS,
        "chosen": RECIPES.get(choice.get("chosen", ""), choice.get("chosen", "")),
        "chosen_on": "{} to {}, {} customers".format(*_window(window)) if window else "",
        "smoke": [
            [each["question"], each["answer"], badge(*RESULTS[each["right"]])]
            for each in metrics.get("smoke") or []
        ],
        "smoke_columns": SMOKE_COLUMNS,
    }


def _everybody(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "Everyone", metrics
    for name, of in groups(metrics):
        yield name.capitalize(), of


def _levels(metrics: Mapping[str, Any]) -> SafeString:
    effects = [
        charts.Effect(
            f"{group}: {_brief(side)}",
            *ends(side.figures["ndcg"]),
            note=f"{of.get('customers', 0):,} customers",
            look=LOOKS[side.key],
        )
        for group, of in _everybody(metrics)
        for side in sides(of)
        if "ndcg" in side.figures
    ]
    return charts.intervals(effects, title="How well each ranks, nDCG@10", form="{:.3f}".format)


def _brief(side: Side) -> str:
    """As it fits beside a picture."""
    return {"candidate": "this one", "popularity": "popular"}.get(side.key, side.label.lower())


def _gaps(metrics: Mapping[str, Any]) -> SafeString:
    number_of = (metrics.get("champion") or {}).get("number")
    against = {"over_popularity": "popular", "over_champion": f"version {number_of}"}
    effects = [
        charts.Effect(f"{group}: over {name}", *ends(of[gap]))
        for group, of in _everybody(metrics)
        for gap, name in against.items()
        if isinstance(of.get(gap), Mapping)
    ]
    return charts.intervals(effects, title="Better by, nDCG@10", form=lambda gap: signed(gap, 3))


def _rows(metrics: Mapping[str, Any]) -> list[list[str]]:
    """Each figure of everyone who sat the exam; a dash where one has none."""
    sat = sides(metrics)
    return [
        [label, *(_said(name, side.figures.get(name)) for side in sat)]
        for name, label in FIGURES.items()
        if any(name in side.figures for side in sat)
    ]


def _said(name: str, figure: Figure | None) -> str:
    if figure is None:
        return number(None)
    form = percent if name in SHARES else "{:.3f}".format
    value, low, high = (form(one) for one in ends(figure))
    return f"{value} ({low} to {high})"


def _window(window: Mapping[str, Any]) -> list[str]:
    first, last = (f"{date.fromisoformat(window[end]):%-d %b %Y}" for end in ("from", "until"))
    return [first, last, number(window["customers"])]


def _trial(trial: Mapping[str, Any], choice: Mapping[str, Any]) -> list[str]:
    """One set of settings that was tried on the earlier window."""
    name = RECIPES.get(trial["name"], trial["name"])
    if trial["name"] == choice.get("chosen"):
        name = f"{name} (taken)"
    elif trial["name"] == choice.get("ahead_there"):
        name = f"{name} (ahead there, not in the exam)"
    value, low, high = ends(trial["ahead"])
    return [
        name,
        _said("ndcg", trial["ndcg"]),
        f"{signed(value, 3)} ({signed(low, 3)} to {signed(high, 3)})",
    ]
