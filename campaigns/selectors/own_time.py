"""The days in which each customer of a campaign is measured: from its launch for all of them, or
from their own admission for whom a trigger chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Assignment, Campaign
from retention.learning.measure.looking import known_of_customers


def measured(campaign: Campaign, *, until: datetime) -> QuerySet[Assignment]:
    """The assignments that a measurement up to a moment is about: with a trigger, of customers
    whose days are over."""
    everyone = Assignment.objects.filter(campaign=campaign)
    over = until - timedelta(days=campaign.measure_days)
    return everyone.filter(assigned_at__lte=over) if campaign.trigger else everyone


@dataclass(frozen=True)
class OwnTime:
    """What counts of a campaign that is measured up to a moment. doubled : ids of assignments that
    do not, since their customer, merged since, has an earlier one."""

    campaign: Campaign
    until: datetime
    doubled: Sequence[int] = ()

    def after(self, rows: QuerySet[Any], *, who: str, moment: str) -> QuerySet[Any]:
        """Of events or redemptions those after the launch or the customer's own admission."""
        return self._within(rows, self._launch, self.until, 0, who=who, moment=moment)

    def before(self, rows: QuerySet[Any], *, who: str, moment: str) -> QuerySet[Any]:
        """Those in as many days before."""
        days = self.campaign.measure_days
        start, end = self._launch - timedelta(days=days), self._launch
        last = self.until if self.campaign.trigger else end
        return self._within(rows, start, last, -days, who=who, moment=moment)

    @property
    def _launch(self) -> datetime:
        if self.campaign.launched_at is None:
            raise ValueError(f"{self.campaign.name!r} was not launched.")
        return self.campaign.launched_at

    def _within(
        self,
        rows: QuerySet[Any],
        first: datetime,
        last: datetime,
        day: int,
        *,
        who: str,
        moment: str,
    ) -> QuerySet[Any]:
        rows = rows.filter(**{f"{moment}__gte": first, f"{moment}__lt": last})
        if not self.campaign.trigger:
            return rows
        began = OuterRef(moment) - timedelta(days=day)
        theirs = measured(self.campaign, until=self.until)
        own = theirs.exclude(pk__in=list(self.doubled)).filter(
            assigned_at__lte=began,
            assigned_at__gt=began - timedelta(days=self.campaign.measure_days),
        )
        # Two questions that an index answers, for one that none does.
        return rows.filter(
            Exists(own.filter(customer=OuterRef(who)))
            | Exists(own.filter(customer__merged_into=OuterRef(who)))
        )


def measured_part(campaign: Campaign, many: int, *, at: datetime) -> float:
    """How much of what will be known on the last day is known, 0 to 1: of the time, since all
    customers are followed at once; with a trigger of the customers. many : whose days are over."""
    first, last = campaign.launched_at, campaign.measures_until
    if first is None or last is None or at >= last:
        return 1.0
    if campaign.admits_until is None:
        return (at - first) / (last - first)
    came = campaign.assignments.filter(assigned_at__lte=at).count()
    until = campaign.admits_until
    elapsed = (at - first) / (until - first) if at < until else 1.0
    most = campaign.maximum_customers
    return known_of_customers(
        many, came=came, elapsed=elapsed, at_most=inf if most is None else most
    )
