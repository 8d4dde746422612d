"""Orders with what is in them: the rows that rules and sequences are counted over."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import coo_array

from retention.learning.interactions import Csr
from retention.learning.orders import order_days, orders_of
from retention.learning.panel import IntArray, Kind, Panel
from retention.learning.together import ones

SHORTEST_WINDOW, LONGEST_WINDOW = 14, 180
GAPS_A_WINDOW = 3


@dataclass(frozen=True, eq=False)
class Baskets:
    """m orders, sorted by customer and time.

    held : (m, n_products) csr of ones · customer, second : (m,) whose, and when its first line was.
    """

    held: Csr
    customer: IntArray
    second: IntArray

    @classmethod
    def of(cls, panel: Panel, *, n_products: int) -> Self:
        """The purchases of known products. 8 bytes a line and 16 an order."""
        bought = panel.take((panel.kind == Kind.PURCHASE) & (panel.product >= 0))
        # The panel is sorted by customer and time: the first line of an order is its earliest.
        _, first, line_of = np.unique(bought.order, return_index=True, return_inverse=True)
        by = np.lexsort((bought.second[first], bought.customer[first]))
        place = np.empty(len(by), dtype=np.int64)
        place[by] = np.arange(len(by))
        cells = (np.ones(len(bought), np.float32), (place[line_of], bought.product))
        held = coo_array(cells, shape=(len(by), n_products)).tocsr()
        return cls(ones(held), bought.customer[first][by], bought.second[first][by])

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def several(self) -> int:
        """How many of the orders hold two products or more."""
        return int(np.count_nonzero(np.diff(self.held.indptr) > 1))


def usual_window(panel: Panel) -> int:
    """Days after an order within which customers can be expected back.

    Three times the median gap between the order days of a customer, from 14 to 180; 180 where
    nobody came back.
    """
    gaps = order_days(orders_of(panel)).gap
    if not len(gaps):
        return LONGEST_WINDOW
    window = round(GAPS_A_WINDOW * float(np.median(gaps)))
    return int(np.clip(window, SHORTEST_WINDOW, LONGEST_WINDOW))
