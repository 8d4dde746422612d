"""What is bought lately, counted when asked: all that a shop has whose first model is to come."""

from collections import Counter
from typing import Any

from catalog.models import Product
from customers.models import Event, EventKind, Purpose
from retention.insights import datasets
from retention.insights.quality.cleaning import learnable

RECENT = "recent_popularity"
LATEST = 5_000
"""Events that are counted: enough for a list, read in some ten milliseconds."""
TASTE = tuple(EventKind[kind.name] for kind in datasets.TASTE)
"""As the models learn: the first of these among the latest events is counted."""


def bought_lately(category: str = "") -> list[dict[str, Any]]:
    """Products by how often they stand among the latest events of those who did not object.

    category : a path, to count the events of what lies there alone.
    """
    latest = Event.objects.of_kinds(TASTE).exclude(product=None).order_by("-occurred_at", "-pk")
    if category:
        latest = latest.filter(product__in=Product.objects.below(category))
    rows = list(latest.values_list("kind", "product", "customer")[:LATEST])
    kind = min((kind for kind, _, _ in rows), key=TASTE.index, default=None)
    counted = [(product, who) for each, product, who in rows if each == kind]
    known = {who for _, who in counted if who is not None}
    willing = learnable(Purpose.RECOMMENDATION).filter(pk__in=known)
    allowed = {None, *willing.values_list("pk", flat=True)}
    often = Counter(product for product, who in counted if who in allowed)
    return [
        {"product": product, "score": float(times), "model": RECENT}
        for product, times in sorted(often.items(), key=lambda one: (-one[1], one[0]))
    ]
