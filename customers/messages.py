"""What a shop tells us about its customers: the words of the API and of every importer.

Built by hand or decoded, a message is checked again by the service that takes it, so that a bad one
is refused by its place in the batch and never sinks the others.
"""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

Kind = Annotated[
    str,
    Meta(
        max_length=32,
        extra_json_schema={"pattern": r"^[A-Za-z0-9_]{1,32}$"},
        description="VIEW, CART, PURCHASE, RETURN, RATING, or a type of the shop's own.",
        examples=["PURCHASE"],
    ),
]
Source = Annotated[
    str,
    Meta(
        max_length=30,
        extra_json_schema={"pattern": r"^[A-Za-z0-9_-]{1,30}$"},
        description="Where the id or message comes from: shop, web, app, marketplace, till...",
        examples=["shop"],
    ),
]
Currency = Annotated[
    str,
    Meta(
        max_length=3,
        extra_json_schema={"pattern": r"^([A-Za-z]{3})?$"},
        description="ISO 4217. Empty: the shop's own.",
        examples=["GBP"],
    ),
]
Id = Annotated[str, Meta(max_length=128)]
Code = Annotated[str, Meta(max_length=64)]
Money = Annotated[int, Meta(ge=0, le=10**15, description="Minor units: pence, cents.")]
MOST_STARS = 100
"""Stars, points or percent: all scales that shops rate by lie from 0 to here."""
Stars = Annotated[float, Meta(ge=0, le=MOST_STARS, description="On your own scale, from 0 to 100.")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, with its offset or Z.")]


class EventMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Something that happened. Without a message id, equal content counts once."""

    kind: Kind
    occurred_at: Moment
    source: Source = "shop"
    message_id: Code = ""
    customer: Id = ""
    customer_source: Source = "shop"
    product: Id = ""
    quantity: Annotated[int, Meta(ge=1, le=2**31 - 1)] = 1
    unit_price: Money | None = None
    discount: Money = 0
    amount: Money | None = None
    currency: Currency = ""
    order_id: Code = ""
    coupon_code: Code = ""
    rating: Stars | None = None
    extra: dict[str, Any] | None = None


class IdentityMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An id of the same person in another source."""

    source: Source
    external_id: Annotated[str, Meta(min_length=1, max_length=128)]


class CustomerMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer as the shop knows them. What is not sent stays as it is."""

    external_id: Annotated[str, Meta(min_length=1, max_length=128)]
    name: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    timezone: Annotated[str, Meta(max_length=64, examples=["Europe/Paris"])] | UnsetType = UNSET
    locale: Annotated[str, Meta(max_length=16, examples=["fr-FR"])] | UnsetType = UNSET
    identities: Annotated[list[IdentityMessage], Meta(max_length=20)] = []
    consents: dict[str, bool] = {}
