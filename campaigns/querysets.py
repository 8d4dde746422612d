from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce

from customers.models import Customer

if TYPE_CHECKING:
    from .models import Campaign, Coupon, Redemption  # noqa: F401 - named in the types below

COST_OF_A_USE = (
    F("discount_amount")
    - F("refunded_discount")
    + Case(
        When(coupon__offer__benefit__in=["GIFT", "POINTS"], then=F("coupon__offer__amount")),
        default=0,
    )
)
"""What a redemption costs the shop: the discount on what did not come back, or what it gives."""
MOST_DAYS = 365
"""No campaign measures a customer for longer."""
LATE_FACTS = timedelta(days=14)
"""Orders and returns that are sent in later than this change no result."""


class CampaignQuerySet(QuerySet["Campaign"]):
    def launched(self) -> "CampaignQuerySet":
        return self.exclude(launched_at=None)

    def under_way(self) -> "CampaignQuerySet":
        """Launched and still measuring: their customers belong to their experiment."""
        return self.filter(state__in=["RUNNING", "PAUSED"])

    def measuring(self, at: datetime) -> "CampaignQuerySet":
        """Under way, and those cancelled of which somebody's days may not be over."""
        longest = at - timedelta(days=MOST_DAYS)
        last = Coalesce("admits_until", "launched_at")
        cancelled = Q(state="CANCELLED", launched_at__isnull=False, last__gt=longest)
        return self.alias(last=last).filter(Q(state__in=["RUNNING", "PAUSED"]) | cancelled)

    def admitting(self, at: datetime) -> "CampaignQuerySet":
        """Running, with a trigger that goes on choosing customers; the oldest first."""
        return self.filter(state="RUNNING", admits_until__gt=at).order_by("launched_at", "pk")

    def ended(self) -> "CampaignQuerySet":
        return self.filter(state__in=["COMPLETED", "CANCELLED"])

    def sending_by(self, channels: Iterable[str]) -> "CampaignQuerySet":
        """Running, with a message for one of these channels that does not pause."""
        from .models import Outlet

        paused = Outlet.objects.exclude(paused_at=None).values("channel")
        by = self.filter(state="RUNNING", message_template__channel__in=list(channels))
        return by.exclude(message_template__channel__in=paused).order_by("pk")

    def waiting_for(self, user_id: int | None) -> "CampaignQuerySet":
        """Sent in by others than this person, who therefore can approve them."""
        waiting = self.filter(state="PENDING_APPROVAL")
        return waiting.exclude(created_by=user_id).exclude(submitted_by=user_id)

    def to_finish(self, at: datetime) -> list["Campaign"]:
        """Under way, and past their last day."""
        return [campaign for campaign in self.under_way() if campaign.is_measured_whole(at)]

    def to_measure(self, at: datetime) -> list["Campaign"]:
        """Launched, and not further past their last day than facts come late; or measured before a
        measurement kept what offers are learned from."""
        from .models import Measurement

        launched = self.launched()
        whole = Measurement.objects.filter(metric="KEPT", offer=None, details__complete=True)
        taught_nothing = whole.exclude(details__has_key="answers").values_list(
            "campaign", flat=True
        )
        untaught = set(taught_nothing)
        late = at - LATE_FACTS
        return [one for one in launched if one.pk in untaught or not one.is_measured_whole(late)]


class RedemptionQuerySet(QuerySet["Redemption"]):
    def of_person(self, customer: Customer) -> "RedemptionQuerySet":
        """Of their own coupons, and of codes for all."""
        them = Customer.objects.of_person(customer)
        return self.filter(Q(coupon__customer__in=them) | Q(customer__in=them))


class CouponQuerySet(QuerySet["Coupon"]):
    def of_person(self, customer: Customer | None) -> "CouponQuerySet":
        """Theirs, and those of whoever was merged into them; none of nobody."""
        if customer is None:
            return self.none()
        return self.filter(customer__in=Customer.objects.of_person(customer))

    def general(self) -> "CouponQuerySet":
        """Codes for all."""
        return self.exclude(uses_per_customer=None)

    def redeemable(self, at: datetime) -> "CouponQuerySet":
        """Those that have a use left which no order keeps; of locks that ran out, see `lock`."""
        return self.live(at).filter(redeemed_count__lt=F("maximum_redemptions") - F("locked_count"))

    def live(self, at: datetime) -> "CouponQuerySet":
        """Those that have a use left, whether or not an order keeps it just now."""
        unused = Q(redeemed_count__lt=F("maximum_redemptions"))
        return self.filter(unused, void_at=None, expires_at__gt=at)
