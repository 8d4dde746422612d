"""What to show now: to a customer, to a visit; by what is known, and for a place of the shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from catalog.models import Product
from customers.models import Customer, Purpose
from customers.querysets import current
from retention.insights.beside import joined
from retention.insights.datasets import local_day
from retention.insights.listing import Items
from retention.insights.merchandising import Recommended, Rule, rules_for
from retention.insights.models import Context, ProductPair, RecommendationList, Shown
from retention.insights.popular import filled_up, popular
from retention.insights.recommendation_ids import Answer
from retention.insights.showing import show
from retention.insights.stars import critic
from retention.insights.tastes import Serving, readable

RESTS = 0.1
"""A product rests for this share of its usual gap after it was bought."""
MAILED_LATELY = timedelta(days=14)
"""What was seen in an e-mail so lately stands behind the others in the next one."""
BESIDE: Final[dict[str, str]] = {
    Context.PRODUCT: ProductPair.Kind.SIMILAR,
    Context.BASKET: ProductPair.Kind.TOGETHER,
}
"""What is joined with taste, on which page."""


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
    """What a list is asked for. beside : the product of the page, or what is in the basket."""

    limit: int
    category: str = ""
    context: str = Context.HOME
    beside: tuple[Product, ...] = ()


@dataclass(frozen=True)
class _Found:
    """What was found for a person or a visit, before it meets the place and the catalogue.

    without : products that are not to be shown, whoever finds them. objects : a customer who did
    not agree, or no longer, gets what everybody gets on every page.
    """

    person: Customer | None
    items: Items
    computed_at: datetime | None
    without: frozenset[int] = frozenset()
    objects: bool = False


def recommendations_for(
    customer: Customer | None,
    wanted: Wanted,
    *,
    at: datetime,
    rules: Sequence[Rule] | None = None,
) -> Recommendations:
    """The best available products, filled up with what is popular; a fixed number of queries.

    Who did something since their list was made gets one folded in from all they did until now.
    Without consent, and for someone unknown, the popular list with personalised False.
    rules : instead of the stored ones, to see what they would do.
    """
    person = _consenting(customer)
    own = _own_list(person) if person else None
    items, computed_at = (own.items, own.computed_at) if own else ([], None)
    if person and _moved_on(person, own):
        model = readable()
        if model is not None and (fresh := model.list_of(person, at=at)):
            items, computed_at = fresh, at
    objects = customer is not None and person is None
    found = _Found(person, items, computed_at, objects=objects)
    return _answer(_as_of(found, at), wanted, at=at, rules=rules)


def recommendations_by(
    model: Serving, customer: Customer, wanted: Wanted, *, at: datetime
) -> Recommendations:
    """What a version would show a customer, whether or not it serves."""
    person = _consenting(customer)
    items = model.list_of(person, at=at) if person else []
    found = _Found(person, items, at, objects=person is None)
    return _answer(_as_of(found, at), wanted, at=at)


def recommendations_from(
    products: Sequence[Product], wanted: Wanted, *, at: datetime
) -> Recommendations:
    """What fits a visit by someone unknown: the products they looked at, the last one last."""
    model = readable()
    items = model.list_from([product.pk for product in products], at=at) if model else []
    looked_at = frozenset(product.pk for product in products)
    return _answer(_Found(None, items, at, without=looked_at), wanted, at=at)


def _consenting(customer: Customer | None) -> Customer | None:
    if customer is None:
        return None
    return Customer.objects.filter(pk=customer.pk).consenting(Purpose.RECOMMENDATION).first()


def _own_list(person: Customer) -> RecommendationList | None:
    return RecommendationList.objects.filter(customer=person).select_related("version__run").first()


def _moved_on(customer: Customer, own: RecommendationList | None) -> bool:
    """Whether they did something that the model behind their list does not know of."""
    if customer.last_seen_at is None:
        return False
    return own is None or customer.last_seen_at > min(own.computed_at, own.version.run.learned_at)


def _as_of(found: _Found, at: datetime) -> _Found:
    """What they bought is so many days older by now, and rests where it was bought just now."""
    days = int(local_day(at)) - int(local_day(found.computed_at or at))
    items = [
        item | {"bought": item["bought"] | {"days_ago": item["bought"]["days_ago"] + days}}
        if "bought" in item
        else item
        for item in found.items
    ]
    resting = {item["product"] for item in items if _rests(item.get("bought"))}
    kept = [item for item in items if item["product"] not in resting]
    return replace(found, items=kept, without=found.without | resting)


def _rests(bought: Mapping[str, int] | None) -> bool:
    return bought is not None and bought["days_ago"] < RESTS * bought["gap_days"]


def _answer(
    found: _Found, wanted: Wanted, *, at: datetime, rules: Sequence[Rule] | None = None
) -> Recommendations:
    own = _for_the_place(found, wanted)
    common = popular(wanted.category)
    shown = show(
        filled_up(own, common.items),
        rules_for(found.person, context=wanted.context, at=at, others=rules),
        limit=wanted.limit,
        category=wanted.category,
        without=found.without | {product.pk for product in wanted.beside},
        last=_mailed_lately(found.person, at) if wanted.context == Context.EMAIL else (),
    )
    theirs = {item["product"] for item in found.items}
    personalised = any(one.product.pk in theirs for one in shown)
    return Recommendations(
        items=_with_stars(shown, found.person, at),
        personalised=personalised,
        computed_at=found.computed_at if personalised else common.computed_at,
        answer=Answer(
            customer=found.person.pk if found.person and personalised else None,
            version=common.version,
            context=wanted.context,
            answered_at=at,
            items=tuple((item.product.pk, item.model) for item in shown),
        ),
    )


def _for_the_place(found: _Found, wanted: Wanted) -> Items:
    kind = BESIDE.get(wanted.context)
    if kind is None or not wanted.beside or found.objects:
        return found.items
    return joined(found.items, wanted.beside, kind)


def _with_stars(
    shown: list[Recommended], person: Customer | None, at: datetime
) -> list[Recommended]:
    """The same with what they would give, where a model of ratings serves and they rated."""
    serving = critic() if person and shown else None
    if person is None or serving is None:
        return shown
    stars = serving.expects(person, [one.product.pk for one in shown], at=at)
    return [replace(one, expected=stars.get(one.product.pk)) for one in shown]


def _mailed_lately(person: Customer | None, at: datetime) -> frozenset[int]:
    """What the shop reported as seen in its e-mails to this customer."""
    if person is None:
        return frozenset()
    lately = Shown.objects.filter(context=Context.EMAIL, seen_at__gt=at - MAILED_LATELY)
    seen = lately.annotate(who=current("customer")).filter(who=person.pk)
    return frozenset(seen.values_list("product_id", flat=True))
