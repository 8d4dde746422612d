from datetime import datetime

from django.db import transaction

from retention.access.audit import record
from retention.insights.models import Segment

LONGEST_NAME = 100


class NotAName(Exception):
    """What nobody would know a segment by."""


def rename_segment(segment: Segment, name: str, *, by: str, at: datetime) -> Segment:
    """Call a group as the shop calls it; the name stays from training to training.

    An empty name gives the naming back to the trainings: the next one names it again.
    Raises NotAName.
    """
    wanted = name.strip()
    same = Segment.objects.filter(kind=segment.kind, name__iexact=wanted).exclude(pk=segment.pk)
    if len(wanted) > LONGEST_NAME:
        raise NotAName(f"A name has at most {LONGEST_NAME} letters, this one {len(wanted)}.")
    if wanted and same.exists():
        raise NotAName(f"Another group is called {wanted!r} already.")
    with transaction.atomic():
        before = segment.name
        segment.name, segment.named_by = wanted or segment.name, by if wanted else ""
        segment.save(update_fields=["name", "named_by"])
        record(
            "rename segment",
            thing=segment,
            actor=by,
            before={"name": before},
            after={"name": wanted or "as the next training says"},
            at=at,
        )
    return segment
