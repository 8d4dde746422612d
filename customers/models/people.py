from typing import Any

from django.db import models
from django.db.models import CheckConstraint, F, GeneratedField, Q, UniqueConstraint, Value
from django.db.models.functions import Lower, Replace, Right

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
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="absorbed",
        db_index=False,
        help_text="Who they are now. Always one who is not merged themselves.",
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        permissions = [("merge_customer", "Can merge customers, and undo it")]
        constraints = [
            CheckConstraint(condition=~Q(external_id=""), name="customer_has_an_id"),
            CheckConstraint(
                condition=Q(first_seen_at=None) | Q(last_seen_at__gte=F("first_seen_at")),
                name="customer_is_last_seen_after_first_seen",
            ),
            CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
                name="nobody_is_merged_into_themselves",
            ),
        ]
        indexes = [
            # Without those who are nobody else's: an index full of NULL would tempt planners.
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="customer_by_who_they_are_now",
            )
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def called(self) -> str:
        """What people call them: a name, else how their e-mail address begins, else their id. Of
        many, with their contacts selected."""
        contact: CustomerContact | None = getattr(self, "contact", None)
        known = contact and (contact.name or contact.email.partition("@")[0])
        return known or f"Customer {self.external_id}"

    @property
    def current(self) -> "Customer":
        """Who this customer is now: the one they were merged into, or they themselves."""
        return self.merged_into or self


def _digits(phone: str) -> Right:
    """The last nine of a number, without what people write between: +44 or 0 before it alike."""
    plain: Any = phone
    for written in " -.()/":
        plain = Replace(plain, Value(written), Value(""))
    return Right(plain, 9)


class CustomerContact(models.Model):
    """How to reach a customer. Kept apart, so that learning and logs never meet it."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    # As they are looked up and compared; the database keeps them.
    email_key = GeneratedField(
        expression=Lower("email"), output_field=models.CharField(max_length=254), db_persist=True
    )
    phone_key = GeneratedField(
        expression=_digits("phone"), output_field=models.CharField(max_length=40), db_persist=True
    )

    class Meta:
        indexes = [
            models.Index(fields=["email_key"], condition=~Q(email_key=""), name="contact_by_email"),
            models.Index(fields=["phone_key"], condition=~Q(phone_key=""), name="contact_by_phone"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone


class CustomerIdentity(models.Model):
    """One id of a customer in one source. The same person may have an id in each."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=128)
    home = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Whose it was before a merge, and is again once that is undone.",
    )

    class Meta:
        verbose_name_plural = "customer identities"
        constraints = [
            UniqueConstraint(
                fields=["source", "external_id"], name="an_identity_belongs_to_one_customer"
            ),
            CheckConstraint(condition=~Q(external_id=""), name="identity_has_an_id"),
            CheckConstraint(condition=~Q(source=""), name="identity_has_a_source"),
        ]
        indexes = [
            models.Index(
                fields=["home"], condition=Q(home__isnull=False), name="identity_by_its_home"
            ),
            models.Index(
                fields=["external_id"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(source=SHOP),
                name="identity_by_its_id",
            ),
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
