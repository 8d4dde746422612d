"""What a shop tells us of an order when it asks about a coupon."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from campaigns.money import split
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

    def had_off(self, used: Iterable[tuple[str, int, int]]) -> list[int]:
        """(Order.sold) what each line had off by a coupon spent before, its lines found again by
        their product, of several with one by their amount; what is gone takes its part along.

        used : product, amount and discount of each line then; without product: over all lines.
        """
        sold, of_all = self.sold, 0
        parts, free = [0] * len(sold), set(range(len(sold)))
        for product, amount, off in used:
            same = [n for n in sorted(free) if sold[n].product == product]
            if not product or not self.lines:
                of_all += off
            elif same:
                row = next((n for n in same if sold[n].amount == amount), same[0])
                parts[row] = min(off, sold[row].amount)
                free.remove(row)
        left = [line.amount - part for line, part in zip(sold, parts, strict=True)]
        more = split(min(of_all, sum(left)), left)
        return [part + extra for part, extra in zip(parts, more, strict=True)]

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
