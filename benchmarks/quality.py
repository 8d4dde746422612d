"""How long checking a shop takes: `RETENTION_DATA_DIR=... python -m benchmarks.quality`.

The shop is the one in the data folder, as `import_shop` filled it; nothing of it is changed.
"""

import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import django

T = TypeVar("T")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "retention.settings")
    django.setup()
    from django.db import connection

    from retention.insights.datasets import read_facts, read_log
    from retention.insights.services.check_data import find_problems

    if "customers_event" not in connection.introspection.table_names():
        print("No shop here: fill one by import_shop, and name its folder by RETENTION_DATA_DIR.")
        return
    at = datetime.now(UTC)
    read = timed("read every event", lambda: read_log(before=at))
    found = timed("look for problems", lambda: find_problems(read))
    timed("(read for learning)", lambda: read_facts(purpose="ANALYTICS", before=at))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(read.log):,} events, {len(found)} findings, peak {peak:,.0f} MB")


def timed(what: str, work: Callable[[], T]) -> T:
    wall, own = time.perf_counter(), time.process_time()
    done = work()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    print(f"{what:20} {own:6.1f} s of a core, {wall:6.1f} s by the clock")
    return done


if __name__ == "__main__":
    main()
