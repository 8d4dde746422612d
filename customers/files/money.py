"""Prices to minor units: exact, rounded once, half to even; none in a foreign currency."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from retention.present.currencies import minor_digits

from .layout import words
from .numbers import Mark, NotANumber, decimal_of, remembering

DOLLARS = words("USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP")
SIGNS = {
    "€": ("EUR",),
    "£": ("GBP", "EGP"),
    "$": DOLLARS,
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₽": ("RUB",),
    "₩": ("KRW",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "Ft": ("HUF",),
    "lei": ("RON",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "R$": ("BRL",),
    "US$": ("USD",),
    "Fr": ("CHF",),
    "Rs": ("INR", "PKR", "LKR", "NPR"),
}
LARGEST = 10**15
ISO_CODE = re.compile(r"[A-Z]{3}")
PRICE = re.compile(
    r"(?P<minus>[-\u2212(]?)\s*(?P<before>[^\d\s.,()+\u2212-]{0,3})\.?"
    r"(?P<number>[\d\s.,'\u2019\u2212+-]*?)"
    r"(?P<after>[^\d\s.,()+\u2212-]{0,3})\.?(?P<close>\)?)"
)


class ForeignPrice(NotANumber):
    """The price names a currency that is not the file's."""


@dataclass(frozen=True, slots=True)
class Price:
    """Minor units; and the same unrounded, where the cell said it in more digits than they have."""

    minor: int
    exact: Decimal | None = None


def price_reader(*, mark: Mark, currency: str) -> Callable[[str], Price]:
    """cell -> a price in the currency. Raises NotANumber."""
    digits = minor_digits(currency)

    def read(cell: str) -> Price:
        sign, number = split_price(cell)
        if sign and currency not in SIGNS.get(sign, (sign,)):
            raise ForeignPrice(f"{cell!r} is not in {currency}")
        value = decimal_of(number, mark=mark).scaleb(digits)
        if abs(value) > LARGEST:
            raise NotANumber(f"{cell!r} is larger than any price")
        minor = minor_units(value)
        return Price(minor, None if minor == value else value)

    return remembering(read)


def minor_units(exact: Decimal) -> int:
    """The one rounding: half to even."""
    return int(exact.to_integral_value(ROUND_HALF_EVEN))


def split_price(cell: str) -> tuple[str, str]:
    """A price's currency sign, or "", and its number: "12,50 zł" -> "zł", "12,50"."""
    match = PRICE.fullmatch(cell.strip())
    if match is None or (match["before"] and match["after"]):
        return "", cell
    sign = match["before"] or match["after"]
    if sign not in SIGNS and not ISO_CODE.fullmatch(sign):
        return "", cell
    return sign, match["minus"] + match["number"].strip() + match["close"]


def currencies_named(cells: Iterable[str]) -> set[tuple[str, ...]]:
    """The currencies that signs beside the prices allow, one tuple a sign."""
    signs = {sign for cell in cells if (sign := split_price(cell)[0])}
    return {SIGNS.get(sign, (sign,)) for sign in signs}
