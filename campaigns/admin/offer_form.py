"""What one arm of a campaign gets, as people type it."""

from typing import Any

from django import forms

from campaigns.models import Offer
from campaigns.plans import OfferPlan
from retention.present.amounts import MoneyField, MoneyForm, written


class OfferForm(MoneyForm):
    benefit = forms.ChoiceField(
        choices=Offer.Benefit.choices, widget=forms.RadioSelect, initial=Offer.Benefit.PERCENT
    )
    percent = forms.IntegerField(required=False, min_value=1, max_value=100, label="Percent off")
    maximum_discount = MoneyField(
        required=False,
        label="At most",
        help_text="The most one coupon takes off. The budget is counted with it.",
    )
    amount = MoneyField(
        required=False,
        label="Amount off",
        help_text="For shipping, a gift and points: what one costs you.",
    )
    minimum_spend = MoneyField(required=False, help_text="Empty: from the first penny.")
    valid_days = forms.IntegerField(
        initial=30, min_value=1, max_value=730, label="Valid for days", help_text="From its issue."
    )
    products = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Only for these products",
        help_text="Product ids, one a line. Empty: everything.",
    )
    gift = forms.CharField(required=False, max_length=128, help_text="The product's id.")
    points = forms.IntegerField(required=False, min_value=1, max_value=10**9)
    scope = forms.ChoiceField(
        required=False, choices=Offer.Scope.choices, initial=Offer.Scope.CHOSEN, label="Good for"
    )
    category = forms.CharField(
        required=False, max_length=500, help_text="As the catalogue writes it: Kitchen > Mugs."
    )
    may_sell_below_cost = forms.BooleanField(
        required=False,
        label="May sell below cost",
        help_text="Else less comes off where a line would be sold below its product's cost.",
    )
    stacking = forms.ChoiceField(
        required=False,
        choices=Offer.Stacking.choices,
        initial=Offer.Stacking.EXCLUSIVE,
        label="On an order",
    )
    priority = forms.IntegerField(
        required=False,
        initial=10,
        min_value=0,
        max_value=100,
        help_text="Of several coupons on an order the lowest comes first.",
    )
    name = forms.CharField(
        required=False,
        max_length=100,
        label="Called",
        help_text="Empty: what it gives, in words.",
    )
    share = forms.IntegerField(
        initial=1, min_value=1, max_value=100, help_text="Weight among the offers, where several."
    )

    SELDOM = ("scope", "products", "category", "stacking", "priority", "may_sell_below_cost")

    def often(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.SELDOM]

    def seldom(self) -> list[forms.BoundField]:
        """What most offers leave as it is, behind a click."""
        return [self[name] for name in self.SELDOM]

    def says_more(self) -> bool:
        """Whether something of that was changed, or is wrong."""
        return any(field.errors or self._is_changed(field) for field in self.seldom())

    def _is_changed(self, field: forms.BoundField) -> bool:
        first = self.fields[field.name].initial
        return (field.value() or "") not in ("", first, str(first))

    def plan(self) -> OfferPlan:
        """What it asks for; a field that could not be read is left open."""
        given = {name: value for name, value in self.cleaned_data.items() if value is not None}
        return OfferPlan(
            benefit=given.get("benefit", ""),
            name=given.get("name", ""),
            percent=given.get("percent"),
            amount=given.get("amount"),
            maximum_discount=given.get("maximum_discount"),
            minimum_spend=given.get("minimum_spend", 0),
            valid_days=given.get("valid_days", 30),
            share=given.get("share", 1),
            products=tuple(given.get("products", "").split()),
            gift=given.get("gift", ""),
            points=given.get("points"),
            scope=given.get("scope") or Offer.Scope.CHOSEN,
            category=given.get("category", ""),
            may_sell_below_cost=given.get("may_sell_below_cost", False),
            stacking=given.get("stacking") or Offer.Stacking.EXCLUSIVE,
            priority=given.get("priority", 10),
        )


def offer_filled_in(offer: OfferPlan, currency: str) -> dict[str, Any]:
    def money(amount: int | None) -> str:
        return written(amount, currency) if amount else ""

    return {
        "benefit": offer.benefit,
        "name": "" if offer.name == offer.words(currency) else offer.name,
        "percent": offer.percent,
        "amount": money(offer.amount),
        "maximum_discount": money(offer.maximum_discount),
        "minimum_spend": money(offer.minimum_spend),
        "valid_days": offer.valid_days,
        "share": offer.share,
        "products": "\n".join(offer.products),
        "gift": offer.gift,
        "points": offer.points,
        "scope": offer.scope,
        "category": offer.category,
        "may_sell_below_cost": offer.may_sell_below_cost,
        "stacking": offer.stacking,
        "priority": offer.priority,
    }
