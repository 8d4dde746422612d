"""The charts of a result."""

from functools import partial

from django.utils.safestring import SafeString

from campaigns.models import Campaign, Measurement
from campaigns.selectors.results import Comparison, Results
from retention.present.charts import Effect, Series, intervals, line
from retention.present.templatetags.present import points, signed, signed_money

Metric = Measurement.Metric


def kept_chart(results: Results, *, width: float = 480) -> SafeString:
    """Points of customers kept more than in the control, of all and of each offer."""
    return intervals(
        _effects(results, Metric.KEPT),
        title="Customers kept, against the control",
        desc="Difference in points with its 95% interval.",
        form=_in_points,
        width=width,
    )


def money_chart(results: Results) -> SafeString:
    """Money a treated customer brought more than a control customer, net of discounts."""
    return intervals(
        _effects(results, Metric.MARGIN, Metric.REVENUE),
        title="Money a customer, net of discounts, against the control",
        desc="Difference a customer with its 95% interval.",
        form=partial(signed_money, currency=results.currency),
    )


def over_time(campaign: Campaign) -> SafeString:
    """The effect on customers kept as each night measured it."""
    rows = campaign.measurements.filter(metric=Metric.KEPT, offer=None).order_by("measured_until")
    measured = list(rows)[-90:]
    return line(
        [f"{row.measured_until:%-d %b}" for row in measured],
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
        desc="Each interval holds for its own day only; the last one is the answer.",
        form=points,
        empty="Not measured yet.",
        width=960,
    )


def _in_points(share: float) -> str:
    return signed(share * 100, 1)


def _effects(results: Results, *metrics: str) -> list[Effect]:
    groups: list[Comparison] = [group for group in (results.overall, *results.offers) if group]
    found = ((group, group.of(*metrics)) for group in groups)
    return [
        Effect(group.name, effect.effect, effect.low, effect.high)
        for group, effect in found
        if effect
    ]
