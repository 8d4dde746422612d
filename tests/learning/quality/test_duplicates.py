from collections import Counter, defaultdict

import numpy as np
import pytest

from retention.learning.panel import Kind
from retention.learning.quality.duplicates import copies, duplicates, repeats
from retention.learning.quality.log import Log
from tests.learning.quality.logs import MONDAY, log


def drawn(seed: int) -> Log:
    """Few values, so that much is equal."""
    rng, n = np.random.default_rng(seed), 400
    return log(
        customer=rng.integers(-1, 4, n),
        product=rng.integers(-1, 2, n),
        kind=rng.choice([Kind.VIEW, Kind.PURCHASE, Kind.OTHER], n),
        quantity=rng.integers(1, 3, n),
        order=rng.integers(-1, 3, n),
        delivery=rng.integers(0, 4, n),
        second=MONDAY * 86_400 + rng.choice([0, 7, 8], n),
    )


def things(events: Log) -> list[tuple[int, ...]]:
    """What each event says happened."""
    whole_day = events.second % 86_400 == 0
    order = np.where(whole_day, events.order, -1)
    columns = (events.customer, events.kind, events.product, events.quantity, events.second, order)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def slow_copies(events: Log) -> set[int]:
    """Event by event: of each thing, all tellings but the fullest, of equally full the earliest."""
    told: dict[tuple[int, ...], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, thing in enumerate(things(events)):
        if thing[0] >= 0 and thing[1] != Kind.OTHER:
            told[thing][int(events.delivery[row])].append(row)
    again: set[int] = set()
    for tellings in told.values():
        best = min(tellings, key=lambda one: (-len(tellings[one]), tellings[one][0]))
        again |= {row for one, rows in tellings.items() if one != best for row in rows}
    return again


def slow_repeats(events: Log) -> set[int]:
    seen: Counter[tuple[int, ...]] = Counter()
    again = set()
    for row, thing in enumerate(things(events)):
        line = (*thing[:5], int(events.order[row]))
        if line[0] >= 0 and line[-1] >= 0 and line[1] == Kind.PURCHASE:
            again |= {row} if seen[line] else set()
            seen[line] += 1
    return again


@pytest.mark.parametrize("seed", range(5))
def test_they_are_what_going_through_event_by_event_finds(seed: int) -> None:
    events = drawn(seed)

    assert set(np.flatnonzero(copies(events)).tolist()) == slow_copies(events)
    assert set(np.flatnonzero(repeats(events)).tolist()) == slow_repeats(events)


def test_a_file_imported_again_under_other_ids_is_found_whole_and_once() -> None:
    file = [{"product": p, "order": 5, "delivery": 1} for p in (1, 2, 3)]
    again = [line | {"delivery": 2, "order": 9} for line in file]

    (found,) = duplicates(log(*file, *again))

    assert (found.problem, found.count, found.of) == ("DUPLICATES", 3, 6)
    assert found.evidence["events"] == [4, 5, 6]
    assert found.share == found.evidence["revenue_share"] == 0.5


def test_two_equal_lines_of_one_order_in_one_file_are_repeats_and_no_copies() -> None:
    line = {"order": 5, "delivery": 1}

    (found,) = duplicates(log(line, line, {"order": 6, "delivery": 1}))

    assert (found.problem, found.evidence["events"]) == ("REPEATS", [2])


def test_where_only_days_are_known_another_order_is_another_order() -> None:
    midnight = MONDAY * 86_400
    two = [{"order": n, "delivery": n, "second": midnight} for n in (1, 2)]

    assert duplicates(log(*two)) == []


def test_strangers_are_nobodys_duplicates() -> None:
    two = [{"customer": -1, "delivery": n, "kind": Kind.VIEW} for n in (1, 2)]

    assert duplicates(log(*two)) == []
