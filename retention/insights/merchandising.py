"""The operator's rules over a list: pin, move, hide, not again, not too many of one kind."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from catalog.models import Product
from customers.models import Customer, Event
from retention.insights.listing import DECIMALS
from retention.insights.models import RecommendationRule, SegmentMembership
from retention.insights.stars import Expected
from retention.insights.wording import Reason

Action = RecommendationRule.Action
FIRST = 10
"""A cap counts among so many: what is seen without scrolling."""
BY_THE_SHOP = "rule"
"""The model that found a pinned product."""


@dataclass(frozen=True)
class Recommended:
    """One product to show: who found it, how strongly, and why in words, the main reason first.

    log_odds : of being taken, as the learned order has it; None where none was learned.
    fill : popular, found for nobody in particular.
    expected : the stars they would give it; None where that is not known.
    """

    product: Product
    score: float
    model: str
    reasons: tuple[Reason, ...] = ()
    log_odds: float | None = None
    fill: bool = False
    expected: Expected | None = None

    @property
    def because(self) -> str:
        return self.reasons[0].words if self.reasons else ""

    @property
    def supporting(self) -> list[Reason]:
        """What else speaks for it."""
        return [reason for reason in self.reasons[1:] if (reason.effect or 0) >= 0]

    @property
    def against(self) -> list[Reason]:
        return [reason for reason in self.reasons if (reason.effect or 0) < 0]

    @property
    def figures(self) -> list[dict[str, Any]]:
        """What the reasons add, as bars; empty where no sum was learned."""
        if self.log_odds is None:
            return []
        return [{"label": one.words, "effect": one.effect} for one in self.reasons if one.effect]

    @property
    def rest(self) -> float | None:
        """What the reasons leave of the log-odds: small effects, and what every product shares."""
        if self.log_odds is None:
            return None
        said = sum(reason.effect for reason in self.reasons if reason.effect is not None)
        return round(self.log_odds - said, DECIMALS)


@dataclass(frozen=True)
class Rule:
    """A rule as it is applied: what it does to which products. It may not be saved yet."""

    action: str
    percent: int = 0
    days: int = 0
    count: int = 0
    products: frozenset[int] = frozenset()
    category: str = ""
    brand: str = ""
    segment: int | None = None
    context: str = ""

    @classmethod
    def of(cls, row: RecommendationRule, products: Iterable[int] | None = None) -> "Rule":
        """products : the named ones, where they are not the row's own (a rule not saved yet)."""
        named = (product.pk for product in row.products.all()) if products is None else products
        return cls(
            action=row.action,
            percent=row.percent or 0,
            days=row.days or 0,
            count=row.count or 0,
            products=frozenset(named),
            category=row.category.path if row.category else "",
            brand=row.brand,
            segment=row.segment_id,
            context=row.context,
        )

    def concerns(self, product: Product) -> bool:
        """All that the rule names fits the product; a rule that names nothing fits every one."""
        path = product.category.path if product.category else ""
        return (
            (not self.products or product.pk in self.products)
            and (not self.category or path == self.category or path.startswith(self._below))
            and (not self.brand or product.brand.casefold() == self.brand.casefold())
        )

    @property
    def _below(self) -> str:
        return f"{self.category} > "


