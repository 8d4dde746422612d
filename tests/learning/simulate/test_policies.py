"""Whom to send a coupon decides whether it pays."""

import numpy as np

from retention.learning.simulate import Shop
from retention.learning.simulate.arrays import BoolArray
from tests.learning.simulate import made


def worth_it(shop: Shop) -> BoolArray:
    """Those from whom, knowing the truth, more is to be gained than given away."""
    truth = shop.truth(window_days=made.WINDOW, offer=made.FIFTEEN)
    order = shop.world.habits.typical_order
    saved = truth.uplift - 3 * (truth.p_leave_with - truth.p_leave)
    gain = 0.4 * order * saved - 0.15 * order * truth.p_redeem - made.CONTACT_COST
    return np.nan_to_num(gain, nan=-1.0) > 0


def at_highest_risk(shop: Shop) -> BoolArray:
    """The fifth of the arrived that is least likely to order by itself."""
    truth = shop.truth(window_days=made.WINDOW, offer=made.FIFTEEN)
    return truth.p_order_without <= np.nanquantile(truth.p_order_without, 0.2)


def most_valuable(shop: Shop) -> BoolArray:
    """The fifth with the most orders."""
    orders = shop.state.n_orders
    return orders >= np.quantile(orders, 0.8)


def everyone(shop: Shop) -> BoolArray:
    """All who may be written to."""
    return np.ones(len(shop.people), dtype=np.bool_)


def test_a_campaign_to_the_right_people_earns() -> None:
    assert made.earned(worth_it) > 0


def test_a_campaign_to_those_at_highest_risk_does_not() -> None:
    assert made.earned(at_highest_risk) <= 0


def test_a_campaign_to_the_most_valuable_loses() -> None:
    assert made.earned(most_valuable) < 0


def test_a_campaign_to_everyone_loses_most() -> None:
    assert made.earned(everyone) < made.earned(most_valuable)
