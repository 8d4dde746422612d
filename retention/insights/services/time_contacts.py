from collections.abc import Iterator
from datetime import datetime
from typing import Any

from customers.models import Purpose
from retention.insights.clocks import own_seconds
from retention.insights.datasets import Facts, read_facts
from retention.insights.families.family import Progress, silent
from retention.insights.foreseeing import foresee_categories
from retention.insights.models import SendTime
from retention.insights.publishing import publish_category_chances, publish_send_times
from retention.learning.panel import IntArray
from retention.learning.timing.circle import Circle, Habit, Seen
from retention.learning.timing.moments import HOURS, WEEKDAYS, Moments


def time_contacts(*, at: datetime, progress: Progress = silent) -> dict[str, Any]:
    """Find when to write to everyone who was in the shop, and what they are likely to buy next.

    Nothing has to be trained first: what is learned takes seconds, and chances of categories are
    told only where they were better in the last days than what is usual.
    Returns how many rows of each, and in words how the chances did.
    """
    progress(0, 2, "Reading events")
    facts = read_facts(purpose=Purpose.ANALYTICS, before=at)
    times = _send_times(facts, at=at, progress=progress)
    foreseen = foresee_categories(facts, at=at)
    told = publish_category_chances(foreseen.rows)
    return {"send_times": times, "category_chances": told, "category_verdict": foreseen.words}


def _send_times(facts: Facts, *, at: datetime, progress: Progress) -> int:
    moments = _moments(facts)
    who = moments.customers
    hour, weekday = (_habits(moments, bins) for bins in (HOURS, WEEKDAYS))
    rows = _rows(facts.customers.ids_of(who), hour.take(who), weekday.take(who), at=at)
    return publish_send_times(rows, total=len(who), progress=progress)


def _moments(facts: Facts) -> Moments:
    return Moments.of(
        customer=facts.customer,
        kind=facts.kind,
        second=own_seconds(facts),
        n_customers=len(facts.customers),
    )


def _habits(moments: Moments, bins: int) -> Habit:
    ordered, visited = (moments.counts(bins, ordered=told) for told in (True, False))
    seen = Seen(ordered, visited)
    return Circle.fit(seen).habits(seen)


def _rows(ids: IntArray, hour: Habit, weekday: Habit, *, at: datetime) -> Iterator[SendTime]:
    # Where nobody's events have a time, no hour is usual.
    timed = bool(hour.seen.any())
    columns = (
        *(hour.place, hour.own, hour.within, hour.seen),
        *(weekday.place, weekday.own, weekday.within, weekday.seen),
    )
    rows = zip(ids.tolist(), *(column.tolist() for column in columns), strict=True)
    for who, h, h_own, h_days, h_of, d, d_own, d_days, d_of in rows:
        yield SendTime(
            customer_id=who,
            hour=h if timed else None,
            hour_is_own=h_own,
            hour_days=h_days,
            hour_days_of=h_of,
            weekday=d,
            weekday_is_own=d_own,
            weekday_days=d_days,
            weekday_days_of=d_of,
            computed_at=at,
        )
