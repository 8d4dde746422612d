"""All campaigns in a few numbers, and the newest of them, for the home page."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Sum

from campaigns.models import Campaign, Coupon, Measurement

SHOWN = 6
"""Campaigns that are listed, and results that are drawn."""


@dataclass(frozen=True)
class Coupons:
    """Without those withdrawn unused. redeemed : uses; used : coupons that were used."""

    issued: int = 0
    redeemed: int = 0
    used: int = 0


@dataclass(frozen=True)
class CampaignLine:
    """What a campaign promised, and what it changed so far."""

    campaign: Campaign
    coupons: Coupons
    kept: Measurement | None
    margin: Measurement | None


@dataclass(frozen=True)
class Glance:
    """newest : of those not cancelled. running, coupons : of all. measured : the customers kept
    by those that were measured last."""

    newest: list[CampaignLine]
    running: int
    coupons: Coupons
    measured: list[Measurement]

    @property
    def used_note(self) -> str:
        issued, used = self.coupons.issued, self.coupons.used
        return f"{used:,} of {issued:,} coupons used" if issued else "no coupons yet"


def at_a_glance() -> Glance:
    """In 5 queries."""
    coupons = _coupons()
    return Glance(
        newest=_lines(coupons),
        running=Campaign.objects.filter(state="RUNNING").count(),
        coupons=Coupons(
            issued=sum(one.issued for one in coupons.values()),
            redeemed=sum(one.redeemed for one in coupons.values()),
            used=sum(one.used for one in coupons.values()),
        ),
        measured=_measured_last(),
    )


def _coupons() -> dict[int, Coupons]:
    """By campaign."""
    counted = (
        Coupon.objects.filter(Q(void_at=None) | Q(redeemed_count__gt=0))
        .values("campaign")
        .annotate(
            issued=Count("pk"),
            redeemed=Sum("redeemed_count"),
            used=Count("pk", filter=Q(redeemed_count__gt=0)),
        )
        .values_list("campaign", "issued", "redeemed", "used")
    )
    return {campaign: Coupons(*counts) for campaign, *counts in counted}


def _lines(coupons: dict[int, Coupons]) -> list[CampaignLine]:
    live = list(Campaign.objects.exclude(state="CANCELLED").order_by("-pk")[:SHOWN])
    newest: dict[tuple[int, str], Measurement] = {}
    for one in Measurement.objects.filter(campaign__in=live, offer=None).order_by("measured_until"):
        newest[one.campaign_id, one.metric] = one
    return [
        CampaignLine(
            campaign=campaign,
            coupons=coupons.get(campaign.pk, Coupons()),
            kept=newest.get((campaign.pk, "KEPT")),
            margin=newest.get((campaign.pk, "MARGIN")) or newest.get((campaign.pk, "REVENUE")),
        )
        for campaign in live
    ]


def _measured_last() -> list[Measurement]:
    kept = Measurement.objects.filter(metric="KEPT", offer=None)
    later = kept.filter(
        campaign=OuterRef("campaign"), measured_until__gt=OuterRef("measured_until")
    )
    newest = kept.filter(~Exists(later)).select_related("campaign")
    return list(newest.order_by("-measured_until", "-campaign_id")[:SHOWN])
