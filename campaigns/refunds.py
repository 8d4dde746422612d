"""How much of a discount belongs to the part of an order that comes back."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.money import divide, split
from campaigns.orders import Line


class NotThere(Exception):
    """More is said to come back than was bought and did not come back before."""

    def __init__(self, product: str, left: int) -> None:
        super().__init__(product, left)
        self.product, self.left = product, left


@dataclass(frozen=True)
class Sold:
    """A line as it was sold. back : what of it came back before. Minor units."""

    product: str
    amount: int
    discount: int
    back: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.back

    def discount_of(self, amount: int) -> int:
        """What so much more of it coming back had off.

        The first minor units to the last: each part is its share of all that came back, less what
        was said of it before. So the parts of a line add up to its discount, however it comes back.
        """
        if not self.amount:
            return 0
        after = divide(self.discount * (self.back + amount), self.amount)
        return after - divide(self.discount * self.back, self.amount)


def by_amount(sold: Sequence[Sold], amount: int) -> list[int]:
    """An amount that comes back, over the lines, by what is left of each. Raises NotThere."""
    left = [line.left for line in sold]
    if amount > sum(left):
        raise NotThere("", sum(left))
    return split(amount, left)


def by_lines(sold: Sequence[Sold], back: Sequence[Line]) -> list[int]:
    """What comes back of each line: of lines with one product, the first fills up first.

    Raises NotThere.
    """
    amounts = [0] * len(sold)
    for line in back:
        rest = line.amount
        for number, one in enumerate(sold):
            if one.product == line.product:
                taken = min(rest, one.left - amounts[number])
                amounts[number] += taken
                rest -= taken
        if rest:
            raise NotThere(line.product, line.amount - rest)
    return amounts
