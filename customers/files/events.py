"""A row of cells becomes an event message, or is refused with its reason."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from customers.messages import EventMessage

from .dates import NotADate, moment_reader
from .identity import Identities
from .layout import Cells, Extra, RowRefused, words
from .mapping import plain
from .money import half_even, money_reader
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
CUT_ID = re.compile(r"\d[.,]\d+E\+\d+")


class EventReader:
    """Reads the rows of one file in their order; `undated_at` stands for a moment that none has."""

    def __init__(self, reading: Reading, *, undated_at: datetime) -> None:
        self.reading = reading
        self.zone = ZoneInfo(reading.timezone)
        self.moment = moment_reader(order=reading.dates, zone=self.zone)
        self.whole = whole_reader(mark=reading.decimal)
        self.float = float_reader(mark=reading.decimal)
        self.kind = remembering(kind_named)
        self.identities = Identities()
        self._money: dict[str, Callable[[str], int]] = {}
        self._undated = undated_at
        if reading.day is not None:
            midnight = datetime.combine(reading.day, time(), tzinfo=self.zone)
            self._undated = midnight.astimezone(UTC)

    def read(self, cells: Cells, extra: Extra) -> EventMessage:
        """Raises RowRefused."""
        reading = self.reading
        kind = self.kind(cells.get("kind", "")) or reading.kind
        customer, product = _id(cells, "customer"), _id(cells, "product")
        occurred_at, dated = self._moment(cells)
        quantity, kind = self._quantity(cells, kind)
        currency = cells.get("currency", "").upper() or reading.currency
        unit_price, discount, amount = self._line(cells, kind, quantity, currency)
        rating = self._number(self.float, cells, "rating", "bad_rating")
        order_id = _id(cells, "order_id")
        coupon_code = cells.get("coupon_code", "")
        content = "\x1f".join(
            (
                f"{kind}\x1f{customer}\x1f{product}\x1f{order_id}\x1f{dated}\x1f{quantity}",
                f"{unit_price}\x1f{discount}\x1f{amount}\x1f{currency}\x1f{coupon_code}",
                f"{rating}\x1f{extra or ''}",
            )
        )
        if not order_id and kind in {"PURCHASE", "RETURN"}:
            order_id = self._order_of(customer, occurred_at, content)
        return EventMessage(
            kind=kind,
            occurred_at=occurred_at,
            source=reading.source,
            message_id=cells.get("message_id") or self._name(content, kind, order_id),
            customer=customer,
            customer_source=reading.source,
            product=product,
            quantity=quantity,
            unit_price=unit_price,
            discount=discount,
            amount=amount,
            currency="" if amount is None and unit_price is None else currency,
            order_id=order_id,
            coupon_code=coupon_code,
            rating=rating,
            extra=extra or None,
        )

    def _moment(self, cells: Cells) -> tuple[datetime, str]:
        """The moment, and its part in the row's identity: none where it is the import's."""
        text = cells.get("occurred_at")
        if text is None:
            return self._undated, self.reading.on
        if clock := cells.get("clock"):
            text = f"{text} {clock}"
        if not text:
            raise RowRefused("missing_date", "The row has no date.")
        try:
            moment = self.moment(text)
        except NotADate as error:
            raise RowRefused("bad_date", f"{error}.") from error
        return moment, moment.isoformat()

    def _quantity(self, cells: Cells, kind: str) -> tuple[int, str]:
        """A sale of less than nothing is a return."""
        quantity = self._number(self.whole, cells, "quantity", "bad_quantity")
        if quantity is None:
            return 1, kind
        if quantity < 0 and kind in {"PURCHASE", "RETURN"}:
            return -quantity, "RETURN"
        if quantity <= 0:
            raise RowRefused("bad_quantity", f"{quantity} pieces are none.")
        return quantity, kind

    def _line(
        self, cells: Cells, kind: str, quantity: int, currency: str
    ) -> tuple[int | None, int, int | None]:
        """(unit price, discount, amount). A total that is given stands; else the price does."""
        money = self._money.get(currency) or self._money_in(currency)
        unit_price = self._number(money, cells, "unit_price", "bad_price")
        amount = self._number(money, cells, "amount", "bad_price")
        # Some shops write a discount below zero; what it does to the price is the same.
        discount = abs(self._number(money, cells, "discount", "bad_price") or 0)
        if kind == "RETURN":
            unit_price, amount = _size(unit_price), _size(amount)
        for price in (unit_price, amount):
            if price is not None and price < 0:
                raise RowRefused(
                    "negative_price", "A price below zero, in a line that is no return."
                )
        if unit_price is None and amount is not None:
            unit_price = half_even(amount + discount, quantity)
            if unit_price * quantity < discount:
                unit_price += 1
        return unit_price, discount, amount

    def _money_in(self, currency: str) -> Callable[[str], int]:
        reader = self._money[currency] = money_reader(mark=self.reading.decimal, currency=currency)
        return reader

    def _number(self, read: Callable[[str], T], cells: Cells, field: str, reason: str) -> T | None:
        text = cells.get(field)
        if not text:
            return None
        try:
            return read(text)
        except NotANumber as error:
            raise RowRefused(reason, f"{field}: {error}.") from error

    def _order_of(self, customer: str, occurred_at: datetime, content: str) -> str:
        """Where orders have no number, what one customer bought at one moment is one order."""
        if not customer:
            return self.identities.name(content)
        local = occurred_at.astimezone(self.zone)
        when = f"{local:%Y-%m-%d}" if local.time() == time() else f"{local:%Y-%m-%dT%H:%M:%S}"
        return f"{customer[:40]}-{when}"

    def _name(self, content: str, kind: str, order_id: str) -> str:
        return self.identities.name(
            content, order=order_id if kind in {"PURCHASE", "RETURN"} else ""
        )


def kind_named(word: str) -> str:
    """`Add to cart` -> CART; what we have no word for stays the shop's own: `Gift wrapped`."""
    if not word:
        return ""
    return KINDS.get(plain(word)) or re.sub(r"\W+", "_", word).strip("_").upper()[:32]


def _size(price: int | None) -> int | None:
    return None if price is None else abs(price)


def _id(cells: Cells, field: str) -> str:
    text = cells.get(field, "")
    if "E+" in text and CUT_ID.fullmatch(text):
        raise RowRefused(
            "bad_id", f"{field}: a spreadsheet cut it to {text}. Export the column as text."
        )
    return text
