from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class Scope(models.TextChoices):
    CATALOG_WRITE = "catalog:write", "Send in products"
    CUSTOMERS_WRITE = "customers:write", "Send in customers and consent"
    EVENTS_WRITE = "events:write", "Send in events"
    READ = "read", "Read products, customers, scores and results"
    RECOMMEND = "recommend", "Ask for recommendations"
    COUPONS_READ = "coupons:read", "Read and validate coupons"
    COUPONS_REDEEM = "coupons:redeem", "Redeem and release coupons"
    CAMPAIGNS_WRITE = "campaigns:write", "Draft, send in and launch campaigns; people approve them"
    MODELS_WRITE = "models:write", "Train and promote models"
    SEGMENTS_WRITE = "segments:write", "Make and change segments with a rule"


class ApiKey(models.Model):
    """What a machine signs in with. The secret is shown once and kept only as a hash."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        constraints = [CheckConstraint(condition=~Q(secret_hash=""), name="api_key_has_a_hash")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_live(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def allows(self, scope: str) -> bool:
        return scope in self.scopes


class IdempotentAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered, so that a repeat gets the same.

    The key is kept as a hash: a client may have made it of a person's id.
    """

    client = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["client", "key"], name="an_idempotency_key_has_one_answer")
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.key}"


class AuditEntry(models.Model):
    """Who changed what, from what, to what. Each entry seals the one before it."""

    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    thing = models.CharField(max_length=64)
    thing_id = models.CharField(max_length=64)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    seal = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "audit log"
        indexes = [models.Index(fields=["thing", "thing_id"], name="audit_of_a_thing")]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.thing} {self.thing_id}"
