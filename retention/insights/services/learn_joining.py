from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from customers.models import Purpose
from retention.insights.conditions.asking import TookTooLong
from retention.insights.datasets import local_day, read_facts
from retention.insights.families.family import Progress, silent
from retention.insights.joining import CannotBeLearned, answers, grouped, inside_of
from retention.insights.models import Segment, SegmentJoining
from retention.learning.churn.labels import DataShortage
from retention.learning.panel import IntArray
from retention.learning.segment.joining import Joining, facts_of, known_at, learn_joining
from retention.learning.trees import LEAF

SEED = 1


def learn_who_joins(
    segment: Segment,
    *,
    horizon_days: int,
    as_of: datetime,
    at: datetime,
    progress: Progress = silent,
) -> SegmentJoining:
    """Learn who, not in a segment, is in it so many days later, and keep it in place of the last.

    Where nothing can be learned, that is kept, with the reason.
    """
    kept = {"horizon_days": horizon_days, "rule": segment.rule, "as_of": as_of, "computed_at": at}
    try:
        learned = _learned(segment, horizon_days, as_of, progress)
    except (CannotBeLearned, TookTooLong) as refused:
        learned = {"problem": str(refused)[:500]}
    nothing: dict[str, Any] = {"tree": [], "quality": {}, "problem": ""}
    return SegmentJoining.objects.update_or_create(
        segment=segment, defaults=nothing | kept | learned
    )[0]


def _learned(
    segment: Segment, horizon_days: int, as_of: datetime, progress: Progress
) -> dict[str, Any]:
    progress(0, 1, "Reading events")
    facts = read_facts(purpose=Purpose.ANALYTICS, before=as_of)
    if not len(facts):
        raise CannotBeLearned("Needs orders of customers, has none yet.")
    panel = facts.panel()
    inside = inside_of(segment, facts, panel)
    events, paths = grouped(panel)
    found = learn_joining(
        events,
        inside,
        horizon_days=horizon_days,
        rng=np.random.default_rng(SEED),
        progress=progress,
    )
    if isinstance(found, DataShortage):
        raise CannotBeLearned(str(found))
    day = local_day(as_of)
    now = facts_of(events, cut_off=day)
    outside = known_at(panel, cut_off=day) & ~inside(day)
    passing = found.tree.reached(now[outside]).sum(axis=0)
    return {"tree": list(_nodes(found, paths, passing)), "quality": _quality(found)}


def _nodes(found: Joining, paths: tuple[str, ...], passing: IntArray) -> Iterator[dict[str, Any]]:
    """Each node: how it is reached from the one above, who came to it, who is there now."""
    tree = found.tree
    way: dict[int, dict[str, Any]] = {0: {"above": None, "words": ""}}
    for node, (fact, least) in enumerate(zip(tree.feature.tolist(), tree.least, strict=True)):
        if fact != LEAF:
            sides = (int(tree.yes[node]), int(tree.no[node]))
            told = zip(sides, (True, False), answers(fact, least, paths), strict=True)
            for side, yes, answer in told:
                way[side] = {"above": node, "fact": fact, "yes": yes, **asdict(answer)}
        yield way[node] | {
            "is_leaf": fact == LEAF,
            "n": int(found.n[node]),
            "joined": int(found.joined[node]),
            "now": int(passing[node]),
        }


def _quality(found: Joining) -> dict[str, Any]:
    said = found.quality
    return {
        "tells": found.tells,
        "n": said.n,
        "joined": int(found.joined[0]),
        "auc": said.auc.as_json(),
        "lift": said.lift.as_json(),
    }
