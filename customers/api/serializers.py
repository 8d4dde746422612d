"""The shapes that go out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.models import Consent, Customer, CustomerContact, CustomerIdentity, Event, Purpose
from customers.selectors import CustomerFile
from retention.access.api.bodies import Body
from retention.access.api.choices import Choice


class CustomerOut(serializers.ModelSerializer[Customer]):
    class Meta:
        model = Customer
        fields = (
            "external_id",
            "timezone",
            "locale",
            "first_seen_at",
            "last_seen_at",
            "created_at",
        )


class ContactOut(serializers.ModelSerializer[CustomerContact]):
    class Meta:
        model = CustomerContact
        fields = ("name", "email", "phone")


class IdentityOut(serializers.ModelSerializer[CustomerIdentity]):
    class Meta:
        model = CustomerIdentity
        fields = ("source", "external_id")


class ConsentOut(serializers.ModelSerializer[Consent]):
    class Meta:
        model = Consent
        fields = ("purpose", "granted", "source", "recorded_at")


class ConsentIn(Body[Any]):
    purpose = Choice(choices=Purpose.choices)
    granted = serializers.BooleanField()
    source = serializers.CharField(  # type: ignore[assignment]  # our field, not the option
        max_length=64, default="api", help_text="Where they said so: account page, checkout..."
    )


class EventOut(serializers.ModelSerializer[Event]):
    product = serializers.CharField(source="product.external_id", default="")
    extra = serializers.DictField(allow_null=True)

    class Meta:
        model = Event
        fields = (
            "source",
            "message_id",
            "kind",
            "product",
            "quantity",
            "unit_price",
            "discount",
            "amount",
            "currency",
            "order_id",
            "coupon_code",
            "rating",
            "occurred_at",
            "received_at",
            "clock_corrected",
            "extra",
        )


class CustomerFileOut(serializers.Serializer[CustomerFile]):
    """A customer with all that hangs on them; the last twenty events."""

    external_id = serializers.CharField(source="customer.external_id")
    merged_into = serializers.SerializerMethodField(
        help_text="The id above, where the one asked for was merged into it; else null."
    )
    merged_from = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of customers who were merged into this one."
    )
    timezone = serializers.CharField(source="customer.timezone")
    locale = serializers.CharField(source="customer.locale")
    first_seen_at = serializers.DateTimeField(source="customer.first_seen_at", allow_null=True)
    last_seen_at = serializers.DateTimeField(source="customer.last_seen_at", allow_null=True)
    created_at = serializers.DateTimeField(source="customer.created_at")
    contact = ContactOut(allow_null=True)
    identities = IdentityOut(many=True)
    consents = ConsentOut(many=True)
    events = EventOut(many=True)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_merged_into(self, shown: CustomerFile) -> str | None:
        return shown.customer.external_id if self.context["merged"] else None
