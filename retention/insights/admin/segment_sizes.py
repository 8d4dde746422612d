"""How many are in a segment, for who may look customers up and for who may not."""

from collections.abc import Callable
from functools import cache

from django.contrib.auth.models import AbstractUser, AnonymousUser

from retention.insights.models import Segment
from retention.insights.rfm import rfm_grid, rfm_months
from retention.insights.rfm_told import told_rfm
from retention.learning.segment.rfm import RfmName
from retention.present.groups import HIDDEN_CELL, at_least_few, told_counts
from retention.present.lists import VIEW_CUSTOMER
from retention.present.templatetags.present import number

SizeOf = Callable[[Segment], str]


def sizes_for(user: AbstractUser | AnonymousUser) -> SizeOf:
    """What of a segment's size may be told to somebody."""
    if user.has_perm(VIEW_CUSTOMER):
        return lambda segment: number(segment.size)
    hidden = cache(_hidden)
    return lambda segment: (
        HIDDEN_CELL if segment.key in hidden(segment.kind) else at_least_few(segment.size)
    )


def _hidden(kind: str) -> set[str]:
    """The keys of a training's segments whose sizes the others, with how many they are in all,
    would give away."""
    if kind == Segment.Kind.RFM:
        by_month = told_rfm(rfm_grid(), rfm_months()).by_month
        return {str(name) for name, row in zip(RfmName, by_month, strict=False) if not row[-1]}
    if kind == Segment.Kind.RULE:
        return set()
    sizes = dict(Segment.objects.filter(kind=kind).values_list("key", "size"))
    whole = len(sizes)
    told = told_counts(
        [*sizes.values(), sum(sizes.values())], [(whole, range(whole))], known=[whole]
    )
    return {key for key, may in zip(sizes, told, strict=False) if not may}
