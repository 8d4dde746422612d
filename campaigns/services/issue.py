from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from campaigns.codes import new_codes, normal
from campaigns.models import Assignment, Campaign, Coupon, LaunchChunk, Offer
from campaigns.selectors.consent import contactable
from campaigns.selectors.doubled import drawn_before
from campaigns.selectors.personal import products_for

from .transition import State, held
from .write_messages import write_messages

CHUNK = 500
"""Customers issued to in one transaction: it lasts well under a tenth of a second."""
Outcome = Assignment.Outcome
Progress = Callable[[int, int, str], None]


class BudgetExhausted(Exception):
    """The budget was spent between reading and promising it, which the campaign's lock forbids."""


def issue_coupons(campaign_id: int, *, at: datetime, progress: Progress) -> int:
    """Give everyone a launch chose their coupon, chunk by chunk; returns how many coupons it made.

    Any number of workers may do this at once, and each may be killed at any moment: a chunk is
    committed whole, with its coupons, their messages, its budget and its mark, or not at all. It
    ends when all is done, and after the chunk in flight when the campaign is paused or cancelled.
    """
    chunks = LaunchChunk.objects.filter(campaign=campaign_id)
    total, made = chunks.count(), 0
    while (issued := _issue_next_chunk(campaign_id, at)) is not None:
        made += issued
        done = chunks.exclude(done_at=None).count()
        progress(done, total, f"{made:,} coupons issued")
    return made


def _issue_next_chunk(campaign_id: int, at: datetime) -> int | None:
    """One chunk in one transaction; None where there is none, or the campaign is not running."""
    codes = new_codes(CHUNK)  # Before the lock, which should be short.
    with transaction.atomic():
        campaign = held(campaign_id)
        chunk = campaign.chunks.filter(done_at=None).order_by("number").first()
        if campaign.state != State.RUNNING or chunk is None:
            return None
        decided = _decide(campaign, _waiting(campaign, chunk))
        coupons = Coupon.objects.bulk_create(_coupons(campaign, decided.chosen, codes, at))
        write_messages(campaign, coupons, at=at)
        if not campaign.commit_money(decided.cost):
            raise BudgetExhausted(f"{campaign.name!r} cannot promise {decided.cost} more.")
        decided.write()
        LaunchChunk.objects.filter(pk=chunk.pk).update(done_at=at)
    return len(decided.chosen)


def _waiting(campaign: Campaign, chunk: LaunchChunk) -> list[Assignment]:
    waiting = campaign.assignments.filter(chunk=chunk.number, outcome=Outcome.WAITING)
    return list(waiting.select_related("offer").order_by("rank"))


@dataclass
class Decided:
    """What becomes of each customer of a chunk, and what their coupons may cost at worst."""

    chosen: list[Assignment] = field(default_factory=list)
    beyond_budget: list[Assignment] = field(default_factory=list)
    withdrawn: list[Assignment] = field(default_factory=list)
    doubled: list[Assignment] = field(default_factory=list)
    cost: int = 0

    def write(self) -> None:
        _set(self.chosen, Outcome.ISSUED)
        _set(self.beyond_budget, Outcome.BUDGET)
        _set(self.withdrawn, Outcome.WITHDRAWN)
        _set(self.doubled, Outcome.DOUBLED)


def _decide(campaign: Campaign, waiting: Iterable[Assignment]) -> Decided:
    """Best customers first, while the budget lasts. Consent is asked again: it may have gone."""
    decided, everyone = Decided(), list(waiting)
    willing = contactable(assignment.customer_id for assignment in everyone)
    doubled = drawn_before(campaign, everyone)
    for assignment in everyone:
        worst_case = _offer(assignment).maximum_discount
        if assignment.pk in doubled:
            decided.doubled.append(assignment)
        elif assignment.customer_id not in willing:
            decided.withdrawn.append(assignment)
        elif decided.cost + worst_case > campaign.remaining_amount:
            decided.beyond_budget.append(assignment)
        else:
            decided.chosen.append(assignment)
            decided.cost += worst_case
    return decided


def _coupons(
    campaign: Campaign, chosen: Iterable[Assignment], codes: list[str], at: datetime
) -> list[Coupon]:
    products = _products(chosen)
    return [
        Coupon(
            campaign=campaign,
            offer=(offer := _offer(assignment)),
            customer_id=assignment.customer_id,
            code=code,
            code_normal=normal(code),
            worst_case=offer.maximum_discount,
            products=products.get(assignment.pk, []),
            issued_at=at,
            expires_at=at + timedelta(days=offer.valid_days),
        )
        # One code of the batch for each; the rest is thrown away.
        for assignment, code in zip(chosen, codes, strict=False)
    ]


def _products(chosen: Iterable[Assignment]) -> dict[int, list[str]]:
    """What each is for, where that hangs on the customer."""
    groups: dict[Offer, list[Assignment]] = {}
    for assignment in chosen:
        groups.setdefault(_offer(assignment), []).append(assignment)
    found: dict[int, list[str]] = {}
    for offer, members in groups.items():
        theirs = products_for(offer, [one.customer_id for one in members if one.customer_id])
        found |= {one.pk: theirs.get(one.customer_id or 0, []) for one in members}
    return found


def _offer(assignment: Assignment) -> Offer:
    offer = assignment.offer
    if offer is None:
        raise ValueError(f"Assignment {assignment.pk} waits for a coupon and has no offer.")
    return offer


def _set(assignments: Iterable[Assignment], outcome: Outcome) -> None:
    ids = [assignment.pk for assignment in assignments]
    if ids:
        Assignment.objects.filter(pk__in=ids).update(outcome=outcome)
