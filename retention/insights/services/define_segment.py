from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from retention.access.audit import record
from retention.insights.conditions.tree import Node, NotSound, Wrong, read_rule, written_rule
from retention.insights.conditions.wording import stored_words
from retention.insights.models import Segment
from retention.insights.turns import take_turn

LONGEST_NAME, LONGEST_KEY = 100, 50


class NotARule(Exception):
    """A segment that a training made cannot be given a rule."""


@dataclass(frozen=True)
class SegmentPlan:
    """A segment as somebody asks for it. rule : as JSON."""

    name: str
    rule: Any
    description: str = ""


def define_segment(
    plan: SegmentPlan, *, by: str, at: datetime, segment: Segment | None = None
) -> Segment:
    """Make a segment of a rule, or give one another name or rule. Nobody is in a new one yet:
    `refresh_segment` finds them. Raises NotSound, NotARule."""
    if segment is not None and segment.kind != Segment.Kind.RULE:
        raise NotARule(f"{segment} comes from a training: its customers follow no rule.")
    rule = _sound(plan, besides=segment)
    before = _told(segment) if segment else {}
    with transaction.atomic():
        made = segment or _new(plan.name)
        made.name, made.description = plan.name.strip(), plan.description.strip()
        made.rule, made.named_by = written_rule(rule), by
        made.save()
        did = "change segment" if segment else "define segment"
        record(did, thing=made, actor=by, before=before, after=_told(made), at=at)
    return made


def _sound(plan: SegmentPlan, *, besides: Segment | None) -> Node:
    wrongs = list(_wrong_name(plan.name.strip(), besides))
    try:
        rule = read_rule(plan.rule)
    except NotSound as refused:
        raise NotSound(wrongs + refused.wrongs) from None
    if wrongs:
        raise NotSound(wrongs)
    return rule


def _wrong_name(name: str, besides: Segment | None) -> list[Wrong]:
    if not 1 <= len(name) <= LONGEST_NAME:
        return [Wrong("name", f"Give it a name of at most {LONGEST_NAME} letters.")]
    same = Segment.objects.of_rules().filter(name__iexact=name)
    if (same.exclude(pk=besides.pk) if besides else same).exists():
        return [Wrong("name", f"There is a segment {name!r} already.")]
    return []


def _new(name: str) -> Segment:
    """Under a key that nobody has: from its name, with a number where that is taken."""
    take_turn("segment keys")
    start = slugify(name)[:LONGEST_KEY] or "segment"
    taken = set(
        Segment.objects.of_rules().filter(key__startswith=start).values_list("key", flat=True)
    )
    keys = (start if n == 1 else f"{start}-{n}" for n in range(1, len(taken) + 2))
    return Segment(kind=Segment.Kind.RULE, key=next(key for key in keys if key not in taken))


def _told(segment: Segment) -> dict[str, Any]:
    """A segment as the audit log keeps it."""
    return {"name": segment.name, "rule": stored_words(segment.rule)}
