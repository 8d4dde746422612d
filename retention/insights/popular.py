"""What everyone buys lately, of all and of a category: what fills a list up, and a stranger's."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from retention.insights.lately import bought_lately
from retention.insights.listing import Items
from retention.insights.models import RecommendationList


@dataclass(frozen=True)
class Popular:
    """Items, the best first; version and moment are None where they were counted just now."""

    items: Items
    version: int | None = None
    computed_at: datetime | None = None


def popular(category: str = "") -> Popular:
    """The category's own best sellers, then everybody's, which the reader sifts. One query.

    In a shop where no model serves yet that is what was bought lately, counted from the events.
    """
    lists = RecommendationList.objects.filter(customer=None).order_by("-computed_at")
    found = list(lists.filter(Q(category=None) | Q(category__path=category)))
    if not found:
        return Popular(bought_lately(category))
    everybodys = [row for row in found if row.category_id is None]
    inside = [row for row in found if row.category_id is not None]
    items = [item | {"within": category} for row in inside for item in row.items]
    there = {item["product"] for item in items}
    for row in everybodys[:1]:
        items += [item for item in row.items if item["product"] not in there]
    newest = (everybodys or inside)[0]
    return Popular(items, newest.version_id, newest.computed_at)


def filled_up(own: Items, filling: Items) -> Items:
    """What was found, then what fills it up, said to be that; no product twice.

    What fills up counts for less than the last that was found, so that no rule mixes the scales.
    """
    there = {item["product"] for item in own}
    rest = [item | {"fill": True} for item in filling if item["product"] not in there]
    least = min((item["score"] for item in own), default=None)
    most = max((item["score"] for item in rest), default=0)
    if least is not None and most > 0:
        rest = [item | {"score": least * item["score"] / (2 * most)} for item in rest]
    return own + rest
