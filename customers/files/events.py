"""A row of cells becomes an event message, or is refused with its reason."""

import re
from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from customers.messages import EventMessage

from .dates import NotADate, moment_reader
from .identity import Identities
from .layout import Cells, Extra, RowRefused, words
from .mapping import plain
from .money import Price, minor_units, price_reader
from .numbers import NotANumber, float_reader, remembering, whole_reader
from .reading import Reading

T = TypeVar("T")

KINDS = {
    plain(word): kind
    for kind, known in {
        "VIEW": "view viewed productview productviewed pageview viewitem detail detailview click"
        " ansicht vue vista weergave",
        "CART": "cart addtocart addedtocart productadded basket addtobasket warenkorb panier"
        " carrito carrello winkelwagen",
        "PURCHASE": "purchase purchased order ordered ordercompleted transaction buy bought sale"
        " sold paid checkoutcompleted kauf bestellung achat commande compra pedido acquisto ordine"
        " aankoop",
        "RETURN": "return returned refund refunded cancelled canceled cancellation creditnote"
        " ruckgabe retoure storno gutschrift retour remboursement avoir devolucion reembolso reso"
        " rimborso",
        "RATING": "rating rated rate review bewertung evaluation valoracion voto",
    }.items()
    for word in words(known)
}
PRICES = frozenset(("unit_price", "amount", "discount"))
SALES = frozenset(("PURCHASE", "RETURN"))
CUT_ID = re.compile(r"\d[.,]\d+E\+\d+")


