"""The charts of a result."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from campaigns.models import Campaign, Measurement
from campaigns.selectors.by_group import Grouping
from campaigns.selectors.effects import Comparison
from campaigns.selectors.results import Results
from retention.present.charts import Effect as Drawn
from retention.present.charts import Series, intervals, line
from retention.present.templatetags.present import number, points, signed, signed_money

Metric = Measurement.Metric
NOTES: dict[str, str] = {
    Metric.KEPT: "points",
    Metric.MARGIN: "over the days measured",
    Metric.REVENUE: "over the days measured",
    Metric.ORDERS: "over the days measured",
}


@dataclass(frozen=True)
class Measure:
    """One measure of all treated and of each offer, drawn against the control."""

    title: str
    note: str
    chart: SafeString
    rows: list[list[str]] = field(default_factory=list)


def measures(results: Results) -> list[Measure]:
    """Every measure there is, what an owner asks for first."""
    kinds = {one.metric: one.label for one in results.overall.effects} if results.overall else {}
    first = [Metric.KEPT, Metric.MARGIN, Metric.REVENUE, Metric.ORDERS]
    return [
        Measure(kinds[metric], NOTES[metric], chart_of(results, metric))
        for metric in first
        if metric in kinds
    ]


def group_charts(results: Results) -> list[Measure]:
    """Customers kept of each group, of every way to group them."""
    return [
        Measure(
            one.label,
            "customers kept, points",
            intervals(
                [
                    Drawn(f"{group.name} ({number(group.treated + group.control)})", *ends)
                    for group in one.groups
                    for effect in group.effects
                    if effect.metric == Metric.KEPT
                    for ends in [(effect.effect, effect.low, effect.high)]
                ],
                title=f"Customers kept by {one.label.lower()}, against the control",
                desc="The difference in points; the intervals of all groups hold together at 95%.",
                form=_in_points,
            ),
            rows=_money_rows(one, results.currency),
        )
        for one in results.groupings
    ]


def _money_rows(grouping: Grouping, currency: str) -> list[list[str]]:
    """Group, customers, then what each of them brought more, with its interval."""
    form = form_of(Metric.MARGIN, currency)
    rows = []
    for group in grouping.groups:
        made = {effect.metric: effect for effect in group.effects}
        one = made.get(Metric.MARGIN) or made.get(Metric.REVENUE)
        if one:
            ends = f"{form(one.low)} to {form(one.high)}"
            rows.append([group.name, number(group.treated + group.control), form(one.effect), ends])
    return rows


def chart_of(results: Results, metric: str, *, width: float = 480) -> SafeString:
    """The difference from the control, of all and of each offer."""
    groups: list[Comparison] = [group for group in (results.overall, *results.offers) if group]
    found = ((group, group.of(metric)) for group in groups)
    return intervals(
        [Drawn(group.name, one.effect, one.low, one.high) for group, one in found if one],
        title=f"{Metric(metric).label}, against the control",
        desc=f"The difference, {NOTES[metric]}, with its 95% interval.",
        form=_in_points if metric == Metric.KEPT else form_of(metric, results.currency),
        width=width,
    )


def _in_points(share: float | None) -> str:
    return signed(None if share is None else share * 100, 1)


def form_of(metric: str, currency: str) -> Callable[[float | None], str]:
    """How a difference in a metric is written."""
    match metric:
        case Metric.KEPT:
            return points
        case Metric.ORDERS:
            return partial(signed, decimals=3)
    return partial(signed_money, currency=currency)


def over_time(campaign: Campaign) -> SafeString:
    """The effect on customers kept as each night measured it."""
    rows = campaign.measurements.filter(metric=Metric.KEPT, offer=None).order_by("measured_until")
    measured = list(rows)[-90:]
    return line(
        [f"{localtime(row.measured_until):%-d %b}" for row in measured],
        [
            Series(
                "Kept more than the control",
                [row.effect for row in measured],
                low=[row.ci_low for row in measured],
                high=[row.ci_high for row in measured],
            )
        ]
        if measured
        else [],
        title="The effect on customers kept, day by day",
        desc="Each day with its interval. All of them hold together at 95%.",
        form=points,
        empty="Not measured yet.",
        width=960,
    )
