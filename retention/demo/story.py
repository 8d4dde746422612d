"""A year and a half of a simulated shop, told through the same services a real shop uses.

The shop's past comes in, models learn from it, a campaign goes out to a part of those at risk, its
coupons are redeemed as the simulation decides, and what it changed is measured. The simulation
knows the truth, so the measured effect can be held against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.contrib.auth.models import User

from campaigns.actors import SCHEDULE, Actor
from campaigns.models import Assignment, Campaign, Coupon, Measurement, Offer
from campaigns.orders import Order
from campaigns.plans import CampaignPlan, OfferPlan
from campaigns.refusing import NotRedeemable
from campaigns.services.approve import approve_campaign
from campaigns.services.draft import draft_campaign
from campaigns.services.finish import finish_campaign
from campaigns.services.hand_over import hand_over
from campaigns.services.hold_out import hold_out_customers
from campaigns.services.issue import issue_coupons
from campaigns.services.launch import launch_campaign
from campaigns.services.measure import measure_campaign
from campaigns.services.measure_programme import measure_programme
from campaigns.services.redeem import redeem_coupon
from campaigns.services.submit import submit_campaign
from catalog.services.load import load_products
from customers.messages import EventMessage
from customers.models import Customer
from customers.services.customers import load_customers
from customers.services.ingest import KnownIds, ingest_events
from retention.demo.flaws import Flaws, registered_twice
from retention.demo.loop import Clock, Tell, run_loop
from retention.demo.segments import example_segments
from retention.demo.world import customer_messages, event_messages, product_messages
from retention.insights.models import Kind
from retention.insights.services.score import score_everyone
from retention.insights.services.segment import segment_everyone
from retention.insights.services.train import train
from retention.learning.simulate.coupons import Coupons
from retention.learning.simulate.events import EventBatch
from retention.learning.simulate.events import Kind as SimulatedKind
from retention.learning.simulate.shop import Shop
from retention.learning.simulate.spec import ShopSpec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HISTORY_DAYS, ORDERS_A_YEAR = 540, 6.0
CAMPAIGN_DAYS, MEASURE_DAYS = 40, 30
"""How long ago the campaign was launched, and for how long it is measured: that is over."""
HELD_OUT_DAYS = 90
"""So long before its campaign the shop began to hold some out of all campaigns."""
STEP_DAYS, LOOK_DAYS = 30, 5
"""How far the shop lives at a time; with a campaign, how often it is measured on the way."""


@dataclass(frozen=True)
class Told:
    """What the story came to. true_effect : more customers kept, known from the simulation."""

    customers: int
    events: int
    campaign: Campaign
    kept: Measurement | None
    true_effect: float


class Story:
    """One simulated shop, from its opening to this morning."""

    def __init__(
        self, *, now: datetime, clock: Clock, currency: str, tell: Tell, customers: int, seed: int
    ) -> None:
        self.now, self.today = now, int(now.timestamp() // 86_400)
        self.clock, self.notes = clock, list[str]()
        self.currency, self.tell = currency, tell
        self.launch_day = self.today - CAMPAIGN_DAYS
        self.measured_until = self.launch_day + MEASURE_DAYS
        opening = self.today - HISTORY_DAYS
        spec = ShopSpec(
            n_customers=customers,
            start_day=opening,
            joining_days=HISTORY_DAYS,
            orders_a_year=ORDERS_A_YEAR,
            currency=currency,
            seed=seed,
        )
        self.shop = Shop(spec)
        self.people = registered_twice(self.shop.people)
        self.flaws = Flaws(
            opening=opening,
            customers=customers,
            catalogue=self.shop.catalogue,
            currency=currency,
        )
        self.known = KnownIds()
        self.codes: dict[int, str] = {}
        self.events = 0
        self.came: set[int] = set()

    def play(self, *, operator: User, approver: User) -> Told:
        """The whole story; each step is seen by `tell`."""
        load_products(
            product_messages(self.shop.catalogue, currency=self.currency), at=_at(self.shop.day)
        )
        load_customers(self.flaws.strangers(), at=_at(self.shop.day))
        self._live_until(self.launch_day, what="The shop's first year")
        self._learn_who_leaves(_at(self.launch_day))
        campaign = self._campaign(operator, approver)
        without = self.shop.fork()
        self._live_until(self.today, what="Six weeks with the campaign", campaign=campaign)
        would_have_come = _buyers(without.advance(self.measured_until), self.measured_until)
        finish_campaign(campaign.pk, by=SCHEDULE, at=self.now)
        measure_programme(at=self.now)
        example_segments(at=self.now)
        for words in run_loop(at=self.now, clock=self.clock, tell=self.tell):
            self.notes.append(words)
        campaign.refresh_from_db()
        return Told(
            customers=Customer.objects.count_present(),
            events=self.events,
            campaign=campaign,
            kept=_kept(campaign),
            true_effect=self._true_effect(campaign, would_have_come),
        )

    def _live_until(self, day: int, *, what: str, campaign: Campaign | None = None) -> None:
        first, coupons = self.shop.day, self._coupons(campaign)
        step = STEP_DAYS if campaign is None else LOOK_DAYS
        while self.shop.day < day:
            until = min(self.shop.day + step, day)
            people = customer_messages(self.people, first=self.shop.day, last=until)
            load_customers(people, at=_at(until))
            self._send(self.flaws.strangers_did(self.shop.day, until), until)
            batch = self.shop.advance(until, coupons=coupons)
            coupons = None
            if campaign is not None:
                self.came |= _buyers(batch, self.measured_until)
            self._redeem(batch)
            self._send_in(batch, until)
            if campaign is not None:
                measure_campaign(campaign.pk, at=_at(until))
            if until >= self.launch_day - HELD_OUT_DAYS:
                hold_out_customers(at=_at(until), progress=_quiet)
            self.tell(what, self.shop.day - first, day - first)

    def _send_in(self, batch: EventBatch, until: int) -> None:
        for part in self._messages(self.flaws.arriving(batch)):
            self._send(part, until)
        for part in self._messages(self.flaws.sent_again(batch), named="again"):
            self._send(part, until, later=timedelta(hours=1))

    def _messages(self, batch: EventBatch, *, named: str = "sim") -> Iterator[list[EventMessage]]:
        return event_messages(
            batch,
            catalogue=self.shop.catalogue,
            people=self.people,
            currency=self.currency,
            codes=self.codes,
            named=named,
        )

    def _send(
        self, messages: list[EventMessage], until: int, *, later: timedelta = timedelta()
    ) -> None:
        self.events += ingest_events(messages, at=_at(until) + later, known=self.known).stored

    def _learn_who_leaves(self, at: datetime) -> None:
        self.tell("Learning who leaves", 0, 1)
        train(Kind.CHURN, at=at, asked_by="the demonstration")
        score_everyone(at=at)
        segment_everyone(at=at)

    def _campaign(self, operator: User, approver: User) -> Campaign:
        at = _at(self.launch_day)
        writer, second = Actor.of(operator), Actor.of(approver)
        plan = CampaignPlan(
            name="Come back to us",
            bands=("HIGH", "MEDIUM"),
            budget_amount=600_000,
            currency=self.currency,
            control_share=0.5,
            measure_days=MEASURE_DAYS,
            offers=(OfferPlan(benefit=Offer.Benefit.AMOUNT, amount=800, valid_days=MEASURE_DAYS),),
        )
        campaign = draft_campaign(plan, by=writer, at=at)
        submit_campaign(campaign.pk, by=writer, at=at)
        approve_campaign(campaign.pk, by=second, at=at)
        launch_campaign(campaign.pk, by=writer, at=at, progress=_quiet)
        issue_coupons(campaign.pk, at=at, progress=lambda d, t, m: self.tell("Coupons", d, t))
        issued = campaign.coupons.order_by("pk")
        hand_over(issued, list(issued.values_list("pk", flat=True)), at=at)
        campaign.refresh_from_db()
        return campaign

    def _coupons(self, campaign: Campaign | None) -> Coupons | None:
        """The campaign's coupons as the simulation takes them, remembering which code is which."""
        if campaign is None:
            return None
        rows = {who: row for row, who in enumerate(self.shop.people.external_ids)}
        issued = Coupon.objects.filter(campaign=campaign).select_related("customer", "offer")
        held = [coupon for coupon in issued.order_by("pk") if coupon.customer]
        first = self.shop.n_coupons
        self.codes |= {first + number: coupon.code for number, coupon in enumerate(held)}
        n = len(held)
        return Coupons(
            customer=np.array([rows[c.customer.external_id] for c in held if c.customer]),
            percent=np.array([float(c.offer.percent or 0) for c in held]),
            amount=np.array([c.offer.amount or 0 for c in held], dtype=np.int64),
            valid_from=np.full(n, self.launch_day, dtype=np.int64),
            valid_until=np.array([_day(c.expires_at) for c in held], dtype=np.int64),
        )

    def _redeem(self, batch: EventBatch) -> None:
        """Spend the coupons of these orders as a shop's checkout does."""
        used = batch.take(batch.coupon >= 0)
        for order in np.unique(used.order).tolist():
            lines = used.take(used.order == order)
            total = int((lines.quantity * lines.unit_price).sum())
            try:
                redeem_coupon(
                    self.codes[int(lines.coupon[0])],
                    order=Order(
                        order_id=f"D{order:07d}",
                        customer=self.shop.people.external_ids[int(lines.customer[0])],
                        amount=total,
                        currency=self.currency,
                    ),
                    at=EPOCH + timedelta(seconds=int(lines.seconds[0])),
                )
            except NotRedeemable:
                # As in a real shop: the customer pays in full, and the order stands.
                continue

    def _true_effect(self, campaign: Campaign, would_have_come: set[int]) -> float:
        """Share of the treated who ordered, less the share who would have with no campaign."""
        rows = {who: row for row, who in enumerate(self.shop.people.external_ids)}
        ids = campaign.assignments.filter(arm=Assignment.Arm.TREATMENT)
        treated = {rows[who] for who in ids.values_list("customer__external_id", flat=True)}
        return (len(treated & self.came) - len(treated & would_have_come)) / max(len(treated), 1)


def _kept(campaign: Campaign) -> Measurement | None:
    newest = campaign.measurements.filter(offer=None, metric="KEPT").order_by("-measured_until")
    return newest.first()


def _buyers(batch: EventBatch, until_day: int) -> set[int]:
    """Rows of the customers who ordered before a day."""
    bought = batch.of_kind(SimulatedKind.PURCHASE)
    return set(bought.customer[bought.time < until_day].tolist())


def _at(day: int) -> datetime:
    return EPOCH + timedelta(days=day)


def _day(moment: datetime) -> int:
    return int(moment.timestamp() // 86_400)


def _quiet(done: int, total: int, message: str) -> None:
    """Nobody watches this step."""
