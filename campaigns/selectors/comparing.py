"""The arms of a campaign compared as they were drawn, and what a reader should know of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from campaigns.models import Campaign, Measurement, Offer
from retention.learning.decide.adaptive import chance_highest
from retention.learning.measure.adjusting import adjusted, winsorised
from retention.learning.measure.experiments import FEWEST as ENOUGH
from retention.learning.measure.experiments import split_check
from retention.learning.measure.intervals import (
    Estimate,
    Sample,
    mean_difference,
    share_difference,
)
from retention.learning.measure.looking import known_of_arm, known_so_far, level_of_look
from retention.learning.measure.stratified import Difference, stratified
from retention.learning.measure.subgroups import differs, holm
from retention.learning.panel import BoolArray, FloatArray, IntArray
from retention.present.templatetags.present import money

from .caveats import MARGIN_MEASURED_FROM, caveats_of
from .grouping import Grouping, groupings_of
from .outcomes import Outcomes

LEVEL = 0.95
FEWEST = 2
"""Below two customers an arm there is no variance, and so no interval."""
COMMON = 10
"""With so many kept and so many lost in each arm, their share is a mean like any other."""
Metric = Measurement.Metric


@dataclass(frozen=True)
class Figures:
    """A metric of some treated customers against the control.

    offer : None for all treated. treated, control : with means that differ by the effect.
    reduction : part of the variance that was foretold and is taken out.
    best : the chance that the offer has the highest mean of all; None of all treated, and where
        offers went to whom they suit and so cannot be told apart.
    """

    offer: Offer | None
    metric: Metric
    treated: Sample
    control: Sample
    effect: Estimate
    sample_ratio_p: float
    reduction: float
    best: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Every figure, and in words what was done to get it.

    groups : the same of groups as they were at the launch, intervals holding for all groups of a
    metric together. differs : the chance that groups seem to differ so much in customers kept
    though none does, by what they are grouped by, adjusted for their number (Holm).
    """

    figures: tuple[Figures, ...]
    groups: tuple["OfGroup", ...]
    differs: dict[str, float]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class OfGroup:
    """A metric of the customers of one group, treated against control. by : what it is one of."""

    by: str
    name: str
    figures: Figures


@dataclass(frozen=True)
class _Values:
    """What is compared, (n,), calmed and raw; raw counts kept customers."""

    metric: Metric
    raw: FloatArray
    calm: FloatArray
    reduction: float


@dataclass(frozen=True)
class _Group:
    """Some treated customers and whom they are compared with; sample_ratio_p says if both are as
    drawn. wave : of everyone, where the share of these moved from wave to wave; else None."""

    offer: Offer | None
    treated: BoolArray
    control: BoolArray
    sample_ratio_p: float
    wave: IntArray | None = None


def compare(campaign: Campaign, outcomes: Outcomes, *, elapsed: float) -> Comparison:
    """All treated against the control, and each offer where there are several.

    elapsed : part of the measured time; with a trigger, of the customers. Intervals hold at
    95 % over all days on which they are looked at, and those of several offers over all offers.
    """
    groups = list(_groups(campaign, outcomes))
    offers = sum(group.offer is not None for group in groups)
    kept = float(outcomes.kept.mean()) if len(outcomes) else 0
    fraction = elapsed if campaign.trigger else known_so_far(kept, elapsed=elapsed)
    values, caps = _values(campaign, outcomes)
    figures = []
    for group in groups:
        missed = (1 - LEVEL) / (offers if group.offer else 1)
        level = level_of_look(_part_of(group, fraction), level=1 - missed)
        figures += [_figures(one, group, level) for one in values if _is_told(one, group)]
    if campaign.assigning != Campaign.Assigning.WORTH:
        figures = _with_chances(figures)
    parts, differ = _by_group(outcomes, values, fraction) if figures else ((), {})
    notes = (*caveats_of(outcomes), *caps, *_foretold(figures))
    return Comparison(tuple(figures), parts, differ, notes)


