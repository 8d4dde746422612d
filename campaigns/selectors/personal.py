"""Which products a coupon is for, where that hangs on its customer: found once, at its issue."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from campaigns.models import Offer
from catalog.models import Product
from customers.models import Customer, Event, EventKind, Purpose
from retention.insights.models import ProductPair, RecommendationList
from retention.insights.popular import popular

PRODUCTS = 5
"""So many a coupon is for."""
Candidates = dict[int, list[int]]
"""Products of each customer, the best first."""


def products_for(offer: Offer, customers: Collection[int]) -> dict[int, list[str]]:
    """The ids, as the shop knows them, of what may be sold, best first; nothing for other scopes.

    What is popular for whoever has nothing of their own or did not agree to recommendations.
    """
    if offer.scope not in Offer.OF_EACH_CUSTOMER:
        return {}
    willing = Customer.objects.filter(pk__in=customers).consenting(Purpose.RECOMMENDATION)
    who = set(willing.values_list("pk", flat=True))
    own = _complements(who) if offer.scope == Offer.Scope.COMPLEMENT else _recommended(who)
    common = [item["product"] for item in popular().items]
    ids = _sellable({product for ranked in [*own.values(), common] for product in ranked})
    best = [ids[product] for product in common if product in ids][:PRODUCTS]
    theirs = {
        one: [ids[product] for product in own.get(one, ()) if product in ids] for one in customers
    }
    return {one: found[:PRODUCTS] or best for one, found in theirs.items()}


def _recommended(who: Iterable[int]) -> Candidates:
    lists = RecommendationList.objects.filter(customer__in=who).values_list("customer", "items")
    return {one: [item["product"] for item in items] for one, items in lists}


def _complements(who: Iterable[int]) -> Candidates:
    """What is bought together with something of their last order and was not in it."""
    baskets = _last_baskets(who)
    leading = {product for basket in baskets.values() for product in basket}
    beside: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for pair in ProductPair.objects.filter(kind=ProductPair.Kind.TOGETHER, product__in=leading):
        beside[pair.product_id].append((pair.score, pair.other_id))
    return {one: list(_best_beside(basket, beside)) for one, basket in baskets.items()}


def _last_baskets(who: Iterable[int]) -> dict[int, set[int]]:
    bought = (
        Event.objects.filter(customer__in=who, kind=EventKind.PURCHASE, product__isnull=False)
        .order_by("customer", "-occurred_at", "-pk")
        .values_list("customer", "order_id", "product")
    )
    last: dict[int, str] = {}
    baskets: dict[int, set[int]] = defaultdict(set)
    for one, order, product in bought.iterator():
        if last.setdefault(one, order) == order:
            baskets[one].add(product)
    return baskets


def _best_beside(basket: set[int], beside: dict[int, list[tuple[float, int]]]) -> Iterator[int]:
    found = sorted((pair for product in basket for pair in beside[product]), reverse=True)
    seen = set(basket)
    for _, product in found:
        if product not in seen:
            seen.add(product)
            yield product


def _sellable(products: Iterable[int]) -> dict[int, str]:
    rows = Product.objects.available().filter(pk__in=products)
    return dict(rows.values_list("pk", "external_id"))
