"""A model's figures in words that an operator reads."""

from typing import Any

from retention.insights.wording_value import change
from retention.present.templatetags.present import percent

METRIC_COLUMNS = [("", ""), ("Value", "number"), ("95 % interval", "number")]
NAMES = {
    "auc": "Ranking (AUC)",
    "pr_auc": "Precision and recall (PR AUC)",
    "lift": "Lift in the riskiest tenth",
    "brier": "Brier score (lower is better)",
    "log_loss": "Log loss (lower is better)",
    "ece": "Calibration error (lower is better)",
    "recency_auc": "Rule of thumb: recency (AUC)",
    "rfm_auc": "Rule of thumb: RFM (AUC)",
    "over_recency": "Better than recency by",
    "over_rfm": "Better than RFM by",
    "base_rate": "Share lost",
    "ndcg": "Ranking (nDCG@10)",
    "recall": "Recall@20",
    "mean_average_precision": "Mean average precision@10",
    "answered": "Share of customers shown anything",
    "coverage": "Share of the catalogue shown",
    "novelty": "Novelty (bits)",
    "new_share": "Share of products new to the customer",
    "diversity": "Diversity of a list",
    "over_popularity": "Better than popularity by",
    "over_champion": "Better than the version that served by",
    "rmse": "Orders missed by (root mean square)",
    "over_pace": "Its error against their own pace",
    "over_mean": "Its error against one number for all",
    "bias": "Orders expected in all, against those that came",
    "top_tenth": "Orders of the tenth expected to order most",
    "covered": "Spent within their bounds; 80% were to",
    "order_off": "Probability of an order, off by",
    "stars_rmse": "Stars missed by (root mean square)",
    "over_constant": "Its error against one number for everything (stars)",
    "in_order": "Of two rated differently, told apart rightly",
    "taste_over_biases": "Error by taste against generosity and liking alone",
    "silhouette": "Separation (silhouette)",
    "stability": "Stability",
    "qini": "Found by uplift: kept beyond chance (points)",
    "qini_risk": "Found by risk: kept beyond chance (points)",
    "over_risk": "Better than risk by (points)",
    "effect": "Coupons kept more, of all (points)",
    "rules": "Rules within a basket",
    "later_rules": "Rules from one order to a later one",
}


CHANGES = frozenset({"over_pace", "over_mean", "bias"})
SHARES = frozenset({"top_tenth", "covered", "order_off"})


def metric_rows(metrics: dict[str, Any]) -> list[list[str]]:
    """Name, value and interval of every figure that has a name; one that is unknown is left out."""
    rows = []
    for name, label in NAMES.items():
        match metrics.get(name):
            case {"value": float() as value, "low": low, "high": high}:
                rows.append([label, _said(name, value), _interval(name, low, high)])
            case float() | int() as value:
                rows.append([label, _said(name, value), ""])
    return rows


def headline(metrics: dict[str, Any]) -> str:
    """The one figure to remember."""
    for name in ("auc", "ndcg", "silhouette", "rmse", "stars_rmse", "over_risk"):
        match metrics.get(name):
            case {"value": float() as value, "low": float() as low, "high": float() as high}:
                return f"{NAMES[name]} {value:.3f} [{low:.3f}, {high:.3f}]"
            case float() as value:
                return f"{NAMES[name]} {value:.3f}"
    return ""


def _said(name: str, value: float) -> str:
    if name in CHANGES:
        return change(value)
    return percent(value) if name in SHARES else f"{value:.3f}"


def _interval(name: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"{_said(name, low)} to {_said(name, high)}"
