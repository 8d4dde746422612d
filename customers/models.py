from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from catalog.models import Product

from .querysets import CustomerQuerySet, EventQuerySet

SHOP = "shop"
"""The source whose ids are the shop's own."""


class Customer(models.Model):
    """A person as their behaviour shows them. Name and address live in CustomerContact."""

    external_id = models.CharField("customer id", max_length=160, unique=True)
    timezone = models.CharField(max_length=64, blank=True, help_text="IANA, as in Europe/Paris.")
    locale = models.CharField(max_length=16, blank=True)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=~Q(external_id=""), name="customer_has_an_id"),
            CheckConstraint(
                condition=Q(first_seen_at=None) | Q(last_seen_at__gte=F("first_seen_at")),
                name="customer_is_last_seen_after_first_seen",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class CustomerContact(models.Model):
    """How to reach a customer. Kept apart, so that learning and logs never meet it."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name or self.email or self.phone


class CustomerIdentity(models.Model):
    """One id of a customer in one source. The same person may have an id in each."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=128)

    class Meta:
        verbose_name_plural = "customer identities"
        constraints = [
            UniqueConstraint(
                fields=["source", "external_id"], name="an_identity_belongs_to_one_customer"
            ),
            CheckConstraint(condition=~Q(external_id=""), name="identity_has_an_id"),
            CheckConstraint(condition=~Q(source=""), name="identity_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class Purpose(models.TextChoices):
    ANALYTICS = "ANALYTICS", "Analytics and churn scores"
    RECOMMENDATION = "RECOMMENDATION", "Personal recommendations"
    MARKETING = "MARKETING", "Marketing messages and coupons"


class Consent(models.Model):
    """What a customer said about one purpose, and when. Only ever added to; one row is current."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=16, choices=Purpose)
    granted = models.BooleanField()
    source = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["customer", "purpose"],
                condition=Q(is_current=True),
                name="one_consent_per_purpose_is_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {'yes' if self.granted else 'no'}"


class Erasure(models.Model):
    """An id of someone erased, as a keyed hash: what still arrives for it stays anonymous."""

    fingerprint = models.CharField(max_length=64, unique=True)
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"erased {self.erased_at:%Y-%m-%d}"


class IngestBatch(models.Model):
    """One file or upload, read in chunks that are committed with the position reached."""

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    name = models.CharField("file", max_length=300)
    path = models.CharField(max_length=1000, blank=True)
    checksum = models.CharField(max_length=64, blank=True)
    reading = models.JSONField(
        default=dict, help_text="Layout, encoding, delimiter, decimal mark, dates, columns."
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    rows_read = models.BigIntegerField(default=0)
    rows_stored = models.BigIntegerField(default=0)
    rows_duplicate = models.BigIntegerField(default=0)
    rows_refused = models.BigIntegerField(default=0)
    notes = models.JSONField(
        default=dict,
        help_text="What else happened, by name: anonymous rows, clamped clocks, new ids.",
    )
    error = models.TextField(blank=True)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "import"
        constraints = [
            CheckConstraint(
                condition=Q(rows_read=F("rows_stored") + F("rows_duplicate") + F("rows_refused")),
                name="every_row_read_is_stored_or_duplicate_or_refused",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RefusedRow(models.Model):
    """An example of what a batch refused, and why. The first hundred of each reason are kept."""

    batch = models.ForeignKey(IngestBatch, on_delete=models.CASCADE, related_name="refused")
    line = models.BigIntegerField()
    reason = models.CharField(max_length=48)
    detail = models.CharField(max_length=500)
    raw = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["batch", "line"], name="a_line_is_refused_once_a_batch")
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.detail}"


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
