"""An understood row in words, for the preview: what will be stored, and how each cell was taken."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import UNSET, structs

from retention.present.currencies import minor_digits

from .chunks import Message
from .layout import words
from .reading import Reading

MONEY = frozenset(("unit_price", "discount", "amount", "price", "cost"))
ORDER = words(
    "kind customer product title order_id occurred_at quantity unit_price discount amount rating"
    " coupon_code external_id description category brand price cost stock sellable name email phone"
    " timezone locale consents attributes extra"
)


def spoken(message: Message, *, reading: Reading) -> dict[str, str]:
    """field -> text, of the fields that say something, in the order people read them."""
    values = structs.asdict(message)
    currency = values.get("currency") or reading.currency
    zone = ZoneInfo(reading.timezone)
    told = {}
    for name in ORDER:
        value = values.get(name, UNSET)
        if value is UNSET or _says_nothing(name, value):
            continue
        told[name] = _text(name, value, currency=str(currency), zone=zone)
    return told


def _says_nothing(name: str, value: object) -> bool:
    if name in {"unit_price", "amount", "price", "cost", "quantity"}:
        return value is None
    return value in ("", None, [], {}) or (name == "discount" and value == 0)


def _text(name: str, value: object, *, currency: str, zone: ZoneInfo) -> str:
    if name in MONEY and isinstance(value, int):
        digits = minor_digits(currency)
        return f"{Decimal(value).scaleb(-digits):,.{digits}f} {currency}"
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%a %d %B %Y, %H:%M:%S}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
