from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Category, Product
from catalog.querysets import ProductQuerySet
from catalog.services.withdraw import put_back, withdraw
from retention.access.audit import record
from retention.present.amounts import MoneyField
from retention.present.lists import LongList
from retention.present.templatetags.present import money

AT_ONCE = 500


class Availability(admin.SimpleListFilter):
    title = "availability"
    parameter_name = "available"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        return [("yes", "On sale and in stock"), ("no", "Withdrawn or out of stock")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen is None or not isinstance(queryset, ProductQuerySet):
            return queryset
        return queryset.available() if chosen == "yes" else queryset.unavailable()


class ProductForm(forms.ModelForm[Product]):
    """Prices as people write them, in the product's own currency."""

    price = MoneyField(required=False)
    cost = MoneyField(required=False, help_text="What one piece costs the shop.")
    image_url = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        label="Image address",
        widget=AdminURLFieldWidget,
    )

    class Meta:
        model = Product
        fields = (
            "title",
            "description",
            "category",
            "brand",
            "price",
            "cost",
            "currency",
            "image_url",
            "attributes",
            "stock",
            "sellable",
        )
        help_texts = {"attributes": "The shop's own names and values."}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = self.instance.currency or field.currency


@admin.register(Product)
class ProductAdmin(LongList[Product]):
    """What the shop sells. Its own feed has the last word: what is changed here, it may change."""

    list_display = ("external_id", "title", "category", "price_shown", "stock", "sellable")
    list_display_links = ("external_id", "title")
    list_filter = (Availability, "sellable")
    list_select_related = ("category",)
    search_fields = ("external_id__startswith", "title__istartswith")
    search_help_text = "The beginning of a product's id or title."
    actions = ("withdraw_chosen", "put_back_chosen")
    autocomplete_fields = ("category",)
    form = ProductForm
    readonly_fields = ("created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        return ["external_id", *self.readonly_fields]

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        obj.updated_at = timezone.now()
        before = _told(obj, form.changed_data)
        super().save_model(request, obj, form, change)
        after = _told(obj, form.changed_data)
        differ = [name for name in after if before.get(name) != after[name]]
        _record(
            request,
            "change product",
            obj,
            before={name: before[name] for name in differ},
            after={name: after[name] for name in differ},
        )

    @admin.display(description="price", ordering="price")
    def price_shown(self, product: Product) -> str:
        return money(product.price, product.currency)

    @admin.action(description="Withdraw from sale: recommend them nowhere", permissions=["change"])
    def withdraw_chosen(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        count = self._switch(request, products, withdraw, sellable=False)
        messages.success(request, f"{count:,} products withdrawn. They are recommended nowhere.")

    @admin.action(description="Put back on sale", permissions=["change"])
    def put_back_chosen(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        count = self._switch(request, products, put_back, sellable=True)
        messages.success(request, f"{count:,} products put back on sale.")

    def _switch(
        self,
        request: HttpRequest,
        products: QuerySet[Product],
        service: Callable[..., int],
        *,
        sellable: bool,
    ) -> int:
        """Withdraw or put back, so many in a transaction and on the record together."""
        count, chosen = 0, products.exclude(sellable=sellable).select_related(None)
        chosen = chosen.only("pk", "external_id").order_by("pk")
        while some := list(chosen[:AT_ONCE]):
            ids = {"products": [one.external_id for one in some]} if len(some) > 1 else {}
            was, now = {"sellable": not sellable}, {"sellable": sellable} | ids
            did = "change products" if ids else "change product"
            with transaction.atomic():
                some_of = Product.objects.filter(pk__in=[one.pk for one in some])
                count += service(some_of, at=timezone.now())
                _record(request, did, some[0], before=was, after=now)
        return count


def _told(product: Product, fields: Iterable[str]) -> dict[str, Any]:
    """These fields of the row as it is stored."""
    return Product.objects.filter(pk=product.pk).values(*fields).first() or {} if fields else {}


def _record(
    request: HttpRequest,
    did: str,
    product: Product,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    record(
        did,
        thing=product,
        actor=request.user.get_username(),
        before=before,
        after=after,
        at=timezone.now(),
    )


@admin.register(Category)
class CategoryAdmin(LongList[Category]):
    """The shop's tree, grown from the paths its products name."""

    list_display = ("path",)
    search_fields = ("path__istartswith",)
    search_help_text = "The beginning of a path."
    ordering = ("path",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Category | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Category | None = None) -> bool:
        return False
