"""The preview of a large group, kept for some minutes: who opens a page again does not wait for it.

Each process keeps its own, of numbers and ids; who the first in line are is read anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max

from campaigns.models import Campaign
from retention.insights.models import ChurnScore

from .first import Ranked, told
from .preview import Preview, foresee

LARGE: Final = 20_000
"""So many customers of a band or segment take a third of a second."""
KEPT_FOR: Final = timedelta(minutes=5)
MOST: Final = 32

Key = tuple[int, int, datetime | None, datetime | None]


@dataclass(frozen=True)
class Kept:
    at: datetime
    seen: Preview
    first: tuple[Ranked, ...]


_kept: dict[Key, Kept] = {}


def previewed(campaign: Campaign, *, at: datetime) -> tuple[Preview, datetime]:
    """The preview, and the moment it is of: at, or of a large group up to some minutes before it.

    Computed anew as soon as the plan is another, scores are new, or a campaign was launched.
    """
    key = _key(campaign)
    kept = _kept.get(key)
    if kept is None or not timedelta() <= at - kept.at < KEPT_FOR:
        kept = Kept(at, *foresee(campaign, at=at))
        if kept.seen.found >= LARGE:
            if len(_kept) >= MOST:
                _kept.clear()
            _kept[key] = kept
    return replace(kept.seen, first=told(kept.first)), kept.at


def _key(campaign: Campaign) -> Key:
    scored = ChurnScore.objects.aggregate(last=Max("computed_at"))["last"]
    launched = Campaign.objects.aggregate(last=Max("launched_at"))["last"]
    return campaign.pk, campaign.revision, scored, launched
