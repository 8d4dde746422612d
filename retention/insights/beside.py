"""What stands beside a product or a basket: alike, bought together, and both joined with taste."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from catalog.models import Product
from retention.insights.listing import DECIMALS, Items
from retention.insights.merchandising import Recommended, rules_for
from retention.insights.models import Context, ProductPair
from retention.insights.popular import filled_up, popular
from retention.insights.showing import show

Kind = ProductPair.Kind
FOUND_BY = {Kind.SIMILAR: "neighbours", Kind.TOGETHER: "baskets"}
SHRINKAGE = 5
"""So many baskets in which nothing went together are added to each product's own."""


def similar_to(product: Product, *, limit: int, at: datetime) -> list[Recommended]:
    """The nearest available products, with how many customers say so; then its category's best."""
    return _shown(_pairs_of(product, Kind.SIMILAR), product, limit=limit, at=at)


def goes_with(product: Product, *, limit: int, at: datetime) -> list[Recommended]:
    """What is bought in one basket with it; then what is like it, of its own category."""
    found = _pairs_of(product, Kind.TOGETHER)
    if len(found) < limit:
        alike = _pairs_of(product, Kind.SIMILAR)
        same = [item for item in alike if item["pair"].other.category_id == product.category_id]
        found = filled_up(found, same)
    return _shown(found, product, limit=limit, at=at)


def joined(own: Items, beside: Iterable[Product], kind: str) -> Items:
    """A customer's own list and what goes with products, in one order.

    The chance that they take it anyway, and that it goes with one of the products: it is taken if
    either holds, 1 - (1 - chance) times the product of (1 - share) over the products.
    """
    pairs: dict[int, list[ProductPair]] = defaultdict(list)
    for pair in ProductPair.objects.filter(kind=kind, product__in=list(beside)):
        pairs[pair.other_id].append(pair)
    found = {item["product"]: item for item in own}
    for product, speaking in pairs.items():
        missed = 1.0
        for pair in speaking:
            missed *= 1 - _share(pair)
        item = found.get(product, {"product": product, "score": 0.0, "model": FOUND_BY[Kind(kind)]})
        found[product] = item | {
            "score": round(1 - (1 - item["score"]) * missed, DECIMALS),
            "pair": max(speaking, key=_share),
            "leads": 1 - missed > item["score"],
        }
    return sorted(found.values(), key=lambda item: -item["score"])


def _share(pair: ProductPair) -> float:
    return pair.both / (pair.of + SHRINKAGE)


def _pairs_of(product: Product, kind: str) -> Items:
    rows = (
        ProductPair.objects.filter(product=product, kind=kind)
        .filter(other__in=Product.objects.available())
        .select_related("other")
        .order_by("-score", "other")
    )
    return [
        {"product": pair.other_id, "score": pair.score, "model": FOUND_BY[Kind(kind)], "pair": pair}
        for pair in rows
    ]


def _shown(found: Items, product: Product, *, limit: int, at: datetime) -> list[Recommended]:
    if len(found) < limit:
        category = product.category.path if product.category else ""
        best = [item for item in popular(category).items if item["product"] != product.pk]
        found = filled_up(found, best)
    rules = rules_for(None, context=Context.PRODUCT, at=at)
    return show(found, rules, limit=limit, without={product.pk})
