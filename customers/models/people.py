from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from customers.querysets import CustomerQuerySet

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
