"""What to show now: a list against the live catalogue and the operator's rules, with reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.models import Product
from customers.models import Customer, Purpose
from retention.insights.lately import bought_lately
from retention.insights.merchandising import BY_THE_SHOP, Recommended, Rule, rules_for
from retention.insights.models import Context, ProductPair, RecommendationList
from retention.insights.recommendation_ids import Answer
from retention.insights.stars import critic
from retention.insights.tastes import Serving, readable
from retention.insights.wording import Known, Reason, reasons, together

Items = list[dict[str, Any]]


@dataclass(frozen=True)
class Recommendations:
    """What to show. personalised : False for a list that everybody gets."""

    items: list[Recommended]
    personalised: bool
    computed_at: datetime | None
    answer: Answer

    @property
    def recommendation_id(self) -> str:
        return self.answer.id


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for."""

    limit: int
    category: str = ""
    context: str = Context.HOME


@dataclass(frozen=True)
class _Found:
    """Items before they meet the catalogue: a person's or a visit's own, and everyone's."""

    own: Items
    computed_at: datetime | None
    common: RecommendationList | None
    popular: Items


def recommendations_for(
    customer: Customer | None,
    wanted: Wanted,
    *,
    at: datetime,
    rules: Sequence[Rule] | None = None,
) -> Recommendations:
    """The best available products, filled up with what is popular; a fixed number of queries.

    Who did something since their list was made gets one folded in from all they did until now.
    Without consent, and for someone unknown, the popular list with personalised False. In a shop
    where no model serves yet that is what was bought lately, counted from the events.
    rules : instead of the stored ones, to see what they would do.
    """
    person = _consenting(customer)
    own = RecommendationList.objects.filter(customer=person).first() if person else None
    items, computed_at = (own.items, own.computed_at) if own else ([], None)
    if person and _moved_on(person, own):
        model = readable()
        if model is not None:
            items, computed_at = model.list_of(person, at=at) or items, at
    return _answer(person, _found(items, computed_at), wanted, at=at, rules=rules)


def recommendations_by(
    model: Serving, customer: Customer, wanted: Wanted, *, at: datetime
) -> Recommendations:
    """What a version would show a customer, whether or not it serves."""
    person = _consenting(customer)
    items = model.list_of(person, at=at) if person else []
    return _answer(person, _found(items, at), wanted, at=at)


def recommendations_from(
    products: Sequence[Product], wanted: Wanted, *, at: datetime
) -> Recommendations:
    """What fits a visit by someone unknown: the products they looked at, the last one last."""
    model = readable()
    items = model.list_from([product.pk for product in products], at=at) if model else []
    looked_at = frozenset(product.pk for product in products)
    return _answer(None, _found(items, at), wanted, at=at, without=looked_at)


def similar_to(product: Product, *, limit: int, at: datetime) -> list[Recommended]:
    """The nearest available products, with how many customers say so."""
    return _pairs(product, ProductPair.Kind.SIMILAR, limit=limit, at=at)


def goes_with(product: Product, *, limit: int, at: datetime) -> list[Recommended]:
    """What is bought in one basket with it; what is like it, where baskets say nothing."""
    found = _pairs(product, ProductPair.Kind.TOGETHER, limit=limit, at=at)
    return found or similar_to(product, limit=limit, at=at)


def _consenting(customer: Customer | None) -> Customer | None:
    if customer is None:
        return None
    return Customer.objects.filter(pk=customer.pk).consenting(Purpose.RECOMMENDATION).first()


def _moved_on(customer: Customer, own: RecommendationList | None) -> bool:
    """Whether they did something that their list does not know of."""
    if customer.last_seen_at is None:
        return False
    return own is None or customer.last_seen_at > own.computed_at


def _found(own: Items, computed_at: datetime | None) -> _Found:
    common = RecommendationList.objects.filter(customer=None).order_by("-computed_at").first()
    return _Found(own, computed_at, common, common.items if common else bought_lately())


