from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

from customers.facts import Fact
from customers.models import Event, MergedEvent
from customers.store.rows import SourceId

CHUNK = 500


def remember_homes(facts: Sequence[Fact], homes: Mapping[SourceId, int], *, at: datetime) -> None:
    """Write down which of the events just stored came by an id that a merge moved.

    So that they go back with it. homes : the ids, with whose each was. at : when they arrived.
    """
    named: dict[str, dict[str, int]] = defaultdict(dict)
    for fact in facts:
        if fact.customer is not None and (home := homes.get(fact.customer)) is not None:
            named[fact.source].setdefault(fact.message_id, home)
    for source, by_name in named.items():
        names = iter(by_name)
        while chunk := list(islice(names, CHUNK)):
            # One that was there before came as somebody's already, and stays theirs.
            stored = Event.objects.filter(source=source, message_id__in=chunk, received_at=at)
            MergedEvent.objects.bulk_create(
                (
                    MergedEvent(event_id=pk, home_id=by_name[name])
                    for pk, name in stored.values_list("pk", "message_id")
                ),
                ignore_conflicts=True,
            )
