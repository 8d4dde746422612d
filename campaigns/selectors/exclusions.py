"""Why a customer of the chosen band or segment is left out: every rule, in the order they apply."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet

from campaigns.models import Assignment, Campaign, Coupon, Holdout
from customers.models import Customer, Purpose
from customers.querysets import current
from retention.insights.models import DataCleaning
from retention.learning.panel import IntArray

from .arms import drawn_for_holdout
from .candidates import FETCHED, Candidates

LeftOut = Callable[[Campaign, Candidates, datetime], IntArray]
"""The ids that a rule leaves out of some customers; others among them do no harm."""


@dataclass(frozen=True)
class Exclusion:
    """How many customers a rule left out that no earlier rule had."""

    reason: str
    label: str
    count: int


@dataclass(frozen=True)
class Rule:
    """A reason to leave customers out, for machines and for people."""

    reason: str
    label: str
    left_out: LeftOut


def without_consent(purpose: Purpose) -> LeftOut:
    def left_out(campaign: Campaign, left: Candidates, at: datetime) -> IntArray:
        willing = Customer.objects.consenting(purpose).values_list("pk", flat=True)
        return np.setdiff1d(left.customer, as_ids(willing.iterator(chunk_size=FETCHED)))

    return left_out


def in_another_campaign(campaign: Campaign, left: Candidates, at: datetime) -> IntArray:
    """In either arm: a control customer who got another coupon would compare with nothing.

    A campaign that was cancelled is measured to its last day all the same. Whom a trigger admitted
    is free again when their own days are over.
    """
    others = Campaign.objects.measuring(at).exclude(pk=campaign.pk)
    busy = Assignment.objects.filter(campaign__in=others)
    for other in others.exclude(trigger="", state__in=["RUNNING", "PAUSED"]):
        over = at - timedelta(days=other.measure_days)
        busy = busy.exclude(campaign=other, assigned_at__lte=over)
    return _whose(busy)


def contacted_lately(campaign: Campaign, left: Candidates, at: datetime) -> IntArray:
    since = at - timedelta(days=campaign.contact_gap_days)
    lately = Coupon.objects.filter(issued_at__gt=since)
    return _whose(lately)


def _whose(rows: QuerySet[Any]) -> IntArray:
    """Who the customers of assignments or coupons are now."""
    now = rows.annotate(who=current("customer")).values_list("who", flat=True)
    return as_ids(now.iterator(chunk_size=FETCHED))


def no_person(campaign: Campaign, left: Candidates, at: datetime) -> IntArray:
    """Tills, bots and test accounts, as operators decided: a coupon there keeps nobody."""
    return as_ids(DataCleaning.objects.excluded().iterator(chunk_size=FETCHED))


def held_out(campaign: Campaign, left: Candidates, at: datetime) -> IntArray:
    """Who was held out before, and whom the salt draws now: a launch enters them."""
    before = Holdout.objects.values_list("customer_id", flat=True)
    drawn = left.customer[drawn_for_holdout(left.key)]
    return np.concatenate([as_ids(before.iterator(chunk_size=FETCHED)), drawn])


def driven_away(campaign: Campaign, left: Candidates, at: datetime) -> IntArray:
    """Sleeping dogs: measured uplift says that a coupon makes them likelier to leave."""
    return left.customer[left.uplift < 0]


def as_ids(values: Iterable[int | None]) -> IntArray:
    """Ids as an array, without those of customers who were forgotten."""
    return np.fromiter((value for value in values if value is not None), dtype=np.int64)


RULES = (
    Rule("no_person", "Left out of learning: a till, bot or test account", no_person),
    Rule("no_marketing_consent", "No consent to marketing", without_consent(Purpose.MARKETING)),
    Rule("no_analytics_consent", "Objected to analytics", without_consent(Purpose.ANALYTICS)),
    Rule("in_another_campaign", "In another campaign that is still measured", in_another_campaign),
    Rule("contacted_lately", "Got a coupon lately", contacted_lately),
    Rule("held_out", "Held out of all campaigns", held_out),
    Rule("driven_away", "Expected to leave because of a coupon", driven_away),
)