class EventReader:
    """Reads the rows of one file in their order; `undated_at` stands for a moment that none has."""

    def __init__(self, reading: Reading, *, undated_at: datetime) -> None:
        self.reading = reading
        self.zone = ZoneInfo(reading.timezone)
        self.moment = _with_name(moment_reader(order=reading.dates, zone=self.zone))
        self.whole = whole_reader(mark=reading.decimal)
        self.float = float_reader(mark=reading.decimal)
        self.kind = remembering(kind_named)
        self.identities = Identities()
        self.is_priced = not PRICES.isdisjoint(reading.columns)
        self._money: dict[str, Callable[[str], Price]] = {}
        # The moment of an import is no part of a row's name: the same row may come again.
        self._undated = (undated_at, "")
        if reading.on:
            self._undated = self.moment(reading.on)

    def read(self, cells: Cells, extra: Extra) -> EventMessage:
        """Raises RowRefused."""
        get = cells.get
        source = self.reading.source
        kind = self.kind(get("kind", "")) or self.reading.kind
        customer, product = _id(cells, "customer"), _id(cells, "product")
        occurred_at, dated = self._moment(cells)
        quantity, kind = self._quantity(cells, kind)
        currency, unit_price, discount, amount = "", None, 0, None
        if self.is_priced:
            currency, unit_price, discount, amount = self._line(cells, kind, quantity)
        rating = self._number(self.float, get("rating"), "rating") if "rating" in cells else None
        order_id, coupon_code = _id(cells, "order_id"), get("coupon_code", "")
        kept = extra or ""
        content = (
            f"{kind}\x1f{customer}\x1f{product}\x1f{order_id}\x1f{dated}\x1f{quantity}\x1f{currency}"
            f"\x1f{unit_price}\x1f{discount}\x1f{amount}\x1f{coupon_code}\x1f{rating}\x1f{kept}"
        )
        order = ""
        if kind in SALES:
            order = order_id = order_id or self._order_of(customer, occurred_at, content)
        return EventMessage(
            kind=kind,
            occurred_at=occurred_at,
            source=source,
            message_id=get("message_id") or self.identities.name(content, order=order, when=dated),
            customer=customer,
            customer_source=source,
            product=product,
            quantity=quantity,
            unit_price=unit_price,
            discount=discount,
            amount=amount,
            currency=currency,
            order_id=order_id,
            coupon_code=coupon_code,
            rating=rating,
            extra=extra or None,
        )

    def _moment(self, cells: Cells) -> tuple[datetime, str]:
        """The moment, and its part in the row's identity: none where it is the import's."""
        text = cells.get("occurred_at")
        if text is None:
            return self._undated
        if clock := cells.get("clock"):
            text = f"{text} {clock}"
        if not text:
            raise RowRefused("missing_date", "The row has no date.")
        try:
            return self.moment(text)
        except NotADate as error:
            raise RowRefused("bad_date", f"{error}.") from error

    def _quantity(self, cells: Cells, kind: str) -> tuple[int, str]:
        """A sale of less than nothing is a return."""
        quantity = self._number(self.whole, cells.get("quantity"), "quantity")
        if quantity is None:
            return 1, kind
        if quantity < 0 and kind in SALES:
            return -quantity, "RETURN"
        if quantity <= 0:
            raise RowRefused("bad_quantity", f"{quantity} pieces are none.")
        return quantity, kind

    def _line(
        self, cells: Cells, kind: str, quantity: int
    ) -> tuple[str, int | None, int, int | None]:
        """(currency, unit price, discount, amount). A total that is given stands.

        A price of less than a minor unit, as 0.075, is multiplied before it is rounded.
        """
        currency = cells.get("currency", "").upper() or self.reading.currency
        money = self._money.get(currency) or self._money_in(currency)
        price = self._number(money, cells.get("unit_price"), "price")
        total = self._number(money, cells.get("amount"), "price")
        less = self._number(money, cells.get("discount"), "price")
        if price is None and total is None:
            return "" if less is None else currency, None, abs(less.minor) if less else 0, None
        # Some shops write a discount below zero; what it does to the price is the same.
        discount = abs(less.minor) if less else 0
        if kind != "RETURN" and ((price and price.minor < 0) or (total and total.minor < 0)):
            raise RowRefused("negative_price", "A price below zero, in a line that is no return.")
        amount = None if total is None else abs(total.minor)
        if price is None:
            return currency, _price_of(amount or 0, discount, quantity), discount, amount
        if amount is None and price.exact is not None:
            amount = max(minor_units(abs(price.exact) * quantity) - discount, 0)
        return currency, abs(price.minor), discount, amount

    def _money_in(self, currency: str) -> Callable[[str], Price]:
        reader = self._money[currency] = price_reader(mark=self.reading.decimal, currency=currency)
        return reader

    def _number(self, read: Callable[[str], T], cell: str | None, field: str) -> T | None:
        if not cell:
            return None
        try:
            return read(cell)
        except NotANumber as error:
            raise RowRefused(f"bad_{field}", f"{field}: {error}.") from error

    def _order_of(self, customer: str, occurred_at: datetime, content: str) -> str:
        """Where orders have no number, what one customer bought at one moment is one order."""
        if not customer:
            return self.identities.name(content)
        local = occurred_at.astimezone(self.zone)
        when = f"{local:%Y-%m-%d}" if local.time() == time() else f"{local:%Y-%m-%dT%H:%M:%S}"
        return f"{customer if len(customer) <= 40 else self.identities.name(customer)}-{when}"


def _with_name(moment: Callable[[str], datetime]) -> Callable[[str], tuple[datetime, str]]:
    """cell -> a moment, and its seconds in eight digits that sort as it does, with the rest."""

    def read(cell: str) -> tuple[datetime, str]:
        at = moment(cell)
        seconds = f"{int(at.timestamp()):08x}"
        return at, f"{seconds}.{at.microsecond:06}" if at.microsecond else seconds

    return remembering(read)


def _price_of(amount: int, discount: int, quantity: int) -> int:
    """A piece's price before the discount; rounding never leaves less than the discount."""
    price = minor_units(Decimal(amount + discount) / quantity)
    return price if price * quantity >= discount else price + 1


def kind_named(word: str) -> str:
    """`Add to cart` -> CART; what we have no word for stays the shop's own: `Gift wrapped`."""
    if not word:
        return ""
    return KINDS.get(plain(word)) or re.sub(r"\W+", "_", word).strip("_").upper()[:32]


def _id(cells: Cells, field: str) -> str:
    text = cells.get(field, "")
    if "E+" in text and CUT_ID.fullmatch(text):
        raise RowRefused(
            "bad_id", f"{field}: a spreadsheet cut it to {text}. Export the column as text."
        )
    return text
