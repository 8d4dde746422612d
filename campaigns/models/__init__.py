from .assignment import Assignment, Holdout, LaunchChunk
from .campaign import Campaign
from .coupon import Coupon, CouponLock, Redemption, Refund
from .measurement import Measurement
from .message import Channel, Message, MessageTemplate, Outlet
from .offer import Offer
from .programme import ProgrammeMonth
from .wave import Wave

__all__ = [
    "Assignment",
    "Campaign",
    "Channel",
    "Coupon",
    "CouponLock",
    "Holdout",
    "LaunchChunk",
    "Measurement",
    "Message",
    "MessageTemplate",
    "Offer",
    "Outlet",
    "ProgrammeMonth",
    "Redemption",
    "Refund",
    "Wave",
]
