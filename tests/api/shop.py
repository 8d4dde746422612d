"""The shop that the documented examples speak of: one of everything, made by our own services."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from campaigns.models import Campaign, Measurement, Message
from catalog.messages import ProductMessage
from catalog.models import Product
from catalog.services.load import load_products
from customers.messages import CustomerMessage, EventMessage, IdentityMessage
from customers.models import Customer
from customers.services.customers import load_customers
from customers.services.ingest import ingest_events
from retention.insights import artifacts
from retention.insights.artifacts import Stored
from retention.insights.models import (
    ModelVersion,
    ProductPair,
    RecommendationList,
    SegmentJoining,
    SegmentMembership,
)
from retention.learning.interactions import Interactions
from retention.learning.recommend.learned import LearnedHybrid
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

ADA = CustomerMessage(
    external_id="c-1042",
    name="Ada Lovelace",
    email="ada@example.com",
    timezone="Europe/London",
    locale="en-GB",
    identities=[IdentityMessage(source="web", external_id="d41d8cd9")],
    consents={"ANALYTICS": True, "MARKETING": True},
)
PRODUCTS = [
    ProductMessage(
        external_id="mug-1",
        title="Blue mug",
        category="Kitchen > Mugs",
        price=1250,
        cost=480,
        currency="GBP",
        stock=12,
    ),
    ProductMessage(
        external_id="pot-2",
        title="Teapot",
        category="Kitchen > Pots",
        price=3400,
        cost=1500,
        currency="GBP",
    ),
]
REASONS = [
    {
        "feature": "days_since_last_order",
        "label": "Days since the last order",
        "theme": "rhythm",
        "value": 74.0,
        "effect": 0.82,
        "sentence": "no order for 74 days; usually every 31 days",
    }
]

EXAM = {
    "ndcg": {"value": 0.44, "low": 0.42, "high": 0.47},
    "popularity": {"ndcg": {"value": 0.11, "low": 0.1, "high": 0.12}},
    "over_popularity": {"value": 0.33, "low": 0.3, "high": 0.36},
    "customers": 412,
    "windows": [{"from": "2026-05-04", "until": "2026-06-01", "customers": 412}],
    "smoke": [
        {
            "question": "A new customer who did nothing yet: is there a list?",
            "answer": "10 products.",
            "right": True,
        }
    ],
}

JOINING: dict[str, Any] = {
    "horizon_days": 60,
    "tree": [
        {"above": None, "words": "", "is_leaf": False, "n": 1_200, "joined": 90, "now": 1_250},
        {
            "above": 0,
            "fact": 0,
            "yes": True,
            "rule": {"not": {"is": "orders", "days": 45, "at_least": 1}},
            "words": "no order in the last 45 days",
            "is_leaf": True,
            "n": 400,
            "joined": 80,
            "now": 420,
        },
        {
            "above": 0,
            "fact": 0,
            "yes": False,
            "rule": {"is": "orders", "days": 45, "at_least": 1},
            "words": "an order in the last 45 days",
            "is_leaf": True,
            "n": 800,
            "joined": 10,
            "now": 830,
        },
    ],
    "quality": {
        "tells": True,
        "n": 1_200,
        "joined": 90,
        "auc": {"value": 0.80, "low": 0.75, "high": 0.85},
        "lift": {"value": 2.7, "low": 2.2, "high": 3.1},
    },
    "as_of": NOW,
    "computed_at": NOW,
}


def open_shop() -> None:
    """Facts, insights and actions of a small shop on the first of June 2026."""
    load_products(PRODUCTS, at=NOW)
    load_customers([ADA], at=NOW, source="api")
    _sell()
    _learn()
    _look_through()
    _promise()


def _sell() -> None:
    ordered = NOW - timedelta(days=74)
    kinds = (("VIEW", "", None), ("PURCHASE", "o-41", 1250))
    events = [
        EventMessage(
            kind=kind,
            message_id=f"m-{n}",
            customer="c-1042",
            product="mug-1",
            order_id=order,
            unit_price=price,
            occurred_at=ordered + timedelta(minutes=5 * n),
        )
        for n, (kind, order, price) in enumerate(kinds)
    ]
    ingest_events(events, at=NOW)


def _rank(ada: Customer) -> None:
    """Ada slipped this month; twelve others stayed what they were."""
    make.rfm_score(
        customer=ada, recency=2, frequency=3, money=3, name="AT_RISK", history="AAAAAAAAAABH"
    )
    for _ in range(12):
        make.rfm_score(name="LOYAL", frequency=4, money=3, history="BBBBBBBBBBBB")


def _learn() -> None:
    ada = Customer.objects.get(external_id="c-1042")
    mug, pot = Product.objects.order_by("external_id")
    churn = _version(
        "CHURN",
        metrics={"auc": {"value": 0.89, "low": 0.88, "high": 0.91}},
        parameters={
            "model": {"horizon_days": 60, "min_orders": 1, "active_within_days": 180},
        },
    )
    make.churn_score(
        customer=ada,
        version=churn,
        churn_probability=0.72,
        horizon_days=60,
        base_log_odds=0.12,
        reasons=[REASONS[0] | {"sets_apart": True}],
        value_version=_version("VALUE", metrics={"rmse": 1.05}),
        predicted_clv_low=2_900,
        predicted_clv_high=19_400,
        probability_of_order=0.84,
        average_days_between_orders=31.0,
        expected_date_of_next_order=date(2026, 6, 20),
    )
    make.send_time(customer=ada, weekday_is_own=False, weekday_days=3)
    mugs = make.category()
    make.category_chance(customer=ada, category=mugs, probability=0.62, usual=0.21)
    leaving = make.segment(
        kind="RFM",
        key="AT_RISK",
        name="At risk",
        description="Bought often and for much, but not for a while.",
        profile={"advice": "Remind them of what they liked, with a reason to return."},
        size=275,
    )
    SegmentMembership.objects.create(segment=leaving, customer=ada, entered_at=NOW)
    SegmentJoining.objects.create(segment=leaving, **JOINING)
    _rank(ada)
    taste = _version(
        "FACTORIZATION",
        metrics=EXAM,
        artifact=_taste(mug.pk, pot.pk),
    )
    why = [["together", 1.31, None], ["trend", 0.42, 2.3], ["price", -0.28, None]]
    liked = {"product": pot.pk, "score": 0.18, "model": "taste", "because": mug.pk}
    liked |= {"log_odds": -1.5163, "why": why}
    bought = {"product": mug.pk, "score": 9.0, "model": "popularity"}
    RecommendationList.objects.create(customer=ada, version=taste, items=[liked], computed_at=NOW)
    RecommendationList.objects.create(customer=None, version=taste, items=[bought], computed_at=NOW)
    baskets = _version("BASKETS", window_start_at=NOW - timedelta(days=365), window_end_at=NOW)
    make.association_rule(antecedent=(mug,), consequent=pot, version=baskets)
    alike = {"score": 0.31, "both": 31, "of": 120}
    together = {"kind": "TOGETHER", "score": 0.27, "both": 12, "of": 80}
    for evidence in (alike, together):
        ProductPair.objects.create(product=mug, other=pot, version=taste, **evidence)


def _look_through() -> None:
    """What a check of the data found, and the decision about one of two findings."""
    make.data_check(
        events=21_040, learned=18_200, customers=912, revenue=41_000_000, left_out={"capped": 3}
    )
    make.data_finding(
        share=0.02,
        count=310,
        of=18_200,
        first_at=NOW - timedelta(days=30),
        last_at=NOW - timedelta(days=28),
        evidence={"customers": 41, "revenue_share": 0.02, "events": [7]},
    )
    huge = {"cap": 714_472, "money": 1_845_000, "largest": 900_000, "usual": 1180, "given_back": 2}
    make.data_finding(kind="HUGE", share=0.045, count=3, of=9_100, evidence=huge | {"events": [8]})
    make.data_cleaning(
        kind="LINES",
        finding="HUGE",
        cap=714_472,
        note="Two came back the same day.",
        lines=3,
        revenue_share=0.04,
    )


def _taste(*products: int) -> Stored:
    """A model of three customers, two of whom took both products."""
    took = Interactions.of(
        [0, 0, 1, 1, 2], [0, 1, 0, 1, 0], times=[20_500.0] * 5, n_customers=3, n_products=2
    )
    model = LearnedHybrid().fit(took, at_day=20_600.0)
    return artifacts.store(
        "taste",
        parameters={"hybrid": model.params()},
        arrays=model.arrays() | {"products": np.array(products), "customers": np.arange(3)},
    )


def _version(kind: str, *, artifact: Stored | None = None, **fields: object) -> ModelVersion:
    where = {"path": artifact.path, "checksum": artifact.checksum} if artifact else {}
    run = make.training_run(kind=kind, row_counts={"events": 148222}, finished_at=NOW, **fields)
    verdict = "The first of its kind."
    return make.model_version(
        kind=kind, number=1, run=run, state="CHAMPION", verdict=verdict, promoted_at=NOW, **where
    )


def _promise() -> None:
    at_risk(60, reasons=REASONS, churn_probability=0.75)
    spring, may = _campaign("Spring", "COMPLETED", days_ago=75), _campaign("May", "RUNNING")
    for metric, means in {"KEPT": (0.42, 0.36), "MARGIN": (810.0, 690.0)}.items():
        _measure(spring.pk, metric, *means)
    ada = Customer.objects.get(external_id="c-1042")
    coupon = make.coupon(
        campaign=may, customer=ada, code="K7QM-3TXW-9HRB", code_normal="K7QM3TXW9HRB"
    )
    Campaign.objects.filter(pk=may.pk).update(committed_amount=coupon.worst_case)
    Message.objects.create(
        campaign=may,
        customer=ada,
        coupon=coupon,
        channel="EMAIL",
        state="SKIPPED",
        reason="CAP",
        key="5f0c6a1d9e2b4c7788a0b1c2d3e4f506",
        due_at=NOW,
    )
    make.assignment(
        campaign=may,
        customer=ada,
        outcome="ISSUED",
        churn_probability=0.72,
        predicted_clv=10_000,
        reasons=REASONS,
        model_version="Churn v1",
    )


def _campaign(name: str, state: str, *, days_ago: int = 0) -> Campaign:
    start = NOW - timedelta(days=days_ago)
    ended_at = start + timedelta(days=60) if state == "COMPLETED" else None
    campaign = make.campaign(
        state=state, name=name, offer=False, created_at=start, launched_at=start, ended_at=ended_at
    )
    make.make_offer(campaign=campaign, name="10% off, at most £10.00", minimum_spend=2000)
    return campaign


def _measure(campaign_id: int, metric: str, treated: float, control: float) -> None:
    effect = treated - control
    Measurement.objects.create(
        campaign_id=campaign_id,
        metric=metric,
        treated_count=800,
        control_count=200,
        treated_mean=treated,
        control_mean=control,
        effect=effect,
        ci_low=effect / 2,
        ci_high=effect * 1.5,
        sample_ratio_p=0.9,
        measured_until=NOW - timedelta(days=15),
        measured_at=NOW - timedelta(days=15),
        details={"complete": True},
    )
