from django.db import models
from django.db.models import CheckConstraint, Q

from .querysets import ProductQuerySet


class Category(models.Model):
    """A place in the shop's tree. The path says it all: `Kitchen > Mugs`."""

    path = models.CharField(max_length=500, unique=True)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )

    class Meta:
        verbose_name_plural = "categories"
        constraints = [CheckConstraint(condition=~Q(path=""), name="category_has_a_path")]

    def __str__(self) -> str:
        return self.path


class Product(models.Model):
    """What can be bought. First seen in an event, it has nothing but its id until it is sent in."""

    external_id = models.CharField("product id", max_length=128, unique=True)
    title = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    category = models.ForeignKey(
        Category, on_delete=models.SET_NULL, null=True, blank=True, related_name="products"
    )
    brand = models.CharField(max_length=128, blank=True)
    price = models.BigIntegerField(null=True, blank=True, help_text="Minor units (pence, cents).")
    cost = models.BigIntegerField(
        null=True, blank=True, help_text="What one piece costs the shop, in minor units."
    )
    currency = models.CharField(max_length=3, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    stock = models.IntegerField(
        null=True, blank=True, help_text="Empty: not counted, always in stock."
    )
    sellable = models.BooleanField(default=True, help_text="No: withdrawn, never recommended.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=~Q(external_id=""), name="product_has_an_id"),
            CheckConstraint(
                condition=Q(price=None) | Q(price__gte=0), name="product_price_is_not_negative"
            ),
            CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0), name="product_cost_is_not_negative"
            ),
            CheckConstraint(
                condition=Q(price=None) | ~Q(currency=""), name="product_price_has_a_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Product {self.external_id}"
