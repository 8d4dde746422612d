"""Today's orders: lines, prices, discounts, and what ordering does to the customer."""

import numpy as np

from retention.learning.simulate.arrays import BoolArray, IntArray
from retention.learning.simulate.baskets import Lines, fill_baskets, remember_staples
from retention.learning.simulate.coupons import redeemed, split_discount
from retention.learning.simulate.events import EventBatch, Kind, events
from retention.learning.simulate.parcels import follow_up, is_late
from retention.learning.simulate.sessions import BUYING, Visits, ordered_at, shop_around, visits
from retention.learning.simulate.today import Today

_INTEREST_REGAINED = 0.6
_HABIT_FORMED = 0.3


def place_orders(today: Today, buyers: IntArray, *, first_order: int) -> list[EventBatch]:
    """All events of today's buyers (customer rows), with the returns and ratings to come."""
    lines = fill_baskets(today, buyers)
    these = visits(today, buyers, BUYING)
    spends = redeemed(today, buyers)
    bought = _purchases(today, these, lines, spends, first_order)
    looked = shop_around(today, these, lines)
    afterwards = follow_up(today, bought, is_late(today, buyers)[lines.buyer])
    _settle(today, buyers, lines, spends)
    return [*looked, bought, *afterwards]


def _purchases(
    today: Today, these: Visits, lines: Lines, spends: BoolArray, first_order: int
) -> EventBatch:
    state, buyers = today.state, these.who
    at = ordered_at(today, these, lines)
    number = np.empty(buyers.size, dtype=np.int64)
    number[np.argsort(at, kind="stable")] = first_order + np.arange(buyers.size)
    price = today.world.catalogue.price[lines.product]
    discount = split_discount(
        lines.buyer,
        price * lines.quantity,
        np.where(spends, state.percent[buyers], 0.0),
        np.where(spends, state.amount[buyers], 0),
    )
    return events(
        Kind.PURCHASE,
        customer=buyers[lines.buyer],
        product=lines.product,
        time=at[lines.buyer],
        source=these.source[lines.buyer],
        quantity=lines.quantity,
        unit_price=price,
        discount=discount,
        order=number[lines.buyer],
        coupon=np.where(spends, state.coupon[buyers], -1)[lines.buyer],
    )


def _settle(today: Today, buyers: IntArray, lines: Lines, spends: BoolArray) -> None:
    """An order rekindles interest; a coupon spent makes one wait for the next."""
    state = today.state
    remember_staples(today, buyers, lines)
    granted = state.wish[buyers[lines.buyer]] == lines.product
    state.wish[buyers[lines.buyer][granted]] = -1
    state.last_order[buyers] = today.day
    state.n_orders[buyers] += 1
    state.interest[buyers] += _INTEREST_REGAINED * (1.0 - state.interest[buyers])
    spenders = buyers[spends]
    state.habit[spenders] += _HABIT_FORMED * (1.0 - state.habit[spenders])
    state.coupon[spenders] = -1
