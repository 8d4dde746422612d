"""What can be said of which products a customer bought, gave back, rated and looked at."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from customers.models import Event

from .facts import (
    LATELY,
    all_of,
    below,
    bounds,
    categories,
    events,
    measures,
    so_many,
    those_of,
    unknown_names,
    wants_a_bound,
)
from .fields import Text
from .kinds import Kind, Values, declare
from .wording import LEAST, MOST, is_never, lately, much, often

GOODS = "What they buy and look at"
STARS = 100.0
OCCURRENCES = Count("pk")
CATEGORY = Text(name="category", label="of the category", required=True, suggest=categories)
ANY_CATEGORY = Text(name="category", label="of the category", suggest=categories)
PRODUCT = Text(name="product", label="with the id", required=True)


def _did(values: Values, did: str, did_not: str) -> tuple[str, str]:
    """ "bought from Tea at least twice in the last 90 days", and its opposite."""
    if is_never(values):
        return f"{did_not}{lately(values)}", f"{did}{lately(values)}"
    said = f"{often(values)}{lately(values)}"
    return f"{did}{said}", f"{did_not}{said}"


def _bought_category(values: Values, at: datetime) -> Q:
    bought = events("PURCHASE", values, at)
    return so_many(bought.filter(product__in=below(values["category"])), values)


def _bought_product(values: Values, at: datetime) -> Q:
    bought = events("PURCHASE", values, at)
    return so_many(bought.filter(product__external_id=values["product"]), values)


def _viewed(values: Values, at: datetime) -> Q:
    return _did_with(events("VIEW", values, at), values)


def _carted(values: Values, at: datetime) -> Q:
    return _did_with(events("CART", values, at), values)


def _did_with(rows: QuerySet[Event], values: Values) -> Q:
    if category := values.get("category"):
        rows = rows.filter(product__in=below(category))
    return so_many(rows, values, OCCURRENCES)


def _viewed_words(values: Values) -> tuple[str, str]:
    what = values.get("category", "products")
    return _did(values, f"looked at {what}", f"did not look at {what}")


def _carted_words(values: Values) -> tuple[str, str]:
    what = f"{values.get('category', 'products')} in the cart"
    return _did(values, f"put {what}", f"did not put {what}")


def _rated(values: Values, at: datetime) -> Q:
    rated = events("RATING", values, at)
    if (least := values.get(LEAST)) is not None:
        rated = rated.filter(rating__gte=least)
    if (most := values.get(MOST)) is not None:
        rated = rated.filter(rating__lte=most)
    return those_of(rated)


def _rated_words(values: Values) -> tuple[str, str]:
    stars = much(values, lambda n: f"{n:g} {'star' if n == 1 else 'stars'}")
    return (
        f"rated a product {stars}{lately(values)}",
        f"rated no product {stars}{lately(values)}",
    )


declare(
    Kind(
        name="bought_category",
        label="Bought from a category",
        group=GOODS,
        fields=(CATEGORY, *bounds(1, after="times"), LATELY),
        where=_bought_category,
        words=lambda values: _did(
            values, f"bought from {values['category']}", f"did not buy from {values['category']}"
        ),
        wrong=all_of(wants_a_bound, unknown_names),
        dated=True,
    ),
    Kind(
        name="bought_product",
        label="Bought a product",
        group=GOODS,
        fields=(PRODUCT, *bounds(1, after="times"), LATELY),
        where=_bought_product,
        words=lambda values: _did(
            values, f"bought {values['product']}", f"did not buy {values['product']}"
        ),
        wrong=all_of(wants_a_bound, unknown_names),
        dated=True,
    ),
    Kind(
        name="viewed",
        label="Looked at products",
        group=GOODS,
        fields=(ANY_CATEGORY, *bounds(3, after="times"), LATELY),
        where=_viewed,
        words=_viewed_words,
        wrong=all_of(wants_a_bound, unknown_names),
        dated=True,
    ),
    Kind(
        name="carted",
        label="Put products in the cart",
        group=GOODS,
        fields=(ANY_CATEGORY, *bounds(1, after="times"), LATELY),
        where=_carted,
        words=_carted_words,
        wrong=all_of(wants_a_bound, unknown_names),
        dated=True,
    ),
    Kind(
        name="returned",
        label="Returned something",
        group=GOODS,
        fields=(*bounds(1, after="times"), LATELY),
        where=lambda values, at: so_many(events("RETURN", values, at), values, OCCURRENCES),
        words=lambda values: _did(values, "returned something", "did not return anything"),
        wrong=wants_a_bound,
        dated=True,
    ),
    Kind(
        name="rated",
        label="Rated a product",
        group=GOODS,
        fields=(*measures(0.0, after="stars", most=STARS), LATELY),
        where=_rated,
        words=_rated_words,
        wrong=wants_a_bound,
        dated=True,
    ),
)
