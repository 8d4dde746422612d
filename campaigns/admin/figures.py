"""A result in the words and columns of its page."""

from typing import Any

from campaigns.models import Campaign, Measurement
from campaigns.selectors.effects import Comparison, Effect
from campaigns.selectors.preview import Preview
from campaigns.selectors.progress import Progress
from campaigns.selectors.results import Results
from campaigns.selectors.trying import WhatIf
from retention.present.templatetags.present import (
    MINUS,
    money,
    number,
    percent,
    points,
    signed_money,
)

from .pictures import form_of

Metric = Measurement.Metric
TONES = {1: "good", -1: "bad"}
COLUMNS = (
    ("Per customer", ""),
    ("With coupon", "number"),
    ("Control", "number"),
    ("Difference", "number"),
    ("95% interval", "number"),
)
OFFER_COLUMNS = (
    ("Offer", ""),
    ("Customers", "number"),
    ("Kept more than the control", "number"),
    ("Keeps most", "number"),
    ("Money a customer, net of discount", "number"),
    ("Earns most", "number"),
)
GROUP_COLUMNS = (
    ("Group", ""),
    ("Customers", "number"),
    ("Money a customer, net of discount", "number"),
    ("95% interval", "number"),
)


def headline(results: Results) -> dict[str, Any]:
    """The key numbers with their intervals; coloured only where told from chance."""
    if results.overall is None:
        return {}
    kept = results.overall.of(Metric.KEPT)
    made = results.overall.of(Metric.MARGIN, Metric.REVENUE)
    code = results.currency
    said: dict[str, Any] = {"figures": table(results)}
    if kept:
        said["kept"] = f"{round(kept.effect * results.overall.treated):+,}".replace("-", MINUS)
        said["kept_note"] = (
            f"{points(kept.effect)}, {points(kept.low)} to {points(kept.high)}, of those treated"
        )
        said["kept_tone"] = TONES.get(kept.direction, "")
    if made:
        low, high = signed_money(results.net_low, code), signed_money(results.net_high, code)
        said["total_label"] = f"Earned, {made.metric.lower()} net of discounts"
        said["total_note"] = f"{low} to {high}, in all"
        said["total_tone"] = TONES.get(made.direction, "")
    return said


def table(results: Results) -> list[list[str]]:
    """A row a metric and group: name, treated, control, difference, interval."""
    groups = [group for group in (results.overall, *results.offers) if group]
    return [
        _row(group, effect, results.currency, named=group is not results.overall)
        for group in groups
        for effect in group.effects
    ]


def offer_rows(results: Results) -> list[list[str]]:
    """A row an offer of several that were drawn by lot: its effects with their intervals, and the
    chance that it is the best; none where no chance is told."""
    if not results.offers_sentence:
        return []
    return [
        [
            one.name,
            number(one.treated),
            *_against_control(one.of(Metric.KEPT), results.currency),
            *_against_control(one.of(Metric.MARGIN, Metric.REVENUE), results.currency),
        ]
        for one in results.offers
    ]


def _against_control(effect: Effect | None, currency: str) -> tuple[str, str]:
    """The difference with its interval; the chance to be the best."""
    if effect is None:
        return "–", "–"
    form = form_of(effect.metric, currency)
    return f"{form(effect.effect)} ({form(effect.low)} to {form(effect.high)})", percent(
        effect.best, 0
    )


def detectable(seen: Preview | WhatIf) -> str:
    """The smallest effect a campaign can see, in points."""
    return "none" if seen.detectable is None else f"{seen.detectable * 100:.1f} pts"


def between(seen: Preview) -> str:
    """How far two offers must be apart to be told apart; empty where they are not compared."""
    return "" if seen.between is None else f"{seen.between * 100:.1f} points"


def coupon_notes(campaign: Campaign, progress: Progress) -> dict[str, str]:
    """What stands under the numbers of coupons."""
    used = progress.redeemed / progress.issued if progress.issued else None
    withdrawn = f"; {number(progress.withdrawn)} withdrawn since" if progress.withdrawn else ""
    return {
        "campaign_key": str(campaign.pk),
        "issued_note": f"of {number(progress.treated)} drawn for one{withdrawn}",
        "used_note": f"{percent(used)} of those issued",
    }


def _row(group: Comparison, effect: Effect, currency: str, *, named: bool) -> list[str]:
    name = f"{effect.label}: {group.name}" if named else effect.label

    def level(value: float) -> str:
        match effect.metric:
            case Metric.KEPT:
                return percent(value)
            case Metric.ORDERS:
                return number(value, 3)
        return money(value, currency)

    difference = form_of(effect.metric, currency)
    return [
        name,
        level(effect.treated_mean),
        level(effect.control_mean),
        difference(effect.effect),
        f"{difference(effect.low)} to {difference(effect.high)}",
    ]
