"""Why a product is in a list, and what is bought with what, in words with the evidence."""

from collections.abc import Mapping
from typing import Any

from retention.insights.lately import RECENT
from retention.insights.models import AssociationRule, ProductPair

POPULAR = "popularity"


def in_words(
    item: Mapping[str, Any],
    titles: Mapping[int, str],
    pairs: Mapping[tuple[int, int], ProductPair],
) -> str:
    """item : of a stored list. titles and pairs : of what speaks for its products."""
    bought, because = item.get("bought"), item.get("because", -1)
    if item["model"] == "buy_again" and bought:
        return _habit(bought)
    if because in titles:
        pair = pairs.get((because, item["product"]))
        evidence = f" ({together(pair, titles[because])})" if pair else ""
        return f"Because of {titles[because]}{evidence}"
    if bought:
        return _habit(bought)
    return "Popular lately" if item["model"] in {POPULAR, RECENT} else "Fits what they like"


def together(pair: ProductPair, title: str) -> str:
    """ "31 of 120 baskets with Teapot had this too" """
    if pair.kind == ProductPair.Kind.TOGETHER:
        return f"{pair.both:,} of {pair.of:,} baskets with {title} had this too"
    return f"{pair.both:,} of {pair.of:,} who took {title} took this too"


def _habit(bought: Mapping[str, int]) -> str:
    times, ago, gap = bought["times"], bought["days_ago"], bought["gap_days"]
    often = "once" if times == 1 else f"{times} times"
    return f"Bought {often}, last {ago} days ago; usually again after about {gap} days"


def rule_in_words(rule: AssociationRule) -> str:
    """ "31 of 120 baskets with Green tea also had Honey: 4.2 times as often as usual." """
    leading = " and ".join(rule.titles)
    often = f"{times(rule.lift)} times as often as usual"
    if not rule.is_later:
        basis = f"{rule.both:,} of {rule.of:,} baskets with {leading} also had {rule.consequent}"
        return f"{basis}: {often}."
    basis = f"{rule.both:,} of {rule.of:,} customers who bought {leading} bought {rule.consequent}"
    return (
        f"{basis} in a later order within {rule.within_days} days: {often},"
        f" usually {days_later(rule.gap_median or 0)}."
    )


def times(lift: float) -> str:
    """4.2, or 18 where a tenth says nothing."""
    return f"{lift:.1f}" if lift < 10 else f"{lift:,.0f}"


def days_later(gap: float) -> str:
    match round(gap):
        case 0:
            return "the same day"
        case 1:
            return "a day later"
        case days:
            return f"{days} days later"
