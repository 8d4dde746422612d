"""What a campaign changed, as it was measured last: for an owner in a sentence, for a statistician
in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery

from campaigns.models import Campaign, Measurement

from .best_offer import about_offers
from .by_group import Grouping, about_groups, groupings_in
from .effects import Comparison, Effect
from .verdict import Answer, verdict_of

Metric = Measurement.Metric


@dataclass(frozen=True)
class Results:
    """What is known of a campaign's effect, and how far it may be believed.

    stage: NOT_LAUNCHED, NOT_MEASURED, NOT_MEASURABLE (a code for all), TOO_EARLY or FINAL. Money in
    minor units.
    groupings : the same by group, to look for ideas; groups_sentence says whether they differ.
    offers_sentence : which offer is the best, and how sure that is; empty where it is not compared.
    answer, headline, sentence, next_step : as a Verdict has them. looks : times it was measured.

    net_total, net_low, net_high : what all treated customers brought more than they would have,
    net of discounts: margin where costs are known, else revenue.
    doubled, conflicts : draws left out because their customer, merged since, was drawn before; and
    how many of these were into another group.
    """

    campaign: int
    stage: str
    answer: Answer
    headline: str
    sentence: str
    next_step: str
    looks: int
    day: int
    days: int
    final_at: datetime | None
    measured_until: datetime | None
    currency: str
    overall: Comparison | None
    offers: tuple[Comparison, ...]
    offers_sentence: str
    groupings: tuple[Grouping, ...]
    groups_sentence: str
    money_metric: str
    net_total: int | None
    net_low: int | None
    net_high: int | None
    doubled: int
    conflicts: int
    notes: tuple[str, ...]


def results_of(campaign: Campaign, *, at: datetime) -> Results:
    """The newest measurement, and in a sentence what it says and what it does not."""
    return results_of_each([campaign], at=at)[campaign.pk]


def results_of_each(campaigns: Sequence[Campaign], *, at: datetime) -> dict[int, Results]:
    """The same by campaign, in 2 queries."""
    measured = Measurement.objects.filter(campaign__in=campaigns)
    days = Count("measured_until", distinct=True)
    looks = dict(measured.order_by().values_list("campaign").annotate(days))
    of_one = Measurement.objects.filter(campaign=OuterRef("campaign"))
    last = of_one.order_by("-measured_until").values("measured_until")[:1]
    same = measured.filter(measured_until=Subquery(last))
    newest: dict[int, list[Measurement]] = {campaign.pk: [] for campaign in campaigns}
    for row in same.select_related("offer").order_by("pk"):
        newest[row.campaign_id].append(row)
    return {one.pk: _results(one, newest[one.pk], looks.get(one.pk, 0), at) for one in campaigns}


def _results(campaign: Campaign, rows: list[Measurement], looks: int, at: datetime) -> Results:
    overall, offers = _compared(rows)
    made = overall.of(Metric.MARGIN, Metric.REVENUE) if overall else None
    stage = _stage(campaign, rows)
    until = rows[0].measured_until if rows else None
    treated = overall.treated if overall else 0
    details = rows[0].details if rows else {}
    groupings = groupings_in(rows)
    said = verdict_of(campaign, stage, overall, until=until or at)
    return Results(
        campaign=campaign.pk,
        stage=stage,
        answer=said.answer,
        headline=said.headline,
        sentence=said.sentence,
        next_step=said.next_step,
        looks=looks,
        day=_day(campaign, until or at),
        days=campaign.days,
        final_at=campaign.measures_until,
        measured_until=until,
        currency=campaign.currency,
        overall=overall,
        offers=offers,
        offers_sentence=about_offers(offers, is_final=stage == "FINAL"),
        groupings=groupings,
        groups_sentence=about_groups(groupings, is_final=stage == "FINAL"),
        money_metric=made.metric if made else "",
        net_total=round(made.effect * treated) if made else None,
        net_low=round(made.low * treated) if made else None,
        net_high=round(made.high * treated) if made else None,
        doubled=details.get("doubled", 0),
        conflicts=details.get("conflicts", 0),
        notes=tuple(details.get("notes", ())),
    )


def _compared(rows: list[Measurement]) -> tuple[Comparison | None, tuple[Comparison, ...]]:
    groups: dict[int | None, list[Measurement]] = {}
    for row in rows:
        groups.setdefault(row.offer_id, []).append(row)
    offers = tuple(_comparison(group) for offer, group in groups.items() if offer is not None)
    return _comparison(groups[None]) if None in groups else None, offers


def _comparison(rows: list[Measurement]) -> Comparison:
    first = rows[0]
    return Comparison(
        name=first.offer.name if first.offer else "All treated customers",
        treated=first.treated_count,
        control=first.control_count,
        sample_ratio_p=first.sample_ratio_p,
        effects=tuple(_effect(row) for row in sorted(rows, key=_order)),
    )


def _effect(row: Measurement) -> Effect:
    return Effect(
        metric=row.metric,
        label=row.get_metric_display(),
        treated_mean=row.treated_mean,
        control_mean=row.control_mean,
        effect=row.effect,
        low=row.ci_low,
        high=row.ci_high,
        best=row.details.get("best"),
    )


def _order(row: Measurement) -> int:
    return Metric.values.index(row.metric)


def _stage(campaign: Campaign, rows: list[Measurement]) -> str:
    if campaign.launched_at is None:
        return "NOT_LAUNCHED"
    if campaign.is_general:
        return "NOT_MEASURABLE"
    if not rows:
        return "NOT_MEASURED"
    return "FINAL" if rows[0].details.get("complete") else "TOO_EARLY"


def _day(campaign: Campaign, at: datetime) -> int:
    if campaign.launched_at is None:
        return 0
    return min((at - campaign.launched_at).days, campaign.days)
