"""Segments that any shop might ask for, so that a first look shows what a rule can say."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count

from customers.models import Event
from retention.insights.models import Segment
from retention.insights.services.define_segment import SegmentPlan, define_segment

BY = "the demonstration"


def example_segments(*, at: datetime) -> None:
    """Make them where there is no segment with a rule yet; a night finds their customers."""
    if Segment.objects.of_rules().exists():
        return
    for plan in _plans():
        define_segment(plan, by=BY, at=at)


def _plans() -> Iterator[SegmentPlan]:
    no_coupon = {"not": {"is": "coupon", "days": 30}}
    if category := _most_bought():
        bought = {"is": "bought_category", "category": category, "at_least": 2, "days": 180}
        yield _plan(
            f"{category.rpartition('> ')[2]} regulars at risk",
            "Remind them before they buy it elsewhere.",
            bought,
            {"is": "risk", "above": 0.6},
            no_coupon,
        )
    yield _plan(
        "Second order outstanding",
        "One order, and the time for the next is now.",
        {"is": "orders", "at_least": 1, "at_most": 1},
        {"is": "last_order", "at_least": 14, "at_most": 60},
        no_coupon,
    )
    yield _plan(
        "Good customers gone quiet",
        "Worth a personal word.",
        {"any": [{"is": "orders", "at_least": 6, "days": 365}, {"is": "band", "bands": ["HIGH"]}]},
        {"is": "orders", "at_least": 3, "days": 365},
        {"is": "last_order", "at_least": 60, "at_most": 365},
    )


def _plan(name: str, description: str, *parts: dict[str, Any]) -> SegmentPlan:
    return SegmentPlan(name, {"all": list(parts)}, description)


def _most_bought() -> str:
    """The category that was bought from most often; "" where products have none."""
    bought = Event.objects.filter(kind="PURCHASE", product__category__isnull=False)
    counted = bought.order_by().values_list("product__category__path").annotate(n=Count("pk"))
    first = counted.order_by("-n", "product__category__path").first()
    return str(first[0]) if first else ""