def _by_group(
    outcomes: Outcomes, values: list[_Values], fraction: float
) -> tuple[tuple[OfGroup, ...], dict[str, float]]:
    treated, groupings = outcomes.treated, _groupings(outcomes)
    many = sum(len(one.names) for one in groupings)
    level = level_of_look(fraction, level=1 - (1 - LEVEL) / max(many, 1))
    told, chances = [], []
    for one in groupings:
        inside = [one.label == number for number in range(len(one.names))]
        told += [
            OfGroup(
                one.by,
                name,
                _figures(each, _Group(None, treated & mine, ~treated & mine, 1), level),
            )
            for name, mine in zip(one.names, inside, strict=True)
            for each in values
        ]
        arms = [[arm & mine for mine in inside] for arm in (treated, ~treated)]
        kept = [[int(outcomes.kept[mine].sum()) for mine in arm] for arm in arms]
        chances.append(differs(np.array(kept), np.array([[m.sum() for m in arm] for arm in arms])))
    bys = [one.by for one in groupings]
    return tuple(told), dict(zip(bys, holm(chances).tolist(), strict=True))


def _groupings(outcomes: Outcomes) -> list[Grouping]:
    risk, value = outcomes.before[:, 0], outcomes.before[:, 1]
    return list(groupings_of(outcomes.known, risk=risk, value=value, treated=outcomes.treated))


def _groups(campaign: Campaign, outcomes: Outcomes) -> Iterator[_Group]:
    control, offers = campaign.control_share, list(campaign.offers.order_by("pk"))
    shares, wave = _shares(campaign, offers, outcomes), None
    if campaign.assigning == Campaign.Assigning.SHIFT:
        wave = outcomes.wave
    untreated = ~outcomes.treated
    groups: list[tuple[Offer | None, BoolArray, BoolArray, float]] = [
        (None, outcomes.treated, untreated, 1 - control)
    ]
    for offer in offers if len(offers) > 1 else ():
        given = outcomes.offer == offer.pk
        if campaign.assigning == Campaign.Assigning.WORTH:
            # Chosen for it, so unlike the others: compared with those who would have got it.
            meant = untreated & (outcomes.intended == offer.pk)
            groups.append((offer, given, meant, 1 - control))
        else:
            groups.append((offer, given, untreated, (1 - control) * shares[offer.pk]))
    for one, treated, others, share in groups:
        counts = {"treated": int(treated.sum()), "control": int(others.sum())}
        drawn = {"treated": share / (share + control), "control": control / (share + control)}
        if min(counts.values()) >= FEWEST:
            moved = wave if one else None
            yield _Group(one, treated, others, split_check(counts, drawn), moved)


def _shares(campaign: Campaign, offers: list[Offer], outcomes: Outcomes) -> dict[int, float]:
    """Of those with a coupon how many were to get each offer: in waves, on average of customers."""
    weights = sum(offer.share for offer in offers)
    if campaign.assigning != Campaign.Assigning.SHIFT:
        return {offer.pk: offer.share / weights for offer in offers}
    of_waves = [wave.shares for wave in campaign.waves.order_by("number")]
    many = np.bincount(outcomes.wave, minlength=len(of_waves)) / max(len(outcomes), 1)
    return {
        offer.pk: float(sum(n * one[offer.pk] for n, one in zip(many, of_waves, strict=True)))
        for offer in offers
    }


def _part_of(group: _Group, fraction: float) -> float:
    if group.wave is None:
        return fraction
    return known_of_arm(fraction, share=float(group.treated.mean()))


def _is_told(values: _Values, group: _Group) -> bool:
    """Where shares moved, a difference is one of means within waves, or none."""
    if group.wave is None:
        return True
    if values.metric == Metric.KEPT and not _is_common(values.raw, group.treated, group.control):
        return False
    return bool(np.isfinite(_by_wave(values.calm, group, group.wave).variance))


