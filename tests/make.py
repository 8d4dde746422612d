"""Builders: `make.thing()` is valid; a test states only what it is about."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import F

from campaigns.codes import normal
from campaigns.models import (
    Assignment,
    Campaign,
    Coupon,
    CouponLock,
    Measurement,
    Message,
    MessageTemplate,
    Offer,
)
from catalog.models import Category, Product
from customers.models import (
    Consent,
    Customer,
    CustomerContact,
    CustomerIdentity,
    Event,
    Purpose,
)
from retention.insights.models import (
    AssociationRule,
    CategoryChance,
    ChurnScore,
    DataCheck,
    DataCleaning,
    DataFinding,
    Kind,
    ModelVersion,
    RfmScore,
    Segment,
    SendTime,
    TrainingRun,
)

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def count_anew() -> None:
    """Each test's things have the same numbers whatever ran before it: arms are drawn by them."""
    global _numbers  # noqa: PLW0603
    _numbers = itertools.count(1)


def category(path: str = "Kitchen > Mugs") -> Category:
    return Category.objects.get_or_create(path=path, defaults={"name": path.rpartition(" > ")[2]})[
        0
    ]


def product(**fields: Any) -> Product:
    n = next(_numbers)
    given = {
        "external_id": f"p{n}",
        "title": f"Mug {n}",
        "price": 1200,
        "cost": 500,
        "currency": "GBP",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Product.objects.create(**(given | fields))


def customer(*, consents: tuple[str, ...] = tuple(Purpose.values), **fields: Any) -> Customer:
    n = next(_numbers)
    given = {"external_id": f"c{n}", "created_at": NOW}
    made = Customer.objects.create(**(given | fields))
    CustomerIdentity.objects.create(customer=made, source="shop", external_id=made.external_id)
    for purpose in consents:
        consent(customer=made, purpose=purpose)
    return made


def consent(**fields: Any) -> Consent:
    given = {"granted": True, "source": "test", "recorded_at": NOW}
    return Consent.objects.create(**(given | fields))


def event(**fields: Any) -> Event:
    n = next(_numbers)
    given: dict[str, Any] = {"message_id": f"m{n}", "occurred_at": NOW, "received_at": NOW}
    given |= {"kind": "PURCHASE", "order_id": f"o{n}", "amount": 1200, "currency": "GBP"}
    return Event.objects.create(**(given | fields))


def user(**fields: Any) -> User:
    given: dict[str, Any] = {"username": f"user{next(_numbers)}"}
    given |= {"is_staff": True, "is_superuser": True}
    return get_user_model().objects.create_user(**(given | fields))


def training_run(**fields: Any) -> TrainingRun:
    given = {"kind": Kind.CHURN, "state": "DONE", "learned_at": NOW, "started_at": NOW}
    return TrainingRun.objects.create(**(given | fields))


def model_version(**fields: Any) -> ModelVersion:
    n = next(_numbers)
    given = {"kind": Kind.CHURN, "number": n, "path": f"v{n}", "checksum": "0" * 64}
    given |= {"created_at": NOW}
    if "run" not in fields:
        given["run"] = training_run(kind=fields.get("kind", Kind.CHURN))
    return ModelVersion.objects.create(**(given | fields))


def rfm_score(**fields: Any) -> RfmScore:
    """A champion for a year, unless the test says otherwise."""
    given: dict[str, Any] = {"recency": 5, "frequency": 5, "money": 5, "name": "CHAMPIONS"}
    given |= {"history": "A" * 12, "as_of": NOW}
    if "customer" not in fields:
        given["customer"] = customer()
    return RfmScore.objects.create(**(given | fields))


def send_time(**fields: Any) -> SendTime:
    """Fridays at seven in the evening by habit, unless the test says otherwise."""
    given: dict[str, Any] = {"hour": 19, "hour_is_own": True, "hour_days": 11, "hour_days_of": 14}
    given |= {"weekday": 4, "weekday_is_own": True, "weekday_days": 9, "weekday_days_of": 14}
    given |= {"computed_at": NOW}
    if "customer" not in fields:
        given["customer"] = customer()
    return SendTime.objects.create(**(given | fields))


def category_chance(**fields: Any) -> CategoryChance:
    """One in two, where one in ten is usual, unless the test says otherwise."""
    given: dict[str, Any] = {"probability": 0.5, "usual": 0.1, "days": 30, "computed_at": NOW}
    if "customer" not in fields:
        given["customer"] = customer()
    if "category" not in fields:
        given["category"] = category()
    return CategoryChance.objects.create(**(given | fields))


def churn_score(**fields: Any) -> ChurnScore:
    given = {
        "churn_probability": 0.8,
        "churn_band": "HIGH",
        "base_log_odds": 0.0,
        "historic_clv": 20_000,
        "predicted_clv": 10_000,
        "predicted_number_of_orders": 3.0,
        "currency": "GBP",
        "computed_at": NOW,
    }
    if "customer" not in fields:
        given["customer"] = customer()
    if "version" not in fields:
        given["version"] = ModelVersion.objects.filter(
            kind=Kind.CHURN, state="CHAMPION"
        ).first() or model_version(state="CHAMPION")
    return ChurnScore.objects.create(**(given | fields))


def data_finding(**fields: Any) -> DataFinding:
    """Events told twice, unless the test says otherwise."""
    given: dict[str, Any] = {"kind": "DUPLICATES", "severity": "SERIOUS", "share": 0.05}
    given |= {"count": 5, "of": 100, "found_at": NOW}
    given["evidence"] = {"customers": 2, "revenue_share": 0.05, "events": [1, 2]}
    return DataFinding.objects.create(**(given | fields))


def data_check(**fields: Any) -> DataCheck:
    given = {"checked_at": NOW, "events": 120, "learned": 100, "customers": 10, "revenue": 50_000}
    return DataCheck.objects.create(pk=1, **(given | fields))


def data_cleaning(**fields: Any) -> DataCleaning:
    """A customer left out, unless the test says otherwise."""
    given: dict[str, Any] = {"kind": "EXCLUDE", "decided_by": "ada", "decided_at": NOW}
    if fields.get("kind", "EXCLUDE") == "EXCLUDE" and "customer" not in fields:
        given["customer"] = customer()
    return DataCleaning.objects.create(**(given | fields))


def segment(**fields: Any) -> Segment:
    n = next(_numbers)
    given = {"kind": "RFM", "key": f"s{n}", "name": f"Segment {n}", "computed_at": NOW}
    if "rule" in fields:
        given["kind"] = "RULE"
    return Segment.objects.create(**(given | fields))


def association_rule(*, antecedent: tuple[Product, ...] = (), **fields: Any) -> AssociationRule:
    """31 of 120 baskets with the one also had the other: 4.2 times as often as usual."""
    given: dict[str, Any] = {"kind": "BASKET", "both": 31, "of": 120, "total": 1000}
    given |= {"customers": 28, "usual": 0.0615, "expected": 9.0, "beyond": 22.0}
    given |= {"support": 0.031, "confidence": 0.2583, "lift": 4.2, "leverage": 0.0236}
    given |= {"confidence_low": 0.188, "confidence_high": 0.343, "conviction": 1.27}
    given |= {"false_discovery_rate": 1e-6}
    if fields.get("kind") == "LATER":
        given |= {"within_days": 60, "gap_low": 5.0, "gap_median": 12.0, "gap_high": 20.0}
        given |= {"back": 14, "customers": 31}
    if "consequent" not in fields:
        given["consequent"] = product()
    if "version" not in fields:
        given["version"] = ModelVersion.objects.filter(
            kind=Kind.BASKETS, state="CHAMPION"
        ).first() or model_version(kind=Kind.BASKETS, state="CHAMPION")
    made = AssociationRule.objects.create(**(given | fields))
    made.antecedent.set(antecedent or (product(),))
    return made


def campaign(*, offer: bool = True, **fields: Any) -> Campaign:
    given: dict[str, Any] = {
        "name": "Win them back",
        "bands": ["HIGH"],
        "budget_amount": 100_000,
        "currency": "GBP",
        "salt": f"salt{next(_numbers)}",
        "created_at": NOW,
    }
    if fields.get("state") in {"RUNNING", "PAUSED", "COMPLETED"}:
        given["launched_at"] = NOW
    made = Campaign.objects.create(**(given | fields))
    if offer:
        make_offer(campaign=made)
    return made


def make_offer(**fields: Any) -> Offer:
    given: dict[str, Any] = {"name": "10 % off", "benefit": "PERCENT", "percent": 10}
    given |= {"maximum_discount": 1000}
    return Offer.objects.create(**(given | fields))


def assignment(**fields: Any) -> Assignment:
    """In the treatment arm of its campaign's first offer, unless the test says otherwise."""
    given: dict[str, Any] = {"rank": 1, "chunk": 0, "probability": 0.8, "priority": 1.0}
    given |= {"assigned_at": NOW}
    if "customer" not in fields:
        given["customer"] = customer()
    if fields.get("arm", "TREATMENT") == "TREATMENT":
        given |= {"arm": "TREATMENT", "outcome": "WAITING"}
        given["offer"] = fields["campaign"].offers.first()
    else:
        given |= {"outcome": "CONTROL", "probability": 0.2}
    return Assignment.objects.create(**(given | fields))


def coupon(**fields: Any) -> Coupon:
    n = next(_numbers)
    campaign_ = fields.pop("campaign", None) or campaign(state="RUNNING")
    given: dict[str, Any] = {
        "campaign": campaign_,
        "offer": campaign_.offers.first(),
        "customer": fields.pop("customer", None) or customer(),
        "code": f"CODE-{n:04}",
        "code_normal": normal(f"CODE-{n:04}"),
        "worst_case": 1000,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(days=30),
    }
    return Coupon.objects.create(**(given | fields))


def coupon_lock(*, coupon: Coupon, **fields: Any) -> CouponLock:
    """For an order that is being placed: a quarter of an hour, unless the test says otherwise."""
    Coupon.objects.filter(pk=coupon.pk).update(locked_count=F("locked_count") + 1)
    given: dict[str, Any] = {"order_id": f"o{next(_numbers)}"}
    given |= {"until": NOW + timedelta(minutes=15)}
    return CouponLock.objects.create(coupon=coupon, **(given | fields))


def measurement(**fields: Any) -> Measurement:
    """Customers kept, of 80 treated and 20 controls, by a running campaign."""
    given: dict[str, Any] = {"metric": "KEPT", "treated_count": 80, "control_count": 20}
    given |= {"treated_mean": 0.5, "control_mean": 0.4, "effect": 0.1}
    given |= {"ci_low": -0.1, "ci_high": 0.3, "sample_ratio_p": 1.0}
    given |= {"measured_until": NOW, "measured_at": NOW}
    if "campaign" not in fields:
        given["campaign"] = campaign(state="RUNNING")
    return Measurement.objects.create(**(given | fields))


def message(**fields: Any) -> Message:
    """Waiting, due, to somebody with an e-mail address, in a running campaign with words."""
    campaign_ = fields.pop("campaign", None) or campaign(state="RUNNING")
    n = next(_numbers)
    channel = fields.get("channel", "EMAIL")
    MessageTemplate.objects.get_or_create(
        campaign=campaign_,
        defaults={
            "channel": channel,
            "subject": "A coupon for {first name|you}",
            "body": "Hi {first name|there}, {offer} with {code} until {valid until}.",
        },
    )
    who = fields.pop("customer", None) or customer()
    CustomerContact.objects.get_or_create(
        customer=who, defaults={"name": "Ada Love", "email": f"{who.external_id}@example.com"}
    )
    given: dict[str, Any] = {
        "campaign": campaign_,
        "customer": who,
        "channel": channel,
        "key": f"{n:032x}",
        "due_at": NOW,
    }
    if "coupon" not in fields:
        given["coupon"] = coupon(campaign=campaign_, customer=who)
    return Message.objects.create(**(given | fields))
