from datetime import datetime

from customers.models import Purpose
from retention.insights.families.family import Progress, silent
from retention.insights.families.segments import memberships_of, rfm_rows
from retention.insights.models import Kind, Segment
from retention.insights.publishing import publish_rfm
from retention.insights.publishing_segments import publish_segments
from retention.insights.quality.cleaning import learnable
from retention.insights.serving import load_champion

SEGMENTS = {Kind.RFM: Segment.Kind.RFM, Kind.CLUSTERS: Segment.Kind.CLUSTER}


def segment_everyone(*, at: datetime, progress: Progress = silent) -> dict[str, dict[str, int]]:
    """Put every consenting customer into the segments that serve; a kind without a model waits."""
    moved: dict[str, dict[str, int]] = {}
    for done, (kind, segments) in enumerate(SEGMENTS.items()):
        progress(done, len(SEGMENTS), f"Writing {segments.label} segments")
        champion = load_champion(kind)
        if champion is None:
            continue
        version, parameters, arrays = champion
        allowed = set(learnable(Purpose.ANALYTICS).values_list("pk", flat=True))
        cards, members = memberships_of(kind, parameters, arrays)
        kept = {who: key for who, key in members.items() if who in allowed}
        if kind == Kind.RFM:
            publish_rfm(rfm_rows(arrays, as_of=version.run.learned_at))
        moved[segments] = publish_segments(segments, cards, kept, version=version, at=at)
    return moved
