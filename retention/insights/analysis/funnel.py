"""How far customers came in a period, from being seen to ordering again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from customers.models import Event, EventKind, Purpose
from retention.insights.quality.cleaning import learnable

from .ordering import Found, Rule

PERIODS: Final = (30, 90, 365)
STEPS: Final = {
    "seen": "Seen",
    "viewed": "Looked at products",
    "carted": "Put something in the cart",
    "ordered": "Ordered",
    "ordered_again": "Ordered again",
}
BEFORE: Final = ("viewed", "carted")
"""Steps on the way to an order, which a shop need not send."""
Depth = tuple[bool, bool, int]
"""Whether somebody looked, whether they filled a cart, how many orders they have (2: or more)."""


@dataclass(frozen=True)
class Step:
    """reached : who came so far, by all steps before; lost : who came to the one before only."""

    name: str
    reached: Found
    lost: Found | None

    @property
    def label(self) -> str:
        return STEPS[self.name]


@dataclass(frozen=True)
class Funnel:
    """The last `days` days. missing : steps that nobody took, so that they are not asked about.

    past_it : who ordered without all of the steps before: elsewhere, or not signed in.
    """

    days: int
    steps: list[Step]
    missing: list[str]
    past_it: Found | None


def funnel(*, at: datetime, days: int) -> Funnel:
    """Whose steps lie within the last days, in any order. Two queries."""
    since = at - timedelta(days=days)
    seen = learnable(Purpose.ANALYTICS).filter(last_seen_at__gte=since)
    depths = Counter(
        (bool(viewed), bool(carted), min(orders, 2))
        for viewed, carted, orders in Event.objects.filter(
            occurred_at__gte=since, occurred_at__lt=at, customer__in=seen
        )
        .of_kinds([EventKind.VIEW, EventKind.CART, EventKind.PURCHASE])
        .order_by()
        .values("customer")
        .annotate(
            viewed=Count("pk", filter=Q(kind=EventKind.VIEW)),
            carted=Count("pk", filter=Q(kind=EventKind.CART)),
            orders=Count("order_id", distinct=True, filter=Q(kind=EventKind.PURCHASE)),
        )
        .values_list("viewed", "carted", "orders")
    )
    return _told(days, seen.count(), depths)


def _told(days: int, seen: int, depths: Counter[Depth]) -> Funnel:
    missing = [step for step in BEFORE if not any(_took(depth, [step]) for depth in depths)]
    names = [name for name in STEPS if name not in missing]
    rules = _rules(days)
    steps: list[Step] = []
    for i, name in enumerate(names):
        asked = names[1 : i + 1]
        count = sum(n for depth, n in depths.items() if _took(depth, asked)) if i else seen
        reached = Found(count, _all([rules[one] for one in names[: i + 1]]))
        without = {"not": rules[name]}
        before = [rules[one] for one in names[:i]]
        lost = Found(steps[-1].reached.count - count, _all([*before, without])) if i else None
        steps.append(Step(name, reached, lost))
    between = [step for step in BEFORE if step in names]
    past = sum(n for depth, n in depths.items() if depth[2] and not _took(depth, between))
    around = [rules["seen"], rules["ordered"], {"not": _all([rules[one] for one in between])}]
    return Funnel(days, steps, missing, Found(past, _all(around)) if between else None)


def _took(depth: Depth, steps: Sequence[str]) -> bool:
    viewed, carted, orders = depth
    done = {"viewed": viewed, "carted": carted, "ordered": orders > 0, "ordered_again": orders > 1}
    return all(done[step] for step in steps)


def _rules(days: int) -> dict[str, Rule]:
    return {
        "seen": {"is": "last_seen", "at_most": days},
        "viewed": {"is": "viewed", "at_least": 1, "days": days},
        "carted": {"is": "carted", "at_least": 1, "days": days},
        "ordered": {"is": "orders", "at_least": 1, "days": days},
        "ordered_again": {"is": "orders", "at_least": 2, "days": days},
    }


def _all(rules: list[Rule]) -> Rule:
    return {"all": rules} if len(rules) != 1 else rules[0]