def _answer(
    person: Customer | None,
    found: _Found,
    wanted: Wanted,
    *,
    at: datetime,
    rules: Sequence[Rule] | None = None,
    without: frozenset[int] = frozenset(),
) -> Recommendations:
    mine = rules_for(person, context=wanted.context, at=at, others=rules)
    every = _filled_up(found, pinned=sorted(mine.pinned))
    items = [item for item in every if item["product"] not in without]
    products = _available(items, wanted.category)
    found_by = {item["product"]: item for item in items}
    candidates = [
        Recommended(
            products[pk],
            item["score"],
            item["model"],
            log_odds=item.get("log_odds"),
            fill=item.get("fill", False),
        )
        for pk, item in found_by.items()
        if pk in products
    ]
    shown = mine.arrange(candidates)[: wanted.limit]
    personalised = bool(found.own)
    common_at = found.common.computed_at if found.common else None
    return Recommendations(
        items=_with_stars(_with_reasons(shown, found_by), person, at),
        personalised=personalised,
        computed_at=found.computed_at if personalised else common_at,
        answer=Answer(
            customer=person.pk if person and personalised else None,
            version=found.common.version_id if found.common else None,
            context=wanted.context,
            answered_at=at,
            items=tuple((item.product.pk, item.model) for item in shown),
        ),
    )


def _filled_up(found: _Found, *, pinned: Iterable[int]) -> Items:
    """Their own, then what everyone buys, then what the shop wants shown; no product twice.

    What fills up counts for less than the last of their own, so that no rule mixes the two scales.
    """
    own = {item["product"] for item in found.own}
    filling = [item | {"fill": bool(own)} for item in found.popular if item["product"] not in own]
    least = min((item["score"] for item in found.own), default=None)
    most = max((item["score"] for item in filling), default=0)
    if least is not None and most > 0:
        filling = [item | {"score": least * item["score"] / (2 * most)} for item in filling]
    there = own | {item["product"] for item in filling}
    chosen = [{"product": pk, "score": 0.0, "model": BY_THE_SHOP} for pk in pinned]
    return found.own + filling + [item for item in chosen if item["product"] not in there]


def _available(items: Iterable[Mapping[str, Any]], category: str) -> dict[int, Product]:
    products = Product.objects.available().filter(pk__in=[item["product"] for item in items])
    products = products.below(category) if category else products
    return products.select_related("category").in_bulk()


def _with_reasons(
    shown: Sequence[Recommended], items: Mapping[int, Mapping[str, Any]]
) -> list[Recommended]:
    known = _known([items[item.product.pk] for item in shown])
    return [
        replace(one, reasons=(*one.reasons, *reasons(items[one.product.pk], one.product, known)))
        for one in shown
    ]


def _with_stars(
    shown: list[Recommended], person: Customer | None, at: datetime
) -> list[Recommended]:
    """The same with what they would give, where a model of ratings serves and they rated."""
    serving = critic() if person and shown else None
    if person is None or serving is None:
        return shown
    stars = serving.expects(person, [one.product.pk for one in shown], at=at)
    return [replace(one, expected=stars.get(one.product.pk)) for one in shown]


def _known(items: Sequence[Mapping[str, Any]]) -> Known:
    """The products that speak for others, and how many took both."""
    causes = {item["because"] for item in items if "because" in item}
    alike = {pk for item in items for pk in item.get("alike", ())}
    rows = ProductPair.objects.filter(
        kind=ProductPair.Kind.SIMILAR,
        product__in=causes,
        other__in=[item["product"] for item in items],
    )
    return Known(
        products=Product.objects.in_bulk(causes | alike),
        pairs={(pair.product_id, pair.other_id): pair for pair in rows},
    )


def _pairs(product: Product, kind: str, *, limit: int, at: datetime) -> list[Recommended]:
    rows = (
        ProductPair.objects.filter(product=product, kind=kind)
        .filter(other__in=Product.objects.available())
        .select_related("other__category")
        .order_by("-score", "other")
    )
    in_baskets = kind == ProductPair.Kind.TOGETHER
    model, name = ("baskets", "goes_with") if in_baskets else ("neighbours", "together")
    found = [
        Recommended(
            pair.other, pair.score, model, (Reason(name, together(pair, product.title or "it")),)
        )
        for pair in rows
    ]
    return rules_for(None, context=Context.PRODUCT, at=at).arrange(found)[:limit]
