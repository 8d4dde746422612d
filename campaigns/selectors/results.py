"""What a campaign changed, as it was measured last: for an owner in a sentence, for a statistician
in full."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, Measurement
from retention.learning.measure.experiments import BROKEN_SPLIT, FEWEST
from retention.present.templatetags.present import MINUS, money

Metric = Measurement.Metric


@dataclass(frozen=True)
class Effect:
    """A mean per customer in each arm, and the difference with its 95 % interval."""

    metric: str
    label: str
    treated_mean: float
    control_mean: float
    effect: float
    low: float
    high: float

    @property
    def direction(self) -> int:
        """1 or -1 where the whole interval lies on one side of zero, else 0."""
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class Comparison:
    """Some treated customers against the control: all of them, or those of one offer."""

    name: str
    treated: int
    control: int
    sample_ratio_p: float
    effects: tuple[Effect, ...]

    @property
    def is_broken(self) -> bool:
        """So unlikely a split that customers must have dropped out of one arm only."""
        return self.sample_ratio_p < BROKEN_SPLIT

    def of(self, *metrics: str) -> Effect | None:
        """The first of these metrics that was measured."""
        found = {effect.metric: effect for effect in self.effects}
        return next((found[metric] for metric in metrics if metric in found), None)


@dataclass(frozen=True)
class Results:
    """What is known of a campaign's effect, and how far it may be believed.

    stage: NOT_LAUNCHED, NOT_MEASURED, TOO_EARLY or FINAL. Money in minor units.

    net_total, net_low, net_high : what all treated customers brought more than they would have,
    net of discounts: margin where costs are known, else revenue.
    doubled, conflicts : draws left out because their customer, merged since, was drawn before; and
    how many of these were into another group.
    """

    campaign: int
    stage: str
    sentence: str
    day: int
    days: int
    final_at: datetime | None
    measured_until: datetime | None
    currency: str
    overall: Comparison | None
    offers: tuple[Comparison, ...]
    money_metric: str
    net_total: int | None
    net_low: int | None
    net_high: int | None
    doubled: int
    conflicts: int
    notes: tuple[str, ...]


def results_of(campaign: Campaign, *, at: datetime) -> Results:
    """The newest measurement, and in a sentence what it says and what it does not."""
    rows = _newest(campaign)
    overall, offers = _compared(rows)
    made = overall.of(Metric.MARGIN, Metric.REVENUE) if overall else None
    stage = _stage(campaign, rows)
    until = rows[0].measured_until if rows else None
    treated = overall.treated if overall else 0
    details = rows[0].details if rows else {}
    return Results(
        campaign=campaign.pk,
        stage=stage,
        sentence=_sentence(campaign, stage, overall, until or at),
        day=_day(campaign, until or at),
        days=campaign.measure_days,
        final_at=campaign.measures_until,
        measured_until=until,
        currency=campaign.currency,
        overall=overall,
        offers=offers,
        money_metric=made.metric if made else "",
        net_total=round(made.effect * treated) if made else None,
        net_low=round(made.low * treated) if made else None,
        net_high=round(made.high * treated) if made else None,
        doubled=details.get("doubled", 0),
        conflicts=details.get("conflicts", 0),
        notes=tuple(details.get("notes", ())),
    )


def _newest(campaign: Campaign) -> list[Measurement]:
    last = campaign.measurements.order_by("-measured_until").first()
    if last is None:
        return []
    same = campaign.measurements.filter(measured_until=last.measured_until)
    return list(same.select_related("offer").order_by("pk"))


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
    )


def _order(row: Measurement) -> int:
    return Metric.values.index(row.metric)


def _stage(campaign: Campaign, rows: list[Measurement]) -> str:
    if campaign.launched_at is None:
        return "NOT_LAUNCHED"
    if not rows:
        return "NOT_MEASURED"
    return "FINAL" if rows[0].details.get("complete") else "TOO_EARLY"


def _day(campaign: Campaign, at: datetime) -> int:
    if campaign.launched_at is None:
        return 0
    return min((at - campaign.launched_at).days, campaign.measure_days)


def _sentence(campaign: Campaign, stage: str, overall: Comparison | None, until: datetime) -> str:
    match stage:
        case "NOT_LAUNCHED":
            return "Not launched yet: there is nothing to measure."
        case "NOT_MEASURED":
            return "Nothing is measured yet. The first figures come with tonight's measurement."
        case "TOO_EARLY":
            return _so_far(campaign, overall, until)
    return _answer(overall, campaign.currency)


def _so_far(campaign: Campaign, overall: Comparison | None, until: datetime) -> str:
    """Intervals hold on every day, so what is beyond chance may be said before the last."""
    day = f"day {_day(campaign, until)} of {campaign.measure_days}"
    kept = overall.of(Metric.KEPT) if overall else None
    sound = overall and not overall.is_broken and min(overall.treated, overall.control) >= FEWEST
    if kept is None or not overall or not sound or not kept.direction:
        return (
            f"Too early to say: {day}. The answer comes on {campaign.measures_until:%-d %B %Y};"
            " until then the figures may still turn."
        )
    return (
        f"Beyond chance already on {day}: {_lowered(_kept_words(kept, overall.treated))} How much"
        f" it is in the end is known on {campaign.measures_until:%-d %B %Y}."
    )


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:]


def _answer(overall: Comparison | None, currency: str) -> str:
    kept = overall.of(Metric.KEPT) if overall else None
    if overall is None or kept is None or min(overall.treated, overall.control) < FEWEST:
        return f"Too few customers to tell: each group needs at least {FEWEST}."
    if overall.is_broken:
        return (
            "The groups are not what was drawn: find out who is missing from one of them before"
            " believing any figure."
        )
    return f"{_kept_words(kept, overall.treated)} {_money_words(overall, currency)}".strip()


def _kept_words(kept: Effect, treated: int) -> str:
    people = f"about {abs(round(kept.effect * treated)):,} people"
    between = f"(95% interval {_points(kept.low)} to {_points(kept.high)})"
    match kept.direction:
        case 1:
            return f"It kept {_points(kept.effect)} points more customers {between}: {people}."
        case -1:
            return f"It kept {_points(-kept.effect)} points fewer customers {between}: {people}."
    return f"No difference in customers kept can be told: {_points(kept.effect)} points {between}."


def _points(share: float) -> str:
    return f"{share * 100:.1f}".replace("-", MINUS)


def _money_words(overall: Comparison, currency: str) -> str:
    made = overall.of(Metric.MARGIN, Metric.REVENUE)
    if made is None:
        return ""
    total, low, high = (
        money(value * overall.treated, currency) for value in (made.effect, made.low, made.high)
    )
    what = f"{made.metric.lower()} net of discounts"
    match made.direction:
        case 1:
            return f"It earned {total} of {what} ({low} to {high})."
        case -1:
            return f"It lost money: {total} of {what} ({low} to {high})."
    return f"Whether it paid cannot be told: {total} of {what} ({low} to {high})."
