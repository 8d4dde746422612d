"""What goes into an order: staples that have run out, the wish, things of one's taste."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from retention.learning.simulate.arrays import BoolArray, IntArray
from retention.learning.simulate.behaviour import overdue
from retention.learning.simulate.draws import Purpose
from retention.learning.simulate.state import N_STAPLES
from retention.learning.simulate.today import Today, geometric

MOST_CHOSEN = 7
_ONE_MISSION = 0.55  # how often all that an order holds comes out of one topic
_WISH_COMES_TRUE = 0.5
_COMPANION = 0.16
_ADOPTED = 0.6


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Order lines, one a row, sorted by order and product; buyer is the order's place today."""

    buyer: IntArray
    product: IntArray
    quantity: IntArray
    rebought: BoolArray


class _Picks(NamedTuple):
    buyer: IntArray
    product: IntArray


def fill_baskets(today: Today, buyers: IntArray) -> Lines:
    """What each of today's buyers (customer rows, no repeats) orders: at least one line each."""
    staples = _staples_due(today, buyers)
    wishes = _wishes(today, buyers)
    has_any = np.isin(np.arange(buyers.size), np.concatenate([staples.buyer, wishes.buyer]))
    chosen = _chosen(today, buyers, at_least=np.where(has_any, 0, 1))
    parts = [staples, wishes, chosen, _companions(today, buyers, chosen)]
    n_products = len(today.world.catalogue)
    keys = np.concatenate([part.buyer * n_products + part.product for part in parts])
    key, first = np.unique(keys, return_index=True)
    buyer, product = np.divmod(key, n_products)
    return Lines(
        buyer=buyer,
        product=product,
        quantity=_quantities(today, buyers[buyer], product),
        rebought=first < staples.buyer.size,
    )


def pick_products(today: Today, who: IntArray, slot: IntArray, mission: IntArray) -> IntArray:
    """A product to each customer's taste; `mission` picks the topic, `slot` the product in it.

    A taste that drifts mixes into the old one as interest falls. The thrifty look at two
    products and take the cheaper.
    """
    habits, prices = today.world.habits, today.world.catalogue.price
    drifted = today.chance(Purpose.MISSION, who, mission + 1) > today.state.interest[who]
    shares = np.where(drifted[:, None], habits.later_taste[who], habits.taste[who])
    topic = (shares <= today.chance(Purpose.TOPIC, who, mission)[:, None]).sum(axis=1)
    product = today.shelf.pick(topic, today.chance(Purpose.PRODUCT, who, slot))
    rival = today.shelf.pick(topic, today.chance(Purpose.RIVAL, who, slot))
    careful = today.chance(Purpose.CHEAPER, who, slot) < habits.thrift[who]
    return np.where(careful & (prices[rival] < prices[product]), rival, product)


def remember_staples(today: Today, buyers: IntArray, lines: Lines) -> None:
    """Restart the clock of what was bought again; take up at most one new staple an order."""
    state, catalogue = today.state, today.world.catalogue
    who = buyers[lines.buyer]
    line, place = np.nonzero(state.staple[who] == lines.product[:, None])
    state.staple_day[who[line], place] = today.day
    new = (catalogue.gap_days[lines.product] > 0) & ~np.isin(np.arange(who.size), line)
    new &= today.chance(Purpose.ADOPT, who, lines.product) < _ADOPTED
    who, first = np.unique(who[new], return_index=True)
    product = lines.product[new][first]
    place = np.where(state.staple[who] < 0, -1, state.staple_day[who]).argmin(axis=1)
    state.staple[who, place] = product
    state.staple_day[who, place] = today.day
    state.staple_gap[who, place] = catalogue.gap_days[product] * today.world.habits.pace[who]


def _staples_due(today: Today, buyers: IntArray) -> _Picks:
    places = np.arange(N_STAPLES)
    due = overdue(today.state, today.day)[buyers]
    chance = today.chance(Purpose.STAPLE, buyers[:, None], places)
    buyer, place = np.nonzero(chance < 0.9 * due)
    return _Picks(buyer, today.state.staple[buyers[buyer], place])


def _wishes(today: Today, buyers: IntArray) -> _Picks:
    wish = today.state.wish[buyers]
    granted = today.chance(Purpose.WISH, buyers) < _WISH_COMES_TRUE
    buyer = np.flatnonzero((wish >= 0) & granted)
    return _Picks(buyer, wish[buyer])


def _chosen(today: Today, buyers: IntArray, *, at_least: IntArray) -> _Picks:
    more = geometric(today.chance(Purpose.LINES, buyers), today.world.habits.basket[buyers])
    buyer, slot = repeat_slots(np.minimum(more + at_least, MOST_CHOSEN))
    one_mission = today.chance(Purpose.MISSION, buyers) < _ONE_MISSION
    mission = np.where(one_mission[buyer], 0, slot)
    return _Picks(buyer, pick_products(today, buyers[buyer], slot, mission))


def _companions(today: Today, buyers: IntArray, chosen: _Picks) -> _Picks:
    goes_with = today.world.catalogue.companion[chosen.product]
    for_sale = today.world.catalogue.launched_day[goes_with] <= today.day
    chance = today.chance(Purpose.COMPANION, buyers[chosen.buyer], chosen.product)
    taken = for_sale & (chance < _COMPANION)
    return _Picks(chosen.buyer[taken], goes_with[taken])


def _quantities(today: Today, who: IntArray, product: IntArray) -> IntArray:
    """Mostly one; more of what is used up."""
    mean = np.where(today.world.catalogue.gap_days[product] > 0, 0.35, 0.12)
    more = geometric(today.chance(Purpose.QUANTITY, who, product), mean)
    return 1 + np.minimum(more, 11)


def repeat_slots(counts: IntArray) -> tuple[IntArray, IntArray]:
    """Rows 0..n-1 each repeated `counts` times, and the running place inside each repeat."""
    row = np.repeat(np.arange(counts.size), counts)
    first = np.cumsum(counts) - counts
    return row, np.arange(row.size) - first[row]
