"""Which of several offers that were drawn by lot is the best, and how sure that is."""

from collections.abc import Sequence
from typing import Final

from campaigns.models import Measurement

from .effects import Comparison

Metric = Measurement.Metric
SURE, LIKELY = 0.95, 0.8
DOES: Final = {
    Metric.KEPT: ("keeps", "the most customers"),
    Metric.MARGIN: ("earns", "the most margin net of discounts"),
    Metric.REVENUE: ("brings", "the most revenue net of discounts"),
}


def about_offers(offers: Sequence[Comparison], *, is_final: bool) -> str:
    """In words, of customers kept and of money; empty where offers cannot be told apart."""
    said = [
        sentence
        for metrics in ((Metric.KEPT,), (Metric.MARGIN, Metric.REVENUE))
        if (sentence := _about(offers, *metrics))
    ]
    if not said:
        return ""
    return " ".join(said if is_final else ["So far, and it may still turn:", *said])


def _about(offers: Sequence[Comparison], *metrics: Metric) -> str:
    chances = [
        (effect.best, one.name, effect.metric)
        for one in offers
        if (effect := one.of(*metrics)) and effect.best is not None
    ]
    if not chances:
        return ""
    chance, name, metric = max(chances)
    verb, what = DOES[Metric(metric)]
    sure = f"{chance * 100:.0f}%" if chance < 0.995 else "more than 99%"
    if chance >= SURE:
        return f"“{name}” {verb} {what}: {sure} sure."
    if chance >= LIKELY:
        return f"“{name}” probably {verb} {what}: {sure} sure."
    return f"Which offer {verb} {what} cannot be told: “{name}” leads, {sure} sure."
