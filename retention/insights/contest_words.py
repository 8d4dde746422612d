"""How the classifiers of the field did beside the served one, in words."""

from collections.abc import Mapping
from typing import Any, Final

from retention.insights.judged import in_brackets
from retention.insights.models import Kind, ModelVersion, TrainingRun
from retention.present.templatetags.present import NOTHING

NAMES: Final = {
    "additive": "Additive model (serves)",
    "logistic": "Logistic regression",
    "tree": "Decision tree",
    "vectors": "Support vector machine",
    "network": "Neural network",
    "boosting": "Gradient boosting",
    "stack": "Additive, boosting and network together",
    "alive": "BG/NBD, by the order days alone",
}
COLUMNS: Final = [
    ("Classifier", ""),
    ("Log loss", "number"),
    ("Against the served one", "number"),
    ("AUC", "number"),
    ("Brier", "number"),
    ("Took", "number"),
]
COST: Final = (
    "The served one stays: its reasons are exact and sum to the score, which no other here can say."
)


def latest_contest(version: ModelVersion) -> tuple[Mapping[str, Any], ModelVersion] | None:
    """The exam of a churn version, or else the newest one there is, with the version it was of."""
    if version.kind != Kind.CHURN:
        return None
    runs = TrainingRun.objects.filter(kind=Kind.CHURN, version__isnull=False)
    sat = runs.filter(metrics__has_key="classifiers").select_related("version")
    run = sat.filter(pk=version.run_id).first() or sat.order_by("-pk").first()
    return (run.metrics["classifiers"], run.version) if run else None


def contest_verdict(contest: Mapping[str, Any]) -> str:
    """Whether one beats the served one beyond chance, and what to do about it."""
    beaten = [one for one in contest["sat"] if one["against_served"] and _better(one)]
    if not beaten:
        return "Nothing beats the served one beyond chance."
    best = beaten[0]
    gap = best["against_served"]
    others = f" So do {len(beaten) - 1} others." if len(beaten) > 2 else ""
    others = " So does one other." if len(beaten) == 2 else others
    return (
        f"{NAMES[best['name']]} is better beyond chance: log loss lower by {-gap['value']:.4f}"
        f" [{-gap['high']:.4f}, {-gap['low']:.4f}].{others} {COST}"
    )


def contest_rows(contest: Mapping[str, Any]) -> list[list[str]]:
    """A row a classifier, the best first."""
    return [
        [
            NAMES[one["name"]],
            f"{one['log_loss']['value']:.4f}",
            _gap(one["against_served"]),
            f"{one['auc']['value']:.3f}",
            f"{one['brier']['value']:.4f}",
            f"{one['seconds']:.1f} s",
        ]
        for one in contest["sat"]
    ]


def _better(one: Mapping[str, Any]) -> bool:
    return bool(one["against_served"]["high"] < 0)


def _gap(gap: Mapping[str, float] | None) -> str:
    if gap is None:
        return NOTHING
    return in_brackets(gap, 4)
