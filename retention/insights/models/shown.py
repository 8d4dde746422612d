from django.db import models
from django.db.models import UniqueConstraint

from catalog.models import Product
from customers.models import Customer

from .rules import Context
from .versions import ModelVersion


class Shown(models.Model):
    """A product that somebody saw in a list, as their shop reports it, and whether they clicked.

    What a list holds is told by its recommendation id; a list that nobody saw leaves no row.
    """

    recommendation_id = models.CharField(max_length=64, help_text="Of the list, shortened.")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField(help_text="In the list, from 1.")
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    version = models.ForeignKey(
        ModelVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model = models.CharField(max_length=16, help_text="Which model found the product.")
    context = models.CharField(max_length=7, choices=Context)
    answered_at = models.DateTimeField(help_text="When the list was asked for.")
    seen_at = models.DateTimeField()
    clicked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "shown"
        constraints = [
            UniqueConstraint(
                fields=["recommendation_id", "product"], name="a_product_is_shown_once_in_a_list"
            )
        ]
        indexes = [
            models.Index(fields=["seen_at"], name="shown_by_day"),
            models.Index(fields=["customer", "product"], name="shown_to_a_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.product_id}"
