"""What a rule would change, seen before it is saved: lists without it and with it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from catalog.models import Product
from customers.models import Customer
from retention.insights.merchandising import Recommended, Rule, stored_rules
from retention.insights.models import Context, RecommendationList
from retention.insights.recommendations import Wanted, recommendations_for

LOOKED_AT, EXAMPLES, FIRST, NAMED = 60, 3, 10, 5


@dataclass(frozen=True)
class Example:
    """One list, before and after. customer : None for the list that everybody gets."""

    customer: Customer | None
    before: list[Recommended]
    after: list[Recommended]

    @property
    def who(self) -> str:
        return str(self.customer) if self.customer else "Everyone without a list of their own"

    @property
    def rows(self) -> list[tuple[Recommended | None, Recommended | None]]:
        """Place by place."""
        return list(zip_longest(self.before, self.after))


@dataclass(frozen=True)
class Effect:
    """looked_at : how many lists, of which changed : how many differ among the first ten."""

    looked_at: int
    changed: int
    comes: list[tuple[Product, int]]
    goes: list[tuple[Product, int]]
    examples: list[Example]


def rule_effect(rule: Rule, *, replaces: int | None, at: datetime) -> Effect:
    """The newest lists with the rules in force, and with this one too.

    replaces : the key of the stored rule that it is a new version of.
    """
    others = stored_rules(at, without=replaces)
    wanted = Wanted(FIRST, context=rule.context or Context.HOME)
    pairs = [
        Example(
            customer,
            recommendations_for(customer, wanted, at=at, rules=others).items,
            recommendations_for(customer, wanted, at=at, rules=[*others, rule]).items,
        )
        for customer in _whose()
    ]
    changed = [pair for pair in pairs if _ids(pair.before) != _ids(pair.after)]
    return Effect(
        looked_at=len(pairs),
        changed=len(changed),
        comes=_counted([(pair.after, pair.before) for pair in changed]),
        goes=_counted([(pair.before, pair.after) for pair in changed]),
        examples=changed[:EXAMPLES],
    )


def _whose() -> list[Customer | None]:
    own = RecommendationList.objects.exclude(customer=None).select_related("customer")
    people = [row.customer for row in own.order_by("-pk")[:LOOKED_AT]]
    return [None, *people]


def _ids(items: list[Recommended]) -> list[int]:
    return [item.product.pk for item in items]


def _counted(pairs: list[tuple[list[Recommended], list[Recommended]]]) -> list[tuple[Product, int]]:
    """The products that the first lists hold and the second do not, the most frequent first."""
    products = {item.product.pk: item.product for one, _ in pairs for item in one}
    there = Counter(pk for one, other in pairs for pk in set(_ids(one)) - set(_ids(other)))
    return [(products[pk], count) for pk, count in there.most_common(NAMED)]
