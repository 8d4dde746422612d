"""What a cleaning would leave out, before anybody decides it."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from catalog.models import Product
from customers.models import Customer, Event
from retention.insights.models import DataCheck, DataCleaning, DataFinding, Problem

Kind = DataCleaning.Kind


@dataclass(frozen=True)
class Proposal:
    """A cleaning that nobody decided yet. cap : minor units."""

    kind: str
    customer: Customer | None = None
    product: Product | None = None
    finding: str = ""
    cap: int | None = None


@dataclass(frozen=True)
class Effect:
    """customers and events that are left out; lines that count for another amount; the share of
    revenue that goes with either. found : of what is said to be right, how many there are."""

    customers: int = 0
    events: int = 0
    lines: int = 0
    revenue_share: float = 0.0
    found: int = 0


def effect_of(proposal: Proposal) -> Effect:
    """Counted now for a customer and a cap; as the last check counted it for the rest."""
    match proposal.kind:
        case Kind.EXCLUDE if proposal.customer:
            return _of_customer(proposal.customer)
        case Kind.LINES if proposal.cap:
            return _of_cap(proposal.cap)
        case Kind.DUPLICATES | Kind.REPEATS:
            return _of_finding(proposal.kind)
        case Kind.PRICES:
            return _of_prices(proposal.product)
        case Kind.KEEP:
            same = DataFinding.objects.filter(kind=proposal.finding, customer=proposal.customer)
            return Effect(found=sum(same.values_list("count", flat=True)))
    return Effect()


def _of_customer(customer: Customer) -> Effect:
    bought = customer.events.filter(kind="PURCHASE").aggregate(money=Sum("amount"))["money"]
    return Effect(
        customers=1,
        events=customer.events.count(),
        revenue_share=_share(bought or 0),
    )


def _of_cap(cap: int) -> Effect:
    over = Event.objects.purchases().filter(amount__gt=cap, customer__isnull=False)
    found = over.aggregate(n=Count("pk"), money=Sum("amount"))
    return Effect(lines=found["n"], revenue_share=_share((found["money"] or 0) - cap * found["n"]))


def _of_finding(kind: str) -> Effect:
    found = DataFinding.objects.filter(kind=kind).first()
    if found is None:
        return Effect()
    return Effect(events=found.count, revenue_share=found.evidence["revenue_share"])


def _of_prices(product: Product | None) -> Effect:
    found = DataFinding.objects.filter(kind=Problem.PRICES).first()
    if found is None:
        return Effect()
    if product is None:
        return Effect(lines=found.count, revenue_share=found.share)
    mine = [one for one in found.evidence["worst"] if one["product"] == product.pk]
    return Effect(
        lines=sum(one["lines"] for one in mine),
        revenue_share=sum(one["share"] for one in mine),
    )


def _share(money: int) -> float:
    """Of the revenue that models learn from, as the last check summed it."""
    check = DataCheck.objects.first()
    if check is None or not check.revenue:
        total = Event.objects.purchases().aggregate(money=Sum("amount"))["money"] or 0
    else:
        total = check.revenue
    return min(money / total, 1.0) if total else 0.0
