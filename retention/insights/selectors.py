"""Reports over insights, as frozen answers."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Max, Sum
from django.utils.timezone import localtime

from customers.models import Event
from retention.insights.models import Band, ChurnScore, Kind, ModelVersion, TrainingRun
from retention.insights.rows import EPOCH, moment

SECONDS_A_WEEK = 7 * 86_400
MONDAY = 4 * 86_400
"""1 January 1970 was a Thursday: weeks that start on Monday are shifted by so many seconds."""


@dataclass(frozen=True)
class BandSummary:
    """How many customers are in a churn band, and what is at stake.

    at_stake : minor units, each customer's predicted year times the probability of losing it.
    """

    band: str
    label: str
    customers: int
    at_stake: int
    predicted: int


def band_summaries() -> list[BandSummary]:
    """One row a band, highest risk first; bands without customers too."""
    summed = (
        ChurnScore.objects.consented()
        .values("churn_band")
        .annotate(
            n=Count("pk"),
            stake=Sum(F("churn_probability") * F("predicted_clv")),
            predicted=Sum("predicted_clv"),
        )
        .values_list("churn_band", "n", "stake", "predicted")
    )
    found = {band: (n, round(stake), predicted) for band, n, stake, predicted in summed}
    return [
        BandSummary(band.value, str(band.label), *found.get(band.value, (0, 0, 0))) for band in Band
    ]


@dataclass(frozen=True)
class Freshness:
    """What serves for a kind, since when, and how the last training ended."""

    kind: str
    label: str
    version: ModelVersion | None
    last_run: TrainingRun | None

    @property
    def is_troubled(self) -> bool:
        return self.last_run is not None and self.last_run.state == TrainingRun.State.FAILED


def freshness() -> list[Freshness]:
    """One row a kind of model."""
    serving = {
        version.kind: version
        for version in ModelVersion.objects.filter(state="CHAMPION").select_related("run")
    }
    newest = TrainingRun.objects.values("kind").annotate(last=Max("pk")).values("last")
    runs = {run.kind: run for run in TrainingRun.objects.filter(pk__in=newest)}
    return [
        Freshness(kind.value, str(kind.label), serving.get(kind.value), runs.get(kind.value))
        for kind in Kind
    ]


@dataclass(frozen=True)
class WeekOfSales:
    """One week from Monday, by the shop's clock of today. revenue : minor units, net of returns."""

    starts_on: date
    orders: int
    customers: int
    revenue: int


def weekly_sales(*, at: datetime, weeks: int = 26) -> list[WeekOfSales]:
    """The last whole weeks before a moment, oldest first, weeks without sales too."""
    ahead = round((localtime(at).utcoffset() or timedelta()).total_seconds())
    monday = MONDAY - ahead
    this_week = (int(at.timestamp()) - monday) // SECONDS_A_WEEK
    since = datetime.fromtimestamp((this_week - weeks) * SECONDS_A_WEEK + monday, tz=UTC)
    until = since + timedelta(weeks=weeks)
    first = (since + timedelta(seconds=ahead)).date()
    sql = f"""
        SELECT ({EPOCH[connection.vendor]} - {monday}) / {SECONDS_A_WEEK} AS week,
               COUNT(DISTINCT CASE WHEN kind = 'PURCHASE' THEN
                   COALESCE(CAST(customer_id AS text), '') || ' ' || order_id END),
               COUNT(DISTINCT CASE WHEN kind = 'PURCHASE' THEN customer_id END),
               SUM(CASE kind WHEN 'PURCHASE' THEN amount WHEN 'RETURN' THEN -amount END)
        FROM customers_event
        WHERE occurred_at >= %s AND occurred_at < %s AND kind IN ('PURCHASE', 'RETURN')
        GROUP BY week
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [moment(since), moment(until)])
        found = {int(week): (orders, people, int(net or 0)) for week, orders, people, net in cursor}
    return [
        WeekOfSales(first + timedelta(weeks=week), *found.get(this_week - weeks + week, (0, 0, 0)))
        for week in range(weeks)
    ]


QUIET = timedelta(days=3)
"""Without any event for so long, the data has ended and not the customers."""


def known_until(at: datetime) -> datetime:
    """The moment insights are true for: now, or the end of the data where it ended before.

    Learning "nobody orders" from a feed that broke, or from last year's export, would call every
    customer lost.
    """
    newest: datetime | None = Event.objects.aggregate(last=Max("occurred_at"))["last"]
    if newest is None or at - newest <= QUIET:
        return at
    return newest + timedelta(days=1)
