"""Items of a list against the catalogue of this moment and the shop's rules, with reasons."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog.models import Product
from retention.insights.listing import Items
from retention.insights.merchandising import BY_THE_SHOP, Recommended, Rules
from retention.insights.models import ProductPair
from retention.insights.wording import Known, reasons


def show(
    items: Items,
    rules: Rules,
    *,
    limit: int,
    category: str = "",
    without: Collection[int] = (),
    last: Collection[int] = (),
) -> list[Recommended]:
    """The first that may be sold, as the rules arrange them.

    without : products that are not shown here. last : products that stand behind all others, but
    for those that the shop pinned.
    """
    every = [*items, *_pinned(rules, items)]
    found = {item["product"]: item for item in every if item["product"] not in without}
    products = _available(found, category)
    candidates = [
        Recommended(
            products[pk],
            item["score"],
            item["model"],
            log_odds=item.get("log_odds"),
            fill=item.get("fill", False),
        )
        for pk, item in found.items()
        if pk in products
    ]
    arranged = rules.arrange(candidates)
    behind = [one for one in arranged if one.product.pk in last and one.model != BY_THE_SHOP]
    shown = [one for one in arranged if one not in behind] + behind
    return _with_reasons(shown[:limit], found)


def _pinned(rules: Rules, items: Items) -> Items:
    """What the shop wants shown and nothing found."""
    there = {item["product"] for item in items}
    wanted = sorted(rules.pinned - there)
    return [{"product": pk, "score": 0.0, "model": BY_THE_SHOP} for pk in wanted]


def _available(products: Iterable[int], category: str) -> dict[int, Product]:
    rows = Product.objects.available().filter(pk__in=list(products))
    rows = rows.below(category) if category else rows
    return rows.select_related("category").in_bulk()


def _with_reasons(
    shown: Sequence[Recommended], items: Mapping[int, Mapping[str, Any]]
) -> list[Recommended]:
    known = _known([items[item.product.pk] for item in shown])
    told = [(*one.reasons, *reasons(items[one.product.pk], one.product, known)) for one in shown]
    # Whatever is mostly there for being popular was found for nobody, in whichever list it is.
    return [
        replace(one, reasons=why, fill=one.fill or why[0].name == "popular")
        for one, why in zip(shown, told, strict=True)
    ]


def _known(items: Sequence[Mapping[str, Any]]) -> Known:
    """The products that speak for others, and how many took both."""
    causes = {item["because"] for item in items if "because" in item}
    alike = {pk for item in items for pk in item.get("alike", ())}
    beside = {item["pair"].product_id for item in items if "pair" in item}
    rows = ProductPair.objects.filter(
        kind=ProductPair.Kind.SIMILAR,
        product__in=causes,
        other__in=[item["product"] for item in items],
    )
    return Known(
        products=Product.objects.in_bulk(causes | alike | beside),
        pairs={(pair.product_id, pair.other_id): pair for pair in rows},
    )
