"""Amounts as people type them: read to the exact minor unit, and written back the same."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, overload

from django import forms
from django.conf import settings

from .currencies import minor_digits

MOST = 10**15
"""Minor units; more than any shop's order, and far below what a 64-bit column holds."""
_AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*\.?\d+|\d+\.")

_MAY_BE_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")
"""5.000 is five thousand to half of Europe."""
GROUP = 3


class NotAnAmount(Exception):
    """Something typed that cannot be read as an exact amount of a currency."""


class MoneyField(forms.Field):
    """An amount in minor units, typed and shown as people write it. currency : else the shop's."""

    widget = forms.TextInput

    def __init__(self, *, currency: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.currency = currency or settings.SHOP_CURRENCY
        self.widget.attrs |= {"inputmode": "decimal", "class": "amount", "placeholder": "0.00"}

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        try:
            return typed(text, self.currency) if text else None
        except NotAnAmount as refused:
            raise forms.ValidationError(str(refused)) from None

    def prepare_value(self, value: Any) -> Any:
        return written(value, self.currency) if isinstance(value, int) else value


class MoneyForm(forms.Form):
    """Its amounts are in one currency. currency : else the shop's."""

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, MoneyField) and currency:
                field.currency = currency


@overload
def typed(text: str, currency: str) -> int: ...
@overload
def typed(text: None, currency: str) -> None: ...
def typed(text: str | None, currency: str) -> int | None:
    """Minor units of an amount as people write it: "12.50", "1,250", "£12"."""
    if text is None:
        return None
    plain = re.sub(r"[\s£$€]", "", text).removeprefix(currency).removesuffix(currency)
    if not _AMOUNT.fullmatch(plain):
        raise NotAnAmount(f"{text!r} is not an amount. Write it like 12.50, without a minus.")
    digits = minor_digits(currency)
    if _MAY_BE_THOUSANDS.fullmatch(plain) and digits < GROUP:
        whole = plain.replace(".", "")
        clear = written(int(plain.partition(".")[0]) * 10**digits, currency)
        raise NotAnAmount(
            f"{text!r} may mean {clear} or {int(whole):,}."
            f" Write {clear}, or {whole} without a point."
        )
    try:
        minor = Decimal(plain.replace(",", "")).scaleb(digits)
    except InvalidOperation:
        raise NotAnAmount(f"{text!r} is too long for an amount.") from None
    if minor != minor.to_integral_value():
        raise NotAnAmount(f"{text!r} is finer than the smallest unit of {currency}.")
    if minor > MOST:
        raise NotAnAmount(f"{text!r} is more than any shop can handle.")
    return int(minor)


def written(minor: int, currency: str) -> str:
    """The amount as it is typed: "12.50" from 1250 minor units; the inverse of `typed`."""
    digits = minor_digits(currency)
    whole, rest = divmod(minor, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if digits else f"{whole}"
