"""Shapes of what the API is asked and answers about recommendations."""

from typing import Any

from django.db.models import Q
from rest_framework import serializers

from catalog.models import Category, Product
from retention.access.api import Problem
from retention.access.api.bodies import Body
from retention.access.api.choices import Choice
from retention.insights.models import Context
from retention.insights.recommendations import Wanted

MOST_IN_A_BASKET = 100
MOST_SEEN = 50
"""Products of one visit that are looked at: older ones say little of what is wanted now."""


class WhySerializer(serializers.Serializer[object]):
    name = serializers.CharField(
        help_text="bought_before, together, taste, content, comes_back, popular, trend, age, price,"
        " goes_with, similar, rule."
    )
    words = serializers.CharField(help_text="For people.")
    effect = serializers.FloatField(
        allow_null=True, help_text="What it adds to `log_odds`; null where no sum was learned."
    )


class RecommendedSerializer(serializers.Serializer[object]):
    product = serializers.CharField(source="product.external_id")
    title = serializers.CharField(source="product.title")
    price = serializers.IntegerField(source="product.price", allow_null=True)
    currency = serializers.CharField(source="product.currency")
    score = serializers.FloatField(help_text="Compares within one list only.")
    model = serializers.CharField(
        help_text="Who found it: taste, neighbours, buy_again, popularity, baskets;"
        " recent_popularity where no model serves yet; rule where the shop pinned it."
    )
    because = serializers.CharField(help_text="For people: the words of the first reason.")
    reasons = WhySerializer(
        many=True, help_text="The main one first; what counts against the product last."
    )
    rest = serializers.FloatField(
        allow_null=True, help_text="What the reasons leave of `log_odds`."
    )
    log_odds = serializers.FloatField(
        allow_null=True, help_text="Of being taken: all effects and the rest, added up."
    )
    fill = serializers.BooleanField(
        help_text="Popular or in place of something better: found for nobody in particular."
    )
    expected_rating = serializers.FloatField(
        source="expected.stars",
        default=None,
        allow_null=True,
        help_text="What this customer would give it, on the shop's own scale; null where no model"
        " of ratings serves, or they or the product were never rated.",
    )


class RecommendationsSerializer(serializers.Serializer[object]):
    recommendation_id = serializers.CharField(help_text="Send it back with what was seen.")
    personalised = serializers.BooleanField()
    computed_at = serializers.DateTimeField(
        allow_null=True, help_text="Null where it was counted at this moment."
    )
    items = RecommendedSerializer(many=True)


class SimilarSerializer(serializers.Serializer[object]):
    items = RecommendedSerializer(many=True)


class LimitSerializer(serializers.Serializer[object]):
    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)


class ListSerializer(LimitSerializer):
    category = serializers.CharField(
        default="", max_length=500, help_text="Its whole path, as in Kitchen > Mugs."
    )
    # A serializer's own `context` is another thing: declared fields are taken off the class.
    context = Choice(  # type: ignore[assignment] # see above
        choices=Context.choices, default=Context.HOME, help_text="Where it will be shown."
    )
    product = serializers.CharField(
        default="", max_length=128, help_text="The product of the page, for `context=product`."
    )
    basket = serializers.ListField(
        child=serializers.CharField(max_length=128),
        max_length=MOST_IN_A_BASKET,
        default=list,
        help_text="What is in the basket, for `context=basket`. Unknown ids are passed over.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _known_category(attrs["category"])
        beside: list[Product] = []
        if attrs["context"] == Context.PRODUCT:
            beside = self.on_page(attrs)
        elif attrs["context"] == Context.BASKET:
            beside = list(Product.objects.filter(external_id__in=attrs["basket"]))
        return attrs | {"beside": tuple(beside)}

    def on_page(self, asked: dict[str, Any]) -> list[Product]:
        """The product of the page, where one is named."""
        named = asked["product"]
        found = list(Product.objects.filter(external_id=named)) if named else []
        if named and not found:
            raise Problem(404, "No such product", f"There is no product {named!r}.")
        return found

    @property
    def wanted(self) -> Wanted:
        asked = self.validated_data
        return Wanted(asked["limit"], asked["category"], asked["context"], asked["beside"])


def _known_category(path: str) -> None:
    inside = Q(path=path) | Q(path__startswith=f"{path} > ")
    if path and not Category.objects.filter(inside).exists():
        raise Problem(
            404,
            "No such category",
            f"There is no category {path!r}. Give its whole path, as in Kitchen > Mugs.",
        )


class VisitSerializer(Body[object], ListSerializer):
    products = serializers.ListField(
        child=serializers.CharField(max_length=128),
        min_length=1,
        max_length=MOST_SEEN,
        help_text="What was looked at in this visit, the last one last.",
    )

    def on_page(self, asked: dict[str, Any]) -> list[Product]:
        """The one that was looked at last, unless another is named."""
        if asked["product"]:
            return super().on_page(asked)
        return list(Product.objects.filter(external_id=asked["products"][-1]))


class SeenSerializer(Body[object]):
    recommendation_id = serializers.CharField(max_length=4_000)
    seen = serializers.ListField(
        child=serializers.CharField(max_length=128), max_length=100, default=list
    )
    clicked = serializers.ListField(
        child=serializers.CharField(max_length=128),
        max_length=100,
        default=list,
        help_text="What was clicked was seen.",
    )


class RecordedSerializer(serializers.Serializer[object]):
    recorded = serializers.IntegerField(help_text="How many rows that made or changed.")
