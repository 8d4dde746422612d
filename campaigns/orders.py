"""What a shop tells us of an order when it asks about a coupon."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from customers.models import SHOP


@dataclass(frozen=True)
class Line:
    """One line of an order: the shop's product id, and what the line comes to in minor units."""

    product: str
    amount: int
    quantity: int = 1

    def less(self, off: int) -> "Line":
        return replace(self, amount=self.amount - off)


@dataclass(frozen=True)
class Order:
    """An order before the coupon. Money in minor units.

    amount : what the goods come to, after every other discount.
    shipping : what the customer pays for it; None where the shop does not say.
    lines : needed for offers on chosen products; else they may be left out.
    codes : other coupons on the order, as they were typed.
    """

    order_id: str
    customer: str
    amount: int
    currency: str
    source: str = SHOP
    shipping: int | None = None
    lines: tuple[Line, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def sold(self) -> tuple[Line, ...]:
        """Its lines; where the shop sent none, all of it as one."""
        return self.lines or (Line("", self.amount),)

    @property
    def total(self) -> int:
        return self.amount + (self.shipping or 0)

    def less(self, discount: int, parts: Sequence[int]) -> "Order":
        """What another coupon leaves of it: parts of its discount off the lines, the rest off
        the shipping."""
        off_shipping = discount - sum(parts)
        return replace(
            self,
            amount=self.amount - sum(parts),
            lines=tuple(line.less(off) for line, off in zip(self.lines, parts, strict=False)),
            shipping=self.shipping and max(self.shipping - off_shipping, 0),
        )
