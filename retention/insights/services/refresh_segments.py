import logging
from collections.abc import Iterable
from datetime import datetime

from retention.insights.conditions.asking import TookTooLong, members_of
from retention.insights.conditions.tree import NotSound, read_rule
from retention.insights.families.family import Progress, silent
from retention.insights.models import Segment
from retention.insights.publishing_segments import publish_members

SECONDS = 120.0
"""A rule that takes longer than this to ask is left as it was, and says so."""
log = logging.getLogger(__name__)


def refresh_segments(
    segments: Iterable[Segment],
    *,
    as_of: datetime,
    at: datetime,
    progress: Progress = silent,
    seconds: float = SECONDS,
) -> dict[str, int]:
    """Ask each rule who fits it as of a moment, and note who entered and left at this one.

    A rule that cannot be asked keeps its customers and its reason on the segment.
    """
    chosen = list(segments)
    moved = {"segments": len(chosen), "entered": 0, "left": 0, "not_refreshed": 0}
    for done, segment in enumerate(chosen):
        progress(done, len(chosen), segment.name)
        try:
            rule = read_rule(segment.rule, look_up=False)
            members = members_of(rule, at=as_of, seconds=seconds)
        except (NotSound, TookTooLong) as refused:
            log.warning("Segment %s was not refreshed: %s", segment.pk, refused)
            Segment.objects.filter(pk=segment.pk).update(problem=str(refused)[:500])
            moved["not_refreshed"] += 1
            continue
        change = publish_members(segment, members, at=at)
        moved |= {name: moved[name] + change[name] for name in ("entered", "left")}
    return moved
