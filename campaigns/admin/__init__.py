from .lists import CampaignAdmin, CouponAdmin

__all__ = ["CampaignAdmin", "CouponAdmin"]
