from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from campaigns.models import Measurement, ProgrammeMonth
from campaigns.querysets import LATE_FACTS
from campaigns.selectors.caveats import MARGIN_MEASURED_FROM
from campaigns.selectors.programme import Followed, followed, kept_days, programme_start
from retention.insights.months import month_after, month_of
from retention.learning.measure.adjusting import adjusted, winsorised
from retention.learning.measure.experiments import split_check
from retention.learning.measure.looking import level_of_month, level_whenever
from retention.learning.measure.stratified import Difference, stratified
from retention.learning.panel import FloatArray

FIRST_LOOK = timedelta(days=28)
"""A month that ended sooner after the start says nothing yet."""
Metric = Measurement.Metric


def measure_programme(*, at: datetime) -> int:
    """What campaigns changed in all, from the start to the end of each month that is over and not
    measured yet, or measured before late facts were in; returns how many months were measured."""
    start = programme_start()
    if start is None:
        return 0
    months = list(_months(start, at))
    # Counted from another day, or of a month before it: they say nothing of what campaigns did.
    of_now = ProgrammeMonth.objects.filter(details__since=start.isoformat())
    ProgrammeMonth.objects.exclude(pk__in=list(of_now.values_list("pk", flat=True))).delete()
    done = dict(ProgrammeMonth.objects.values_list("month", "measured_at"))
    due = [
        (number, month, end)
        for number, (month, end) in enumerate(months, start=1)
        if month not in done or done[month] < end + LATE_FACTS
    ]
    for number, month, end in due:
        _measure(number, month, start, end, at=at)
    return len(due)


def _months(start: datetime, at: datetime) -> Iterator[tuple[date, datetime]]:
    """(first day, end) of each calendar month of the shop that is over."""
    month = month_of(start)
    while (end := month_after(month)) <= at:
        if end >= start + FIRST_LOOK:
            yield month.date(), end
        month = end


def _measure(number: int, month: date, start: datetime, end: datetime, *, at: datetime) -> None:
    seen = followed(start=start, until=end)
    stratum = np.unique(seen.share, return_inverse=True)[1].astype(np.int64)
    counts = {"held": int(seen.held_out.sum()), "reached": int((~seen.held_out).sum())}
    drawn = float(seen.share.mean()) if len(seen) else 0.5
    ratio = split_check(counts, {"held": drawn, "reached": 1 - drawn})
    details = {
        "since": start.isoformat(),
        "late": seen.late,
        "cost_known": seen.cost_known,
        "kept_days": kept_days(),
    }
    with transaction.atomic():
        for metric, values in _metrics(seen).items():
            calm = adjusted(values, ~seen.held_out, seen.before)
            found = stratified(calm.values, ~seen.held_out, stratum)
            grown = _variance_of_total(found, len(seen))
            first = _first_variance(metric, month) or grown
            kept = metric == Metric.KEPT
            level = level_of_month(number) if kept else level_whenever(grown / (first or 1.0))
            _write(
                month,
                metric,
                found,
                level,
                reached_count=counts["reached"],
                held_out_count=counts["held"],
                sample_ratio_p=ratio,
                measured_until=end,
                measured_at=at,
                details=details
                | {"variance": grown, "level": level, "reduction": calm.reduction, "look": number},
            )


def _metrics(seen: Followed) -> dict[Metric, FloatArray]:
    metrics = {
        Metric.KEPT: seen.kept,
        Metric.ORDERS: seen.orders,
        Metric.REVENUE: winsorised(seen.revenue).values,
    }
    if seen.cost_known >= MARGIN_MEASURED_FROM:
        metrics[Metric.MARGIN] = winsorised(seen.margin).values
    return metrics


def _variance_of_total(found: Difference, n: int) -> float:
    """Of the difference for all customers together, which only grows with time; 0 for unknown."""
    return found.variance * n**2 if np.isfinite(found.variance) else 0.0


def _first_variance(metric: Metric, month: date) -> float:
    """That of the first month in which there was any; 0 where there is none before."""
    earlier = ProgrammeMonth.objects.filter(metric=metric, month__lt=month).order_by("month")
    known = (row.details["variance"] for row in earlier)
    return next((one for one in known if one > 0), 0.0)


def _write(month: date, metric: Metric, found: Difference, level: float, **fields: Any) -> None:
    """Nothing where an arm has too few for any interval."""
    interval = found.interval(level)
    if not np.isfinite([interval.value, interval.low, interval.high]).all():
        return
    ProgrammeMonth.objects.update_or_create(
        month=month,
        metric=metric,
        defaults=fields
        | {
            "reached_mean": found.treated,
            "held_out_mean": found.control,
            "effect": found.effect,
            "ci_low": interval.low,
            "ci_high": interval.high,
        },
    )
