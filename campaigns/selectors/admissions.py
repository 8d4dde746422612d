"""Who came into a campaign by its trigger: how many a day, and who lately, with why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils.timezone import localtime

from campaigns.models import Assignment, Campaign

LATEST = 10
MOST_DAYS = 60
"""Days that are told apart, the newest."""


@dataclass(frozen=True)
class Day:
    """treated, control : customers who came in on it, by the shop's calendar."""

    day: date
    treated: int
    control: int


@dataclass(frozen=True)
class Admissions:
    """days : every day since the launch, oldest first. latest : the newest first."""

    total: int
    days: tuple[Day, ...]
    latest: Sequence[Assignment]


def admissions_of(campaign: Campaign, *, at: datetime) -> Admissions:
    """Of a campaign that was launched; in 3 queries."""
    first = campaign.launched_at or at
    last = localtime(min(at, max(campaign.admits_until or at, first))).date()
    since = max(localtime(first).date(), last - timedelta(days=MOST_DAYS - 1))
    counted = (
        campaign.assignments.annotate(day=TruncDate("assigned_at"))
        .filter(day__gte=since)
        .values("day")
        .annotate(treated=Count("pk", filter=Q(arm="TREATMENT")), everyone=Count("pk"))
    )
    by_day = {one["day"]: (one["treated"], one["everyone"]) for one in counted}
    latest = campaign.assignments.exclude(customer=None).select_related(
        "offer", "customer__contact", "customer__merged_into__contact"
    )
    return Admissions(
        total=campaign.assignments.count(),
        days=tuple(
            Day(day, treated, everyone - treated)
            for n in range((last - since).days + 1)
            for day in [since + timedelta(days=n)]
            for treated, everyone in [by_day.get(day, (0, 0))]
        ),
        latest=list(latest.order_by("-assigned_at", "-rank")[:LATEST]),
    )
