"""What all campaigns together earned, as it was measured last, and in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from campaigns.models import Measurement, ProgrammeMonth
from retention.learning.measure.experiments import BROKEN_SPLIT, FEWEST
from retention.present.templatetags.present import money, number, points

from .effects import direction_of
from .programme import drawn_since, programme_start
from .verdict import Answer

Metric = Measurement.Metric


@dataclass(frozen=True)
class MonthOfMetric:
    """Per customer since the start, to the end of a month: with campaigns, without, difference."""

    month: date
    metric: str
    label: str
    reached_mean: float
    held_out_mean: float
    effect: float
    low: float
    high: float

    @property
    def direction(self) -> int:
        return direction_of(self.low, self.high)


@dataclass(frozen=True)
class Programme:
    """latest : every metric at the end of the newest month. months : all of them, oldest first.

    total, low, high : minor units of the money metric, for all who may be reached; None before the
    first month. late : customers left out, held out after they came.
    """

    answer: Answer
    headline: str
    sentence: str
    since: datetime | None
    measured_until: datetime | None
    currency: str
    reached: int
    held_out: int
    sample_ratio_p: float | None
    money_metric: str
    total: int | None
    low: int | None
    high: int | None
    kept_days: int | None
    late: int
    latest: tuple[MonthOfMetric, ...]
    months: tuple[MonthOfMetric, ...]


def programme() -> Programme:
    """As the newest month has it; says what is missing where there is none."""
    since = programme_start()
    of_now = ProgrammeMonth.objects.filter(details__since=since.isoformat() if since else "")
    rows = list(of_now.order_by("month", "pk"))
    months = tuple(_month(row) for row in rows)
    last = rows[-1] if rows else None
    latest = tuple(one for one in months if last and one.month == last.month)
    made = _made(latest)
    reached = last.reached_count if last else 0
    answer, headline, sentence = _said(last, latest, made)
    details = last.details if last else {}
    return Programme(
        answer=answer,
        headline=headline,
        sentence=sentence,
        since=since,
        measured_until=last.measured_until if last else None,
        currency=settings.SHOP_CURRENCY,
        reached=reached,
        held_out=last.held_out_count if last else 0,
        sample_ratio_p=last.sample_ratio_p if last else None,
        money_metric=made.metric if made else "",
        total=round(made.effect * reached) if made else None,
        low=round(made.low * reached) if made else None,
        high=round(made.high * reached) if made else None,
        kept_days=details.get("kept_days"),
        late=details.get("late", 0),
        latest=latest,
        months=months,
    )


def _month(row: ProgrammeMonth) -> MonthOfMetric:
    return MonthOfMetric(
        month=row.month,
        metric=row.metric,
        label=row.get_metric_display(),
        reached_mean=row.reached_mean,
        held_out_mean=row.held_out_mean,
        effect=row.effect,
        low=row.ci_low,
        high=row.ci_high,
    )


def _made(latest: Sequence[MonthOfMetric]) -> MonthOfMetric | None:
    found = {one.metric: one for one in latest}
    return found.get(Metric.MARGIN) or found.get(Metric.REVENUE)


def _said(
    last: ProgrammeMonth | None, latest: Sequence[MonthOfMetric], made: MonthOfMetric | None
) -> tuple[Answer, str, str]:
    if drawn_since() is None:
        words = (
            "Nobody is held out of all campaigns, so that nothing stands beside those who get them."
            " Set GLOBAL_HOLDOUT_SHARE, for instance to 0.05."
        )
        return Answer.NOTHING, "Cannot be measured", words
    if last is None or made is None:
        words = "The first figure comes with the first month that ends four weeks after a launch."
        return Answer.TOO_EARLY, "Too early to say", words
    if last.sample_ratio_p < BROKEN_SPLIT:
        words = "Find out who is missing before believing any figure."
        return Answer.BROKEN, "The two groups are not what was drawn", words
    if min(last.reached_count, last.held_out_count) < FEWEST:
        words = f"Each group needs at least {FEWEST} customers."
        return Answer.TOO_FEW, "Too few customers to tell", words
    return _money_said(last, latest, made)


def _money_said(
    last: ProgrammeMonth, latest: Sequence[MonthOfMetric], made: MonthOfMetric
) -> tuple[Answer, str, str]:
    code, people = settings.SHOP_CURRENCY, last.reached_count
    total, low, high = (money(x * people, code) for x in (made.effect, made.low, made.high))
    what = f"{made.metric.lower()} net of all discounts"
    kept = next((one for one in latest if one.metric == Metric.KEPT), None)
    beside = (
        f" Customers kept: {points(kept.effect)} ({points(kept.low)} to {points(kept.high)})."
        if kept
        else ""
    )
    against = (
        f"{number(people)} customers whom campaigns may reach, against"
        f" {number(last.held_out_count)} who get none: {total} of {what}"
        f" (95% interval {low} to {high}).{beside}"
    )
    absolute = money(abs(made.effect) * people, code)
    match made.direction:
        case 1:
            return Answer.EARNED, f"Campaigns earned {absolute}", against
        case -1:
            return Answer.LOST, f"Campaigns lost {absolute}", against
    return Answer.UNCLEAR, "Whether campaigns paid cannot be told yet", against
