"""A seeded online shop with a known truth: who would leave, whom a coupon would keep."""

from retention.learning.simulate.accounts import margin_by_customer
from retention.learning.simulate.catalogue import Catalogue
from retention.learning.simulate.coupons import Coupons, Offer
from retention.learning.simulate.events import EventBatch, Kind
from retention.learning.simulate.people import SOURCES, Identities, People
from retention.learning.simulate.response import Response, Truth
from retention.learning.simulate.shop import Shop
from retention.learning.simulate.spec import FIRST_DAY, ShopSpec
from retention.learning.simulate.state import CAUSES

__all__ = [
    "CAUSES",
    "FIRST_DAY",
    "SOURCES",
    "Catalogue",
    "Coupons",
    "EventBatch",
    "Identities",
    "Kind",
    "Offer",
    "People",
    "Response",
    "Shop",
    "ShopSpec",
    "Truth",
    "margin_by_customer",
]
