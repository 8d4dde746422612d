"""Visits as the shop's log shows them: views, carts and, in some, an order."""

from dataclasses import dataclass

import numpy as np

from retention.learning.simulate.arrays import FloatArray, IntArray
from retention.learning.simulate.baskets import Lines, pick_products, repeat_slots
from retention.learning.simulate.draws import Purpose
from retention.learning.simulate.events import EventBatch, Kind, events
from retention.learning.simulate.seasons import SECONDS_A_DAY
from retention.learning.simulate.today import Today, geometric

BROWSING, BUYING = 0, 1  # a customer may do both on one day; each visit has its own chances
_MOST_LOOKS = 12
_SECONDS_A_LOOK = 45
_CART_AFTER = 20
_LOOKS = 0.5  # beyond the first, when nothing is bought
_ASIDES = 0.4  # looks at other things in a visit that ends in an order
_LEFT_IN_CART = 0.16
_SLOTS_APART = 100  # keeps what is looked at from being what is bought


@dataclass(frozen=True, kw_only=True)
class Visits:
    """One visit a row: the customer, the second of the UTC day it begins at, the source."""

    who: IntArray
    start: IntArray
    source: IntArray


def visits(today: Today, who: IntArray, visit: int) -> Visits:
    """Today's visits of one sort, BROWSING or BUYING, of customer rows without repeats."""
    return Visits(who=who, start=today.session_starts(who, visit), source=today.sources(who, visit))


def browse(today: Today, these: Visits) -> list[EventBatch]:
    """Visits without an order: one to a dozen views, now and then a cart left behind."""
    looks = 1 + geometric(today.chance(Purpose.EXTRA_VIEWS, these.who, BROWSING), _LOOKS)
    visit, slot = repeat_slots(np.minimum(looks, _MOST_LOOKS))
    who = these.who[visit]
    product = pick_products(today, who, _SLOTS_APART + slot, _SLOTS_APART + slot // 3)
    at, source = _moment(today, these, visit, slot), these.source[visit]
    left = (slot == 0) & (today.chance(Purpose.CARTED, who) < _LEFT_IN_CART)
    today.state.wish[who[left]] = product[left]
    return [
        events(Kind.VIEW, customer=who, product=product, time=at, source=source),
        events(
            Kind.CART,
            customer=who[left],
            product=product[left],
            time=at[left] + _CART_AFTER / SECONDS_A_DAY,
            source=source[left],
            unit_price=today.world.catalogue.price[product[left]],
        ),
    ]


def shop_around(today: Today, these: Visits, lines: Lines) -> list[EventBatch]:
    """What precedes an order: most lines are viewed, all are carted, others are glanced at."""
    who = these.who[lines.buyer]
    slot = np.arange(who.size) - np.searchsorted(lines.buyer, lines.buyer)
    at, source = _moment(today, these, lines.buyer, slot), these.source[lines.buyer]
    chance = today.chance(Purpose.VIEWED, who, lines.product)
    seen = chance < np.where(lines.rebought, 0.35, 0.8)
    return [
        events(
            Kind.VIEW,
            customer=who[seen],
            product=lines.product[seen],
            time=at[seen],
            source=source[seen],
        ),
        events(
            Kind.CART,
            customer=who,
            product=lines.product,
            time=at + _CART_AFTER / SECONDS_A_DAY,
            source=source,
            quantity=lines.quantity,
            unit_price=today.world.catalogue.price[lines.product],
        ),
        _asides(today, these),
    ]


def ordered_at(today: Today, these: Visits, lines: Lines) -> FloatArray:
    """When each visit's order is placed, in days: after everything was looked at."""
    n_lines = np.bincount(lines.buyer, minlength=these.who.size)
    looks = np.maximum(n_lines, _MOST_LOOKS)
    at: FloatArray = today.day + (these.start + _SECONDS_A_LOOK * looks + 60) / SECONDS_A_DAY
    return at


def _asides(today: Today, these: Visits) -> EventBatch:
    looks = geometric(today.chance(Purpose.EXTRA_VIEWS, these.who, BUYING), _ASIDES)
    visit, slot = repeat_slots(np.minimum(looks, _MOST_LOOKS))
    who = these.who[visit]
    return events(
        Kind.VIEW,
        customer=who,
        product=pick_products(today, who, 2 * _SLOTS_APART + slot, np.zeros_like(slot)),
        time=_moment(today, these, visit, slot) + 7 / SECONDS_A_DAY,
        source=these.source[visit],
    )


def _moment(today: Today, these: Visits, visit: IntArray, slot: IntArray) -> FloatArray:
    """When the slot-th look of a visit happens, in days, on a whole second."""
    pause = (today.chance(Purpose.PACE, these.who[visit], slot) * 15).astype(np.int64)
    seconds = these.start[visit] + _SECONDS_A_LOOK * slot + pause
    at: FloatArray = today.day + seconds / SECONDS_A_DAY
    return at
