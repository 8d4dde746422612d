"""What a shop tells us of an order when it asks about a coupon."""

from dataclasses import dataclass

from customers.models import SHOP


@dataclass(frozen=True)
class Line:
    """One line of an order: the shop's product id, and what the line comes to in minor units."""

    product: str
    amount: int


@dataclass(frozen=True)
class Order:
    """An order before the coupon. Money in minor units.

    amount : what the goods come to, after every other discount.
    shipping : what the customer pays for it; None where the shop does not say.
    lines : needed for offers on chosen products; else they may be left out.
    """

    order_id: str
    customer: str
    amount: int
    currency: str
    source: str = SHOP
    shipping: int | None = None
    lines: tuple[Line, ...] = ()

    @property
    def sold(self) -> tuple[Line, ...]:
        """Its lines; where the shop sent none, all of it as one."""
        return self.lines or (Line("", self.amount),)

    @property
    def total(self) -> int:
        return self.amount + (self.shipping or 0)
