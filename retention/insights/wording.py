"""Why a product is in a list, and what is bought with what, in words with the evidence."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.text import get_text_list

from catalog.models import Product
from retention.insights.lately import RECENT
from retention.insights.listing import POPULAR
from retention.insights.models import AssociationRule, ProductPair
from retention.present.templatetags.present import money

RISES, FALLS = 1.15, 0.87
"""A trend within these is none."""
DUE: Final = 0.5
"""Of the usual days until it is bought again; sooner it is not said to be due."""
YOUNG = 60
"""Days for which a product is said to be new."""
MONTH = 365.25 / 12
WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True)
class Reason:
    """effect : what it adds to the log-odds of being taken; None where no such sum was learned."""

    name: str
    words: str
    effect: float | None = None


@dataclass(frozen=True)
class Known:
    """What words need to know of the products that speak for others: by key, and in pairs."""

    products: Mapping[int, Product] = field(default_factory=dict)
    pairs: Mapping[tuple[int, int], ProductPair] = field(default_factory=dict)


@dataclass(frozen=True)
class _Case:
    """One reason of one item, to be put in words. value : as `learning.recommend.reasons` has it,
    None where there is nothing to say."""

    item: Mapping[str, Any]
    product: Product
    known: Known
    effect: float
    value: float | None

    @property
    def speaks_for_it(self) -> bool:
        return self.effect > 0


def reasons(item: Mapping[str, Any], product: Product, known: Known) -> tuple[Reason, ...]:
    """Of an item of a stored list: the main reason first, then the others, then what is against."""
    told = [
        Reason(name, SAID[name](_Case(item, product, known, effect, value)), effect)
        for name, effect, value in item.get("why", ())
        if name in SAID
    ]
    beside = _beside(item, known)
    if not (told and (told[0].effect or 0) > 0) and not beside:
        told.insert(0, _by_the_model(item, known))
    place = 0 if item.get("leads", True) else 1
    return (*told[:place], *beside, *told[place:])


def _beside(item: Mapping[str, Any], known: Known) -> list[Reason]:
    """What the page or the basket says, where it does."""
    if "pair" not in item:
        return []
    pair = item["pair"]
    name = "goes_with" if pair.kind == ProductPair.Kind.TOGETHER else "similar"
    return [Reason(name, together(pair, str(known.products[pair.product_id])))]


def together(pair: ProductPair, title: str) -> str:
    """ "Often bought with Teapot: 31 of 120 baskets" """
    if pair.kind == ProductPair.Kind.TOGETHER:
        return f"Often bought with {title}: {pair.both:,} of {pair.of:,} baskets"
    return f"{pair.both:,} of {pair.of:,} who bought {title} bought this too"


def _by_the_model(item: Mapping[str, Any], known: Known) -> Reason:
    """Where no figures were learned: what the model that found it knows."""
    bought = item.get("bought")
    if bought and (item["model"] == "buy_again" or item.get("because") not in known.products):
        return Reason("bought_before", _habit(bought))
    if item.get("because") in known.products:
        return Reason("together", _because(item, known))
    if item["model"] in {POPULAR, RECENT}:
        within = f" in {item['within']}" if item.get("within") else ""
        return Reason("popular", f"Popular lately{within}")
    return Reason("taste", "Fits their taste")


def _bought_before(case: _Case) -> str:
    return _habit(case.item["bought"]) if "bought" in case.item else "Not bought before"


def _habit(bought: Mapping[str, int]) -> str:
    times, ago = bought["times"], bought["days_ago"]
    often = "once" if times == 1 else f"{times} times"
    last = {0: "today", 1: "yesterday"}.get(ago, f"{ago} days ago")
    when = last if times == 1 else f"last {last}"
    gap = bought["gap_days"]
    due = ", so not due yet" if ago < gap * DUE else ""
    return f"Bought {often}, {when}, usually again after about {_counted(gap, 'day')}{due}"


def _together(case: _Case) -> str:
    return (
        _because(case.item, case.known)
        if case.speaks_for_it
        else "Rarely bought with what they have"
    )


def _because(item: Mapping[str, Any], known: Known) -> str:
    cause = known.products.get(item.get("because", -1))
    if cause is None or cause.pk == item["product"]:
        return "Goes with what they bought"
    pair = known.pairs.get((cause.pk, item["product"]))
    evidence = f": {pair.both:,} of {pair.of:,} who bought it bought this too" if pair else ""
    return f"Goes with {cause}{evidence}"


def _taste(case: _Case) -> str:
    return f"Customers with similar taste {'buy' if case.speaks_for_it else 'rarely buy'} it"


def _content(case: _Case) -> str:
    if not case.speaks_for_it:
        return "Unlike what they bought"
    named = [case.known.products.get(pk) for pk in case.item.get("alike", ())]
    others = [one for one in named if one is not None]
    if not others:
        return "Similar to what they bought"
    shared = _shared(case.product, others)
    by = f" ({_and(shared)})" if shared else ""
    return f"Similar to {_and(map(str, others))}{by}"


def _shared(product: Product, others: Iterable[Product]) -> list[str]:
    """What a product has in common with any of the others."""
    words = _title(product)
    found = {
        name
        for other in others
        for name, common in (
            ("title", words & _title(other)),
            ("category", product.category_id and product.category_id == other.category_id),
            ("brand", product.brand and product.brand.casefold() == other.brand.casefold()),
        )
        if common
    }
    return [name for name in ("title", "category", "brand") if name in found]


def _title(product: Product) -> set[str]:
    return set(WORD.findall(product.title.casefold()))


def _comes_back(case: _Case) -> str:
    return f"{_share(case.value)} of its buyers buy it again"


def _popular(case: _Case) -> str:
    if case.value is None or case.value > 0.5:
        return "Has sold less than most lately"
    return f"Among the {_share(case.value)} of products that sell best lately"


def _trend(case: _Case) -> str:
    ratio = case.value
    if ratio is None:
        return "Hardly sold yet"
    if ratio >= RISES:
        return f"Sells {ratio:.1f} times as much as usual these days"
    if ratio <= FALLS:
        return f"Sells only {ratio:.0%} of its usual quantity these days"
    return "Sells as much as usual these days"


def _age(case: _Case) -> str:
    days = case.value
    if days is None:
        return "Not sold yet"
    if days <= YOUNG:
        return f"New, first sold {_counted(round(days), 'day')} ago"
    return f"Sold for {_counted(round(days / MONTH), 'month')}"


def _price(case: _Case) -> str:
    product = case.product
    known = product.price is not None
    return f"Its price, {money(product.price, product.currency)}" if known else "Its price"


SAID: Final[dict[str, Callable[[_Case], str]]] = {
    "bought_before": _bought_before,
    "together": _together,
    "taste": _taste,
    "content": _content,
    "comes_back": _comes_back,
    "popular": _popular,
    "trend": _trend,
    "age": _age,
    "price": _price,
}


def _share(value: float | None) -> str:
    """A share in whole percents, never less than one."""
    return f"{max(1, math.ceil(100 * (value or 0) - 1e-9))}%"


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def _and(names: Iterable[str]) -> str:
    return get_text_list(list(names), "and")


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
