"""Why a product is in a list, in words with the evidence."""

from collections.abc import Mapping
from typing import Any

from retention.insights.lately import RECENT
from retention.insights.models import ProductPair

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
