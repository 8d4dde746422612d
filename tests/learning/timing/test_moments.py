from datetime import UTC, datetime

import numpy as np

from retention.learning.panel import Kind
from retention.learning.timing.moments import HOURS, WEEKDAYS, Moments


def moments(*events: tuple[int, Kind, datetime]) -> Moments:
    who, kinds, at = zip(*events, strict=True)
    return Moments.of(
        customer=np.array(who),
        kind=np.array(kinds),
        second=np.array([int(one.timestamp()) for one in at]),
        n_customers=2,
    )


def june(day: int, hour: int, minute: int = 30) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


def test_a_day_counts_once_at_its_first_order() -> None:
    found = moments(
        (0, Kind.VIEW, june(1, 8)),
        (0, Kind.PURCHASE, june(1, 19)),
        (0, Kind.PURCHASE, june(1, 22)),
        (1, Kind.VIEW, june(2, 9)),
        (1, Kind.CART, june(2, 7)),
        (1, Kind.RETURN, june(4, 9)),
    )

    assert found.hour.tolist() == [19, 7]
    assert found.ordered.tolist() == [True, False]
    # 1 June 2026 was a Monday.
    assert found.weekday.tolist() == [0, 1]
    assert found.counts(WEEKDAYS, ordered=False)[1].tolist() == [0, 1, 0, 0, 0, 0, 0]


def test_a_day_without_a_time_has_a_weekday_and_no_hour() -> None:
    found = moments((0, Kind.PURCHASE, june(1, 0, 0)), (0, Kind.PURCHASE, june(2, 0, 1)))

    assert found.hour.tolist() == [-1, 0]
    assert found.counts(HOURS, ordered=True).sum() == 1
    assert found.counts(WEEKDAYS, ordered=True).sum() == 2
