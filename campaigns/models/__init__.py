from .assignment import Assignment, Holdout, LaunchChunk
from .campaign import Campaign
from .coupon import Coupon, Redemption, Refund
from .measurement import Measurement
from .offer import Offer

__all__ = [
    "Assignment",
    "Campaign",
    "Coupon",
    "Holdout",
    "LaunchChunk",
    "Measurement",
    "Offer",
    "Redemption",
    "Refund",
]
