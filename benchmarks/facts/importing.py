"""Stores the same events by each way in turn: `python -m benchmarks.facts.importing COUNT ROUNDS`.

Prints the seconds of each round as JSON. The database is the one that DATABASE_URL names, empty.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after the setup
from django.utils import timezone  # noqa: E402

from benchmarks.facts.shop import messages  # noqa: E402
from benchmarks.facts.ways import BulkCreate, Way, ours  # noqa: E402
from customers.messages import EventMessage  # noqa: E402
from customers.models import Event  # noqa: E402


def main(count: int, rounds: int) -> None:
    call_command("migrate", verbosity=0)
    seconds: dict[str, list[float]] = defaultdict(list)
    at = timezone.now()
    # What is met for the first time is met by both: this round is not counted.
    BulkCreate()(messages(count // 4, seed=1), at)
    ours(messages(count // 4, seed=2), at)
    for turn in range(rounds):
        mine, theirs = messages(count, seed=2 * turn + 10), messages(count, seed=2 * turn + 11)
        peer = BulkCreate()
        seconds["bulk_create, the same job"].append(_timed(peer, theirs, at))
        seconds["bulk_create alone"].append(peer.bare_s)
        seconds["ours"].append(_timed(ours, mine, at))
        seconds["ours, all of it again"].append(_timed(ours, mine, at))
    expected = 2 * (count // 4) + 2 * rounds * count
    assert Event.objects.count() == expected, "A way of storing events lost or doubled some."
    print(json.dumps(seconds))


def _timed(way: Way, events: Sequence[EventMessage], at: datetime) -> float:
    start = time.perf_counter()
    way(events, at)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
