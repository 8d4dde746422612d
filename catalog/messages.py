"""What a shop tells us about its products: the words of the API and of every importer."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

Money = Annotated[int, Meta(ge=0, le=10**15, description="Minor units: pence, cents.")]

Currency = Annotated[
    str, Meta(max_length=3, extra_json_schema={"pattern": r"^([A-Za-z]{3})?$"}, examples=["GBP"])
]


class ProductMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product as the shop sells it. What is not sent stays as it is; null means not known."""

    external_id: Annotated[str, Meta(min_length=1, max_length=128)]
    title: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=20_000)] | UnsetType = UNSET
    category: (
        Annotated[str, Meta(max_length=500, description="A path.", examples=["Kitchen > Mugs"])]
        | UnsetType
    ) = UNSET
    brand: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    price: Money | UnsetType | None = UNSET
    cost: Money | UnsetType | None = UNSET
    currency: Currency | UnsetType = UNSET
    image_url: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
    stock: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)] | UnsetType | None = UNSET
    sellable: bool | UnsetType = UNSET
