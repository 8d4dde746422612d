"""What the home page and the customer page say, gathered over all apps."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from campaigns.models import Coupon, Redemption
from campaigns.selectors.at_a_glance import Glance, at_a_glance
from campaigns.selectors.earned import Programme, programme
from customers.models import (
    Consent,
    Customer,
    CustomerContact,
    CustomerIdentity,
    CustomerMerge,
    Event,
)
from retention.insights.models import (
    CategoryChance,
    ChurnDefinition,
    ChurnScore,
    DataCleaning,
    NextCategory,
    SegmentMembership,
    SendTime,
)
from retention.insights.selectors import (
    BandSummary,
    Freshness,
    WeekOfSales,
    band_summaries,
    freshness,
    known_until,
    weekly_sales,
)
from retention.insights.wording_timing import BestTime, chance_in_words, times_in_words
from retention.insights.wording_value import next_order_in_words, value_in_words
from retention.jobs.models import JobRun
from retention.present.moments import day

LOOK_BACK = timedelta(days=7)
TIMELINE = 30
CHANCES = 5


@dataclass(frozen=True)
class Home:
    """The state of the shop's retention at a moment. Amounts in minor units."""

    at: datetime
    currency: str
    definition: ChurnDefinition | None
    bands: list[BandSummary]
    sales: list[WeekOfSales]
    campaigns: Glance
    models: list[Freshness]
    failed_jobs: list[JobRun]
    running_jobs: list[JobRun]
    customers: int
    known_until: datetime
    programme: Programme

    @property
    def data_ended(self) -> bool:
        """Nothing has come in for days: the page speaks of then, not of now."""
        return self.known_until < self.at

    @property
    def scored(self) -> int:
        return sum(band.customers for band in self.bands)

    @property
    def at_risk(self) -> BandSummary:
        return self.bands[0]

    @property
    def at_stake(self) -> int:
        return sum(band.at_stake for band in self.bands)

    @property
    def computed_at(self) -> datetime | None:
        """Of any score: a night computes them all, and the newest is nowhere in order."""
        some = ChurnScore.objects.order_by("pk").first() if self.scored else None
        return some.computed_at if some else None

    @property
    def before_note(self) -> str:
        before = self.four_weeks_before
        if not before:
            return "nothing in the 4 weeks before"
        return f"{self.last_four_weeks / before - 1:+.0%} against the 4 weeks before"

    @property
    def last_four_weeks(self) -> int:
        return sum(week.revenue for week in self.sales[-4:])

    @property
    def four_weeks_before(self) -> int:
        return sum(week.revenue for week in self.sales[-8:-4])


def home(*, at: datetime) -> Home:
    """Everything on the home page; a fixed number of queries."""
    jobs = JobRun.objects.order_by("-pk")
    until = known_until(at)
    return Home(
        at=at,
        currency=settings.SHOP_CURRENCY,
        definition=ChurnDefinition.objects.first(),
        bands=band_summaries(),
        sales=weekly_sales(at=until),
        campaigns=at_a_glance(),
        models=freshness(),
        failed_jobs=list(jobs.filter(state="FAILED", finished_at__gte=at - LOOK_BACK)[:5]),
        running_jobs=list(jobs.filter(state__in=["RUNNING", "QUEUED"], scheduled_for__lte=at)[:5]),
        customers=Customer.objects.count_present(),
        known_until=until,
        programme=programme(),
    )


@dataclass(frozen=True)
class CustomerView:
    """All that is known of one customer."""

    customer: Customer
    contact: CustomerContact | None
    identities: list[CustomerIdentity]
    consents: list[Consent]
    score: ChurnScore | None
    send_time: SendTime | None
    chances: list[CategoryChance]
    next_category: NextCategory | None
    memberships: list[SegmentMembership]
    coupons: list[Coupon]
    redemptions: list[Redemption]
    timeline: list[Event]
    merges: list[CustomerMerge]
    totals: dict[str, int]
    left_out: DataCleaning | None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is known, in words."""
        who = self.customer
        known = [(i.source, i.external_id) for i in self.identities]
        return [
            ("First seen", day(who.first_seen_at)),
            ("Last seen", day(who.last_seen_at)),
            ("Known as", ", ".join(f"{external_id} ({source})" for source, external_id in known)),
            *[
                (c.get_purpose_display(), "agreed" if c.granted else "refused")
                for c in self.consents
            ],
        ]

    @property
    def why_no_score(self) -> str:
        refused = any(c.purpose == "ANALYTICS" and not c.granted for c in self.consents)
        if refused:
            return "This customer objected to being analysed: no score, no segment."
        if self.left_out:
            return "Left out of learning: no score, no segment, no coupon."
        return "Scored are customers whose last order lies within the audience of the definition."

    @property
    def orders_note(self) -> str:
        orders = self.score.predicted_number_of_orders if self.score else 0.0
        return f"{orders:.1f} orders"

    @property
    def value_words(self) -> list[str]:
        return list(value_in_words(self.score)) if self.score else []

    @property
    def best_times(self) -> list[BestTime]:
        return times_in_words(self.send_time) if self.send_time else []

    @property
    def chance_words(self) -> list[tuple[str, str]]:
        """Each category they are likely to buy from, and how likely that is, against all."""
        return [(str(one.category), chance_in_words(one)) for one in self.chances]

    @property
    def gap_words(self) -> str:
        gap = self.score.average_days_between_orders if self.score else None
        return "–" if gap is None else f"{gap:.0f} days"

    @property
    def next_order_note(self) -> str:
        return next_order_in_words(self.score) if self.score else "ordered once so far"

    @property
    def counted(self) -> str:
        names = sorted(self.totals.items(), key=lambda item: -item[1])
        return ", ".join(f"{count:,} {_plural(kind, count)}" for kind, count in names)


def _plural(kind: str, count: int) -> str:
    word = kind.lower().replace("_", " ")
    return word if count == 1 else f"{word}s"


def customer_view(customer: Customer) -> CustomerView:
    """One customer over all apps; a fixed number of queries."""
    coupons = Coupon.objects.of_person(customer)
    counted = customer.events.values("kind").annotate(n=Count("pk"))
    scores = ChurnScore.objects.consented().select_related("version__run", "value_version")
    return CustomerView(
        customer=customer,
        contact=CustomerContact.objects.filter(customer=customer).first(),
        identities=list(customer.identities.order_by("source")),
        consents=list(customer.consents.filter(is_current=True).order_by("purpose")),
        score=scores.filter(customer=customer).first(),
        next_category=NextCategory.objects.consented().filter(customer=customer).first(),
        send_time=SendTime.objects.consented()
        .filter(customer=customer)
        .select_related("customer")
        .first(),
        chances=list(CategoryChance.objects.best_of(customer)[:CHANCES]),
        memberships=list(
            SegmentMembership.objects.consented()
            .current()
            .filter(customer=customer)
            .select_related("segment")
            .order_by("segment__kind")
        ),
        coupons=list(coupons.select_related("campaign", "offer").order_by("-issued_at")[:20]),
        redemptions=list(Redemption.objects.of_person(customer).order_by("-redeemed_at")[:20]),
        merges=list(
            CustomerMerge.objects.in_force()
            .filter(Q(kept=customer) | Q(absorbed__merged_into=customer))
            .select_related("kept", "absorbed")
            .order_by("-pk")
        ),
        timeline=list(
            customer.events.select_related("product").order_by("-occurred_at")[:TIMELINE]
        ),
        totals={row["kind"]: row["n"] for row in counted},
        left_out=DataCleaning.objects.in_force().filter(kind="EXCLUDE", customer=customer).first(),
    )
