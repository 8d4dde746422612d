"""A model's figures in words that an operator reads."""

from typing import Any

from retention.insights.wording_value import change
from retention.present.templatetags.present import percent, signed

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
    "recall": "Found within twenty (Recall@20)",
    "mean_average_precision": "Precision in the first ten (MAP@10)",
    "answered": "Share of customers shown anything",
    "coverage": "Share of the catalogue shown",
    "novelty": "Novelty (bits)",
    "new_share": "Share of products new to the customer",
    "diversity": "Diversity of a list",
    "over_popularity": "Better than popularity by",
    "over_champion": "Better than the version that served by",
    "rmse": "Orders of a customer, typically missed by",
    "over_pace": "Its error against their own pace",
    "over_mean": "Its error against one number for all",
    "bias": "Orders expected in all, against those that came",
    "top_tenth": "Orders of the tenth expected to order most",
    "covered": "Spent within the bounds given; 80% should",
    "order_off": "Probability of an order is off by",
    "stars_rmse": "Stars, typically missed by",
    "over_constant": "Its error against one number for everything (stars)",
    "in_order": "Of two rated differently, ranked correctly",
    "taste_over_biases": "Error of taste, against generosity and popularity alone",
    "silhouette": "Separation (silhouette)",
    "stability": "Stability",
    "qini": "Kept beyond coupons by lot, of 100 customers (Qini)",
    "qini_risk": "The same with one change of the odds for all",
    "over_risk": "Better than one change of the odds, of 100 customers",
    "effect": "Customers kept by coupons, of 100",
    "rules": "Rules within a basket",
    "later_rules": "Rules from one order to a later one",
}


MEANINGS = {
    "auc": "Ranking (AUC): of one customer who left and one who stayed, how often the one who left"
    " had the higher risk; 0.5 is a coin, 1 never wrong.",
    "pr_auc": "Precision and recall: how few who stayed stand among those who left, at the top"
    " of the list.",
    "lift": "Lift: how many times as often the riskiest tenth left as everybody.",
    "log_loss": "Log loss and Brier score: how far the risks were from what happened; being sure"
    " and wrong costs most.",
    "ece": "Calibration error: of customers with a risk of 30%, 30% should leave; how far from"
    " that it was, on average.",
    "ndcg": "Ranking (nDCG@10): how near the top of ten stood what was bought next; 1 is all at"
    " the top.",
    "silhouette": "Separation: how much nearer customers are to their own group than to the next;"
    " 1 is far apart, 0 side by side.",
}


CHANGES = frozenset({"over_pace", "over_mean", "bias"})
POINTS = frozenset({"qini", "qini_risk", "over_risk", "effect"})
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


def meanings(metrics: dict[str, Any]) -> list[str]:
    """What the figures mean, a sentence each."""
    return [words for name, words in MEANINGS.items() if metrics.get(name) is not None]


def headline(metrics: dict[str, Any]) -> str:
    """The one figure to remember."""
    for name in ("auc", "ndcg", "silhouette", "rmse", "stars_rmse", "over_risk"):
        match metrics.get(name):
            case {"value": float() as value, "low": float() as low, "high": float() as high}:
                said, *ends = (_said(name, one) for one in (value, low, high))
                return f"{NAMES[name]}: {said} ({' to '.join(ends)})"
            case float() as value:
                return f"{NAMES[name]}: {_said(name, value)}"
    return ""


def _said(name: str, value: float) -> str:
    if name in CHANGES:
        return change(value)
    if name in POINTS:
        return signed(value, 1)
    return percent(value) if name in SHARES else f"{value:.3f}"


def _interval(name: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"{_said(name, low)} to {_said(name, high)}"
