from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from catalog.models import Product
from customers.querysets import EventQuerySet

from .imports import IngestBatch
from .people import SHOP, Customer


class EventKind(models.TextChoices):
    """The kinds the product understands. A shop may send its own beside them."""

    VIEW = "VIEW", "View"
    CART = "CART", "Cart"
    PURCHASE = "PURCHASE", "Purchase"
    RETURN = "RETURN", "Return"
    RATING = "RATING", "Rating"


class Event(models.Model):
    """Something that happened, once, for ever. Without a customer it is an anonymous fact."""

    source = models.CharField(max_length=32, default=SHOP)
    message_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
        db_index=False,
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    quantity = models.IntegerField(default=1)
    unit_price = models.BigIntegerField(
        null=True, blank=True, help_text="Minor units, before discount."
    )
    discount = models.BigIntegerField(default=0, help_text="Minor units, on the whole line.")
    amount = models.BigIntegerField(
        null=True, blank=True, help_text="Minor units: what the line came to after its discount."
    )
    currency = models.CharField(max_length=3, blank=True)
    order_id = models.CharField(max_length=64, blank=True)
    coupon_code = models.CharField(max_length=64, blank=True)
    rating = models.FloatField(null=True, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    clock_corrected = models.BooleanField(
        default=False, help_text="The sender's clock was ahead; the time of arrival stands instead."
    )
    extra = models.JSONField(null=True, blank=True)
    batch = models.ForeignKey(
        IngestBatch,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["source", "message_id"], name="an_event_counts_once"),
            CheckConstraint(condition=~Q(message_id=""), name="event_has_a_message_id"),
            CheckConstraint(condition=~Q(kind=""), name="event_has_a_kind"),
            CheckConstraint(condition=Q(quantity__gte=1), name="event_quantity_is_at_least_one"),
            CheckConstraint(condition=Q(discount__gte=0), name="event_discount_is_not_negative"),
            CheckConstraint(
                condition=Q(unit_price=None) | Q(unit_price__gte=0),
                name="event_price_is_not_negative",
            ),
            CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="event_amount_is_not_negative"
            ),
            CheckConstraint(
                condition=Q(amount=None) | ~Q(currency=""), name="event_amount_has_a_currency"
            ),
            CheckConstraint(
                condition=~Q(kind="PURCHASE") | ~Q(order_id=""), name="a_purchase_names_its_order"
            ),
            CheckConstraint(
                condition=~Q(kind="RATING") | Q(rating__isnull=False), name="a_rating_has_a_value"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "occurred_at"], name="event_of_a_customer"),
            models.Index(fields=["occurred_at"], name="event_in_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"
