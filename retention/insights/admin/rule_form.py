"""The form of a rule for recommendations: products by their ids, a category by its path."""

from typing import Any

from django import forms

from catalog.models import Category, Product
from retention.insights.merchandising import Rule
from retention.insights.models import RecommendationRule

Action = RecommendationRule.Action
NEEDS = {Action.BOOST: "percent", Action.NOT_AGAIN: "days", Action.CAP: "count"}
"""The number that an action needs; the others have none."""
NAME_SOMETHING = {Action.PIN, Action.BOOST, Action.HIDE}
SHOWN = 5


class RuleForm(forms.ModelForm[RecommendationRule]):
    product_ids = forms.CharField(
        label="Products",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 40}),
        help_text="Product ids, one a line. Empty: every product.",
    )
    category_path = forms.CharField(
        label="Category",
        required=False,
        max_length=500,
        help_text="As in Kitchen > Mugs, with all that lies below it.",
    )

    class Meta:
        model = RecommendationRule
        fields = (
            "name",
            "action",
            "percent",
            "days",
            "count",
            "brand",
            "segment",
            "context",
            "starts_at",
            "ends_at",
            "enabled",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            named = self.instance.products.order_by("external_id")
            self.initial["product_ids"] = "\n".join(named.values_list("external_id", flat=True))
            self.initial["category_path"] = str(self.instance.category or "")

    def clean_product_ids(self) -> list[Product]:
        ids = self.cleaned_data["product_ids"].split()
        found = {one.external_id: one for one in Product.objects.filter(external_id__in=ids)}
        if unknown := [one for one in ids if one not in found]:
            more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
            raise forms.ValidationError(
                f"There is no product {', '.join(map(repr, unknown[:SHOWN]))}{more}."
            )
        return list(found.values())

    def clean_category_path(self) -> Category | None:
        path = self.cleaned_data["category_path"].strip()
        if not path:
            return None
        category = Category.objects.filter(path=path).first()
        if category is None:
            raise forms.ValidationError(f"There is no category {path!r}.")
        return category

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        action = said.get("action", "")
        for needed_by, field in NEEDS.items():
            if action != needed_by:
                said[field] = None
            elif said.get(field) in {None, 0} and field not in self.errors:
                self.add_error(field, f"{Action(action).label} needs this number.")
        names = (said.get("product_ids"), said.get("category_path"), said.get("brand"))
        if action in NAME_SOMETHING and not any(names) and not self.errors:
            raise forms.ValidationError(
                f"{Action(action).label}: name products, a category or a brand."
            )
        self.instance.category = said.get("category_path")
        return said

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc] # Django's own hook, which the stubs leave out
        self.instance.products.set(self.cleaned_data["product_ids"])

    def rule(self) -> Rule:
        """The rule of a valid form, saved or not."""
        return Rule.of(self.instance, products=[p.pk for p in self.cleaned_data["product_ids"]])