@dataclass(frozen=True)
class Rules:
    """The rules that concern one list, and what they need to know of its customer."""

    rules: tuple[Rule, ...] = ()
    bought: Mapping[int, datetime] = field(default_factory=dict)
    at: datetime | None = None

    @property
    def pinned(self) -> frozenset[int]:
        """Products that are shown whether or not a model found them."""
        return frozenset().union(*(rule.products for rule in self._of(Action.PIN)))

    def arrange(self, items: Sequence[Recommended]) -> list[Recommended]:
        """Hide, move, pin, and thin out, in this order: no pin brings back what is hidden."""
        allowed = [item for item in items if not self._hidden(item.product)]
        moved = sorted(allowed, key=self._moved_score, reverse=True) if self._moves else allowed
        # However far a rule moves things, what fills a list up stays behind what was found.
        moved = sorted(moved, key=lambda item: item.fill)
        first = [item for item in moved if self._pins(item.product)]
        rest = [item for item in moved if not self._pins(item.product)]
        return self._thinned([*map(_chosen_by_the_shop, first), *rest])

    def _of(self, action: str) -> list[Rule]:
        return [rule for rule in self.rules if rule.action == action]

    @property
    def _moves(self) -> list[Rule]:
        return self._of(Action.BOOST)

    def _pins(self, product: Product) -> bool:
        return any(rule.concerns(product) for rule in self._of(Action.PIN))

    def _hidden(self, product: Product) -> bool:
        if any(rule.concerns(product) for rule in self._of(Action.HIDE)):
            return True
        last = self.bought.get(product.pk)
        if last is None or self.at is None:
            return False
        gone = self.at - last
        again = self._of(Action.NOT_AGAIN)
        return any(gone < timedelta(days=rule.days) and rule.concerns(product) for rule in again)

    def _moved_score(self, item: Recommended) -> float:
        score = item.score
        for rule in self._moves:
            if rule.concerns(item.product):
                score *= 1 + rule.percent / 100
        return score

    def _thinned(self, items: list[Recommended]) -> list[Recommended]:
        caps = self._of(Action.CAP)
        seen: Counter[tuple[int, int | None]] = Counter()
        first: list[Recommended] = []
        for item in items:
            kinds = [
                (number, item.product.category_id)
                for number, cap in enumerate(caps)
                if item.product.category_id is not None and cap.concerns(item.product)
            ]
            if len(first) < FIRST and all(seen[kind] < caps[kind[0]].count for kind in kinds):
                first.append(item)
                seen.update(kinds)
        placed = {item.product.pk for item in first}
        return first + [item for item in items if item.product.pk not in placed]


def rules_for(
    customer: Customer | None, *, context: str, at: datetime, others: Collection[Rule] | None = None
) -> Rules:
    """The rules in force for a customer (None: a visitor without a name) and a place.

    others : rules to apply instead of the stored ones, as when a rule is tried before it is saved.
    """
    rules = stored_rules(at) if others is None else list(others)
    here = [rule for rule in rules if not context or rule.context in {"", context}]
    groups = _groups(customer) if any(rule.segment for rule in here) else frozenset()
    mine = tuple(rule for rule in here if rule.segment is None or rule.segment in groups)
    again = [rule.days for rule in mine if rule.action == Action.NOT_AGAIN]
    bought = _bought(customer, since=at - timedelta(days=max(again))) if again else {}
    return Rules(rules=mine, bought=bought, at=at)


def stored_rules(at: datetime, *, without: int | None = None) -> list[Rule]:
    """Those in force, but for the row of one key; the oldest first: of several pins it leads."""
    in_force = RecommendationRule.objects.in_force(at).select_related("category")
    rows = in_force if without is None else in_force.exclude(pk=without)
    return [Rule.of(row) for row in rows.prefetch_related("products").order_by("pk")]


def _groups(customer: Customer | None) -> frozenset[int]:
    if customer is None:
        return frozenset()
    current = SegmentMembership.objects.current().consented().filter(customer=customer)
    return frozenset(current.values_list("segment_id", flat=True))


def _bought(customer: Customer | None, *, since: datetime) -> dict[int, datetime]:
    if customer is None:
        return {}
    lately = Event.objects.filter(customer=customer, kind="PURCHASE", occurred_at__gt=since)
    rows = lately.exclude(product=None).order_by("occurred_at")
    return dict(rows.values_list("product_id", "occurred_at"))


def _chosen_by_the_shop(item: Recommended) -> Recommended:
    return replace(item, model=BY_THE_SHOP, reasons=(Reason(BY_THE_SHOP, "Chosen by the shop"),))