def _by_wave(values: FloatArray, group: _Group, wave: IntArray) -> Difference:
    """Within waves, each with the weight of all its customers, so that every offer's control is the
    same and none gains by having had most of a good season."""
    rows = group.treated | group.control
    return stratified(values[rows], group.treated[rows], wave[rows], of=wave)


def _values(campaign: Campaign, outcomes: Outcomes) -> tuple[list[_Values], list[str]]:
    """Each metric that can be measured, and in words what was capped."""
    metrics: dict[Metric, FloatArray] = {
        Metric.KEPT: outcomes.kept.astype(np.float64),
        Metric.ORDERS: outcomes.orders.astype(np.float64),
        Metric.REVENUE: outcomes.revenue,
    }
    if outcomes.cost_known >= MARGIN_MEASURED_FROM:
        metrics[Metric.MARGIN] = outcomes.margin
    values, said = [], []
    for metric, raw in metrics.items():
        calm = raw
        if metric in (Metric.REVENUE, Metric.MARGIN):
            cut = winsorised(raw)
            calm = cut.values
            if cut.capped:
                most = money(cut.cap, campaign.currency)
                who = "customer counts" if cut.capped == 1 else f"{cut.capped:,} customers count"
                what = metric.value.lower()
                said.append(
                    f"The largest {who} with {most} of {what} at most, so that no single customer"
                    " decides the result."
                )
        less = adjusted(calm, outcomes.treated, outcomes.before)
        values.append(_Values(metric, raw, less.values, less.reduction))
    return values, said


def _figures(values: _Values, group: _Group, level: float) -> Figures:
    control = group.control
    counted = values.metric == Metric.KEPT and not _is_common(values.raw, group.treated, control)
    shown = values.raw if counted else values.calm
    treated, untreated = Sample.of(shown[group.treated]), Sample.of(shown[control])
    if group.wave is not None:
        found = _by_wave(values.calm, group, group.wave)
        rest = found.variance - found.treated_variance
        treated = Sample(treated.n, found.treated, found.treated_variance * treated.n)
        untreated = Sample(untreated.n, found.control, rest * untreated.n)
        effect = found.interval(level)
    elif values.metric == Metric.KEPT and (counted or not values.reduction):
        kept, kept_without = (int(values.raw[arm].sum()) for arm in (group.treated, control))
        effect = share_difference(kept, treated.n, kept_without, untreated.n, level)
    else:
        effect = mean_difference(treated, untreated, level=level)
    return Figures(
        offer=group.offer,
        metric=values.metric,
        treated=treated,
        control=untreated,
        effect=effect,
        sample_ratio_p=group.sample_ratio_p,
        reduction=0.0 if counted else values.reduction,
    )


def _with_chances(figures: list[Figures]) -> list[Figures]:
    """The same, with how likely each offer has the highest mean of its metric."""
    chances: dict[Figures, float] = {}
    for metric in {one.metric for one in figures}:
        arms = [one for one in figures if one.offer and one.metric == metric]
        error = np.array([(one.treated.variance / one.treated.n) ** 0.5 for one in arms])
        if len(arms) > 1 and (error > 0).all() and min(one.treated.n for one in arms) >= ENOUGH:
            mean = np.array([one.treated.mean for one in arms])
            chances |= zip(arms, chance_highest(mean, error).tolist(), strict=True)
    return [replace(one, best=chances.get(one)) for one in figures]


def _is_common(kept: FloatArray, *arms: BoolArray) -> bool:
    return all(COMMON <= kept[arm].sum() <= int(arm.sum()) - COMMON for arm in arms)


def _foretold(figures: list[Figures]) -> Iterator[str]:
    most = max((one.reduction for one in figures if one.offer is None), default=0.0)
    if most >= 0.01:
        yield (
            "Differences between customers that were known when they were chosen are taken out:"
            f" up to {most:.0%} of the noise."
        )
