"""What comes after an order: late parcels, returns, ratings, and the mood they leave."""

import numpy as np
from scipy.special import ndtri

from retention.learning.simulate.arrays import BoolArray, FloatArray, IntArray
from retention.learning.simulate.draws import Purpose
from retention.learning.simulate.events import EventBatch, Kind, events
from retention.learning.simulate.seasons import SECONDS_A_DAY, demand, seconds_ahead_of_utc
from retention.learning.simulate.today import Today

_ON_TIME, _LATE = 3, 9
_PLEASED, _HURT_BY_DELAY, _HURT_BY_RETURN = 0.12, -1.05, -0.6
_RATED = 0.10


def is_late(today: Today, buyers: IntArray) -> BoolArray:
    """Which of today's orders will come late: one in twenty, more when the shop is busy."""
    chance = 0.05 + 0.07 * max(demand(today.day) - 1.0, 0.0)
    late: BoolArray = today.chance(Purpose.LATE, buyers) < chance
    return late


def follow_up(today: Today, bought: EventBatch, late: BoolArray) -> list[EventBatch]:
    """The returns and ratings that today's order lines will lead to; sets moods to come.

    bought : the lines of today's purchases; late : for each of them.
    """
    catalogue = today.world.catalogue
    who, product = bought.customer, bought.product
    chance = today.chance(Purpose.RETURNED, who, product)
    back = chance < catalogue.return_chance[product] * (1.0 + 0.8 * late)
    _await_parcel(today, who, late, back)
    delivered = today.day + np.where(late, _LATE, _ON_TIME)
    return [
        _returns(today, bought.take(back), delivered[back]),
        _ratings(today, bought, delivered, late, back),
    ]


def _await_parcel(today: Today, who: IntArray, late: BoolArray, back: BoolArray) -> None:
    state = today.state
    buyers, first = np.unique(who, return_index=True)
    disappointed = np.isin(buyers, who[back])
    # A parcel still on its way is taken as received, so that one is awaited at a time.
    on_its_way = state.mood_due_day[buyers] < today.day + _LATE + 1
    state.mood[buyers] += np.where(on_its_way, state.mood_due[buyers], 0.0)
    unhappy = _HURT_BY_DELAY * late[first] + _HURT_BY_RETURN * disappointed
    state.mood_due[buyers] = np.where(unhappy < 0, unhappy, _PLEASED)
    state.mood_due_day[buyers] = today.day + np.where(late[first], _LATE, _ON_TIME)


def _returns(today: Today, lines: EventBatch, delivered: IntArray) -> EventBatch:
    """Whole lines or parts of them, with their part of the discount."""
    who, product = lines.customer, lines.product
    days = 2 + (today.chance(Purpose.RETURN_DELAY, who, product) * 11).astype(np.int64)
    part = today.chance(Purpose.RETURN_QUANTITY, who, product)
    quantity = 1 + (part * lines.quantity).astype(np.int64)
    return events(
        Kind.RETURN,
        customer=who,
        product=product,
        time=_daytime(today, lines, delivered + days),
        source=lines.source,
        quantity=quantity,
        unit_price=lines.unit_price,
        discount=lines.discount * quantity // lines.quantity,
        order=lines.order,
    )


def _ratings(
    today: Today, lines: EventBatch, delivered: IntArray, late: BoolArray, back: BoolArray
) -> EventBatch:
    """Stars for some lines; the disappointed write more often, and it shows."""
    who, product = lines.customer, lines.product
    unhappy = late | back
    rated = today.chance(Purpose.RATED, who, product) < _RATED * (1.0 + 1.2 * unhappy)
    noise: FloatArray = ndtri(np.maximum(today.chance(Purpose.RATING, who, product), 1e-12))
    score = (
        4.1
        + 0.45 * today.world.catalogue.quality[product]
        + 0.45 * today.world.habits.kindness[who]
        + 0.7 * noise
        - 1.4 * late
        - 1.1 * back
    )
    stars = np.clip(np.rint(score), 1, 5).astype(np.int64)
    days = 1 + (today.chance(Purpose.RATING_DELAY, who, product) * 9).astype(np.int64)
    told = lines.take(rated)
    return events(
        Kind.RATING,
        customer=told.customer,
        product=told.product,
        time=_daytime(today, told, (delivered + days)[rated]),
        source=told.source,
        order=told.order,
        rating=stars[rated],
    )


def _daytime(today: Today, lines: EventBatch, day: IntArray) -> FloatArray:
    """A second between eight and twenty o'clock where the customer lives, in days."""
    ahead = seconds_ahead_of_utc(today.day)[today.world.people.place[lines.customer]]
    chance = today.chance(Purpose.DAYTIME, lines.customer, lines.product)
    seconds = (8 * 3_600 + (chance * 12 * 3_600).astype(np.int64) - ahead) % SECONDS_A_DAY
    at: FloatArray = day + seconds / SECONDS_A_DAY
    return at
