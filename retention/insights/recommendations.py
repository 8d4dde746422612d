"""What to show a customer now: the stored list against the live catalogue, with reasons."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.models import Product
from customers.models import Customer, Event, EventKind, Purpose
from retention.insights.models import ProductPair, RecommendationList

POPULAR = "popularity"
RECENT = "recent_popularity"
"""Counted when asked, in a shop whose first model is still to come."""
LATEST = 5_000
"""Events that are counted: enough for a list, read in some ten milliseconds."""
TASTE = (EventKind.PURCHASE, EventKind.RATING, EventKind.CART, EventKind.VIEW)
"""What says most about taste, first: the first of these among the latest events is counted."""


@dataclass(frozen=True)
class Recommended:
    """One product to show: who found it, how strongly, and why in words."""

    product: Product
    score: float
    model: str
    because: str


@dataclass(frozen=True)
class Recommendations:
    """What to show. personalised : False for a list that everybody gets."""

    items: list[Recommended]
    personalised: bool
    computed_at: datetime | None


def recommendations_for(
    customer: Customer | None, *, limit: int, category: str = ""
) -> Recommendations:
    """The best available products, filled up with what is popular; a fixed number of queries.

    Without consent, and for someone unknown, the popular list with personalised False. In a shop
    where no model serves yet that is what was bought lately, counted from the events.
    """
    own = _own_list(customer)
    common = RecommendationList.objects.filter(customer=None).order_by("-computed_at").first()
    wanted = list(own.items if own else [])
    seen = {item["product"] for item in wanted}
    popular = common.items if common else _bought_lately()
    wanted += [item for item in popular if item["product"] not in seen]
    products = _available(wanted, category)
    chosen = [item for item in wanted if item["product"] in products][:limit]
    reasons = _reasons(chosen)
    return Recommendations(
        items=[
            Recommended(
                product=products[item["product"]],
                score=item["score"],
                model=item["model"],
                because=reasons[item["product"]],
            )
            for item in chosen
        ],
        personalised=own is not None,
        computed_at=getattr(own or common, "computed_at", None),
    )


def similar_to(product: Product, *, limit: int) -> list[Recommended]:
    """The nearest available products, with how many customers say so."""
    pairs = (
        ProductPair.objects.filter(product=product, other__in=Product.objects.available())
        .select_related("other")
        .order_by("-score", "other")[:limit]
    )
    return [
        Recommended(pair.other, pair.score, "neighbours", _together(pair, product.title or "it"))
        for pair in pairs
    ]


def _own_list(customer: Customer | None) -> RecommendationList | None:
    if customer is None:
        return None
    allowed = Customer.objects.filter(pk=customer.pk).consenting(Purpose.RECOMMENDATION)
    return RecommendationList.objects.filter(customer__in=allowed).first()


def _bought_lately() -> list[dict[str, Any]]:
    """Products by how often they stand among the latest events of those who did not object."""
    latest = Event.objects.of_kinds(TASTE).exclude(product=None).order_by("-occurred_at", "-pk")
    rows = list(latest.values_list("kind", "product", "customer")[:LATEST])
    kind = min((kind for kind, _, _ in rows), key=TASTE.index, default=None)
    counted = [(product, who) for each, product, who in rows if each == kind]
    known = {who for _, who in counted if who is not None}
    willing = Customer.objects.filter(pk__in=known).consenting(Purpose.RECOMMENDATION)
    allowed = {None, *willing.values_list("pk", flat=True)}
    often = Counter(product for product, who in counted if who in allowed)
    return [
        {"product": product, "score": float(times), "model": RECENT}
        for product, times in sorted(often.items(), key=lambda one: (-one[1], one[0]))
    ]


def _available(items: Iterable[Mapping[str, Any]], category: str) -> dict[int, Product]:
    products = Product.objects.available().filter(pk__in=[item["product"] for item in items])
    products = products.below(category) if category else products
    return products.select_related("category").in_bulk()


def _reasons(items: list[dict[str, Any]]) -> dict[int, str]:
    causes = {item["because"] for item in items if "because" in item}
    titles = {product.pk: str(product) for product in Product.objects.filter(pk__in=causes)}
    pairs = {
        (pair.product_id, pair.other_id): pair
        for pair in ProductPair.objects.filter(
            product__in=causes, other__in=[item["product"] for item in items]
        )
    }
    return {item["product"]: _in_words(item, titles, pairs) for item in items}


def _in_words(
    item: Mapping[str, Any],
    titles: Mapping[int, str],
    pairs: Mapping[tuple[int, int], ProductPair],
) -> str:
    bought, because = item.get("bought"), item.get("because", -1)
    if item["model"] == "buy_again" and bought:
        return _habit(bought)
    if because in titles:
        pair = pairs.get((because, item["product"]))
        evidence = f" ({_together(pair, titles[because])})" if pair else ""
        return f"Because of {titles[because]}{evidence}"
    if bought:
        return _habit(bought)
    return "Popular lately" if item["model"] in {POPULAR, RECENT} else "Fits what they like"


def _habit(bought: Mapping[str, int]) -> str:
    times, ago, gap = bought["times"], bought["days_ago"], bought["gap_days"]
    often = "once" if times == 1 else f"{times} times"
    return f"Bought {often}, last {ago} days ago; usually again after about {gap} days"


def _together(pair: ProductPair, title: str) -> str:
    return f"{pair.both:,} of {pair.of:,} who took {title} took this too"
