"""How the lists do where they are shown: clicks and purchases by the model that found a product."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from customers.models import Event
from customers.querysets import current
from retention.insights.models import Context, Shown
from retention.learning.measure.intervals import Estimate, wilson

BOUGHT_WITHIN = timedelta(days=7)
"""A purchase so soon after the product was seen counts for the list that showed it."""


FOUND_BY = {"rule": "The shop's rules", "popularity": "What is popular"}


@dataclass(frozen=True)
class Reception:
    """How the products that one model found were received in one place."""

    model: str
    context: str
    shown: int
    clicked: int
    bought: int
    named: int

    @property
    def found_by(self) -> str:
        return FOUND_BY.get(self.model, self.model.replace("_", " ").capitalize())

    @property
    def where(self) -> str:
        return str(Context(self.context).label)

    @property
    def click_rate(self) -> Estimate:
        return wilson(self.clicked, self.shown)

    @property
    def purchase_rate(self) -> Estimate | None:
        """Of what was shown to customers by name: of others no purchase can be known."""
        return wilson(self.bought, self.named) if self.named else None


def reception(*, since: datetime) -> list[Reception]:
    """By model and place, the most shown first."""
    bought = Event.objects.filter(
        customer=OuterRef("who"),
        product=OuterRef("product"),
        kind="PURCHASE",
        occurred_at__gte=OuterRef("seen_at"),
        occurred_at__lt=OuterRef("seen_at") + BOUGHT_WITHIN,
    )
    rows = (
        Shown.objects.filter(seen_at__gte=since)
        .annotate(who=current("customer"))
        .annotate(was_bought=Exists(bought))
        .values("model", "context")
        .annotate(
            shown=Count("pk"),
            clicked=Count("pk", filter=Q(clicked_at__isnull=False)),
            bought=Count("pk", filter=Q(was_bought=True)),
            named=Count("pk", filter=Q(customer__isnull=False)),
        )
        .order_by(F("shown").desc(), "model", "context")
    )
    return [Reception(**row) for row in rows]
