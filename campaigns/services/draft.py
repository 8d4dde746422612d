import secrets
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from campaigns.actors import Actor
from campaigns.codes import normal
from campaigns.models import Campaign, Coupon, Offer
from campaigns.plans import LONGEST_ADMITTING, TOO_FAR, CampaignPlan, OfferPlan
from campaigns.selectors.selling import sells_in
from catalog.models import Category, Product
from retention.access.audit import record
from retention.insights.models import Segment
from retention.present.currencies import CODES

from .transition import State, WrongState, held, refuse_if_changed

ALIKE = tuple(
    field.name for field in fields(CampaignPlan) if field.name not in {"bands", "segment", "offers"}
)
"""What a campaign holds as its plan does, under the same name."""


class NotSound(Exception):
    """A plan that cannot become a campaign; `problems` says what is wrong, field by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


def draft_campaign(plan: CampaignPlan, *, by: Actor, at: datetime) -> Campaign:
    """A new draft. Its salt is drawn here, once: it decides the arms. Raises NotSound."""
    _refuse_unsound(plan, at=at)
    with transaction.atomic():
        campaign = Campaign.objects.create(
            **_fields(plan), salt=secrets.token_hex(8), created_by=by.user, created_at=at
        )
        _write_offers(campaign, plan)
        _record("draft", campaign, by=by, at=at, before={}, after=asdict(plan))
    return campaign


def redraft_campaign(
    campaign_id: int, plan: CampaignPlan, *, by: Actor, at: datetime, revision: int
) -> Campaign:
    """Change a draft, if nobody has since this revision of it.

    Raises NotSound, WrongState, ChangedSince.
    """
    _refuse_unsound(plan, at=at)
    with transaction.atomic():
        campaign = held(campaign_id)
        if campaign.state != State.DRAFT:
            raise WrongState(f"{campaign.name!r} is no draft any more. Reopen it to change it.")
        refuse_if_changed(campaign, revision)
        before = asdict(plan_of(campaign))
        changed = Campaign.objects.filter(pk=campaign.pk)
        changed.update(**_fields(plan), revision=revision + 1, preview={})
        campaign.refresh_from_db()
        campaign.offers.all().delete()
        _write_offers(campaign, plan)
        _record("redraft", campaign, by=by, at=at, before=before, after=asdict(plan))
    return campaign


def plan_of(campaign: Campaign) -> CampaignPlan:
    """A campaign as the plan it was made from."""
    offers = (
        campaign.offers.order_by("pk")
        .select_related("gift", "category")
        .prefetch_related("products")
    )
    return CampaignPlan(
        **{name: getattr(campaign, name) for name in ALIKE},
        bands=tuple(campaign.bands),
        segment=campaign.segment_id,
        offers=tuple(OfferPlan.of(offer) for offer in offers),
    )


def as_kept(plan: CampaignPlan) -> CampaignPlan:
    """A sound plan as `plan_of` its campaign gives it back: what it leaves open is filled in."""
    offers = tuple(_offer_as_kept(offer, plan.currency) for offer in plan.offers)
    kept = replace(plan, name=plan.name.strip(), offers=offers)
    if plan.code_uses is None:
        return kept
    return replace(
        kept,
        general_code=plan.general_code.strip().upper(),
        uses_per_customer=plan.uses_per_customer or 1,
        # It ends when its code does.
        measure_days=offers[0].valid_days,
    )


def _offer_as_kept(asked: OfferPlan, currency: str) -> OfferPlan:
    is_percent = asked.benefit == Offer.Benefit.PERCENT
    return replace(
        asked,
        name=asked.name.strip() or asked.words(currency),
        percent=asked.percent if is_percent else None,
        amount=None if is_percent else asked.amount,
        maximum_discount=asked.worst_case,
        products=tuple(sorted(set(asked.products))),
        gift=asked.gift if asked.benefit == Offer.Benefit.GIFT else "",
        points=asked.points if asked.benefit == Offer.Benefit.POINTS else None,
        category=asked.category if asked.scope == Offer.Scope.CATEGORY else "",
    )


def problems_with(plan: CampaignPlan, *, at: datetime) -> dict[str, str]:
    """What keeps a plan from becoming a campaign, by field; none where it is sound."""
    problems = plan.problems()
    if plan.currency not in CODES:
        problems["currency"] = f"{plan.currency!r} is no code of ISO 4217, as GBP is."
    elif not sells_in(plan.currency):
        ours = settings.SHOP_CURRENCY
        said = f"The shop counts in {ours} and sells nothing in {plan.currency}. Write {ours}."
        problems["currency"] = said
    if plan.admits_until is not None and plan.admits_until > at + LONGEST_ADMITTING:
        problems["admits_until"] = TOO_FAR
    if plan.segment is not None and not Segment.objects.filter(pk=plan.segment).exists():
        problems["segment"] = f"There is no segment {plan.segment}."
    if plan.general_code and Coupon.objects.filter(code_normal=normal(plan.general_code)).exists():
        problems.setdefault("general_code", f"{plan.general_code} is another coupon's code.")
    for number, offer in enumerate(plan.offers):
        for field, said in _unknown_to_the_catalogue(offer):
            problems.setdefault(f"offers.{number}.{field}", said)
    return problems


def _unknown_to_the_catalogue(offer: OfferPlan) -> Iterator[tuple[str, str]]:
    known = Product.objects.filter(external_id__in=offer.products)
    if unknown := set(offer.products) - set(known.values_list("external_id", flat=True)):
        yield "products", f"No product {', '.join(sorted(unknown))}."
    if offer.gift and not Product.objects.filter(external_id=offer.gift).exists():
        yield "gift", f"No product {offer.gift}."
    if offer.category and not Category.objects.filter(path=offer.category).exists():
        yield "category", f"No category {offer.category!r}. Write it as the catalogue does."


def _refuse_unsound(plan: CampaignPlan, *, at: datetime) -> None:
    if problems := problems_with(plan, at=at):
        raise NotSound(problems)


def _fields(asked: CampaignPlan) -> dict[str, Any]:
    plan = as_kept(asked)
    kept = {name: getattr(plan, name) for name in ALIKE}
    return kept | {"bands": list(plan.bands), "segment_id": plan.segment}


def _write_offers(campaign: Campaign, plan: CampaignPlan) -> None:
    for asked in as_kept(plan).offers:
        offer = Offer.objects.create(
            campaign=campaign,
            name=asked.name,
            benefit=asked.benefit,
            percent=asked.percent,
            amount=asked.amount,
            maximum_discount=asked.worst_case,
            minimum_spend=asked.minimum_spend,
            valid_days=asked.valid_days,
            share=asked.share,
            gift=Product.objects.filter(external_id=asked.gift).first(),
            points=asked.points,
            scope=asked.scope,
            category=Category.objects.filter(path=asked.category).first(),
            may_sell_below_cost=asked.may_sell_below_cost,
            stacking=asked.stacking,
            priority=asked.priority,
        )
        offer.products.set(Product.objects.filter(external_id__in=asked.products))


def _record(
    verb: str,
    campaign: Campaign,
    *,
    by: Actor,
    at: datetime,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    record(
        f"campaign.{verb}",
        thing=campaign,
        actor=by.name,
        user=by.user,
        at=at,
        before=before,
        after=after | {"revision": campaign.revision},
    )
