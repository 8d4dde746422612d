from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet

if TYPE_CHECKING:
    from .models import Campaign, Coupon  # noqa: F401 - named in the types below


class CampaignQuerySet(QuerySet["Campaign"]):
    def under_way(self) -> "CampaignQuerySet":
        """Launched and still measuring: their customers belong to their experiment."""
        return self.filter(state__in=["RUNNING", "PAUSED"])

    def launched(self) -> "CampaignQuerySet":
        return self.exclude(launched_at=None)


class CouponQuerySet(QuerySet["Coupon"]):
    def redeemable(self, at: datetime) -> "CouponQuerySet":
        return self.filter(
            void_at=None, expires_at__gt=at, redeemed_count__lt=F("maximum_redemptions")
        )
