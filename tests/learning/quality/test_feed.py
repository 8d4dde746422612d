import numpy as np
import pytest

from retention.learning.panel import Kind
from retention.learning.quality.feed import changes, clock, gaps, unknown_products
from retention.learning.quality.log import Log
from tests.learning.quality.logs import MONDAY, log

DAY = 86_400


def open_days(days: int, *, closed: set[int] = frozenset(), a_day: int = 40, **more: int) -> Log:  # type: ignore[assignment] # an empty set
    """A shop that never sells on Saturdays, and not on the days that are named."""
    open_ = [day for day in range(days) if day % 7 != 5 and day not in closed]
    rows = np.repeat(open_, a_day)
    clock_ = np.tile(np.linspace(9, 20, a_day) * 3600, len(open_)).astype(np.int64)
    return log(second=(rows + MONDAY) * DAY + clock_, **more)


def test_days_that_usually_sell_and_did_not_are_told_in_runs() -> None:
    (found,) = gaps(open_days(120, closed={45, 46, 48, 60}))

    assert found.count == 4
    assert found.evidence["runs"][0] == {
        "first": MONDAY + 45,
        "last": MONDAY + 48,
        "days": 3,
        "missed": 120,
    }
    assert (found.evidence["of_runs"], found.evidence["recent"]) == (2, 0)


def test_a_feed_that_stopped_misses_every_day_until_today() -> None:
    (found,) = gaps(open_days(120), today=MONDAY + 130)

    assert (found.count, found.evidence["recent"]) == (9, 9)
    assert found.evidence["runs"][0]["last"] == MONDAY + 129


def test_saturdays_of_a_shop_that_is_closed_on_them_are_no_gaps() -> None:
    assert gaps(open_days(120)) == []


def test_a_shop_that_sells_now_and_then_has_no_gaps() -> None:
    assert gaps(open_days(120, closed={45, 46}, a_day=2)) == []


def test_a_week_of_twice_as_much_is_told_with_what_is_usual() -> None:
    busy = open_days(140)
    week = (busy.second // DAY - MONDAY) // 7 == 12
    doubled = busy.take(np.concatenate([np.arange(len(busy)), *[np.flatnonzero(week)] * 2]))

    (found,) = changes(doubled)

    (told,) = found.evidence["weeks"]
    assert (told["what"], told["value"], told["usual"]) == ("events", 120, 40)
    assert told["week"] * 7 + 4 == MONDAY + 84


def test_prices_and_unknown_products_change_too() -> None:
    lines = open_days(140)
    late = lines.second // DAY >= MONDAY + 84
    lines.amount[late] *= 10
    lines.product[late & (lines.event % 2 == 0)] = -1

    (found,) = changes(lines)

    assert {told["what"] for told in found.evidence["weeks"]} == {"mean_price", "without_product"}


def test_steady_weeks_and_days_without_events_are_no_change() -> None:
    assert changes(open_days(140, closed={45, 46, 47})) == []


def test_days_without_a_time_are_good_to_know() -> None:
    (found,) = clock(log(second=(np.arange(200) + MONDAY) * DAY))

    assert (found.evidence, found.share) == ({"days_only": 1.0}, 0.0)


@pytest.mark.parametrize(("hours", "wrong"), [(0, False), (12, True)])
def test_a_shop_asleep_at_noon_has_another_time_zone(hours: int, *, wrong: bool) -> None:
    sold = open_days(30)

    found = clock(log(second=sold.second + hours * 3600))

    assert [list(one.evidence) for one in found] == ([["night"]] if wrong else [])


def test_a_few_events_of_years_ago_are_told() -> None:
    sold = open_days(60)
    second = np.append(sold.second, [9_000 * DAY + 1, 9_001 * DAY + 1])

    (found,) = clock(log(second=second))

    assert found.evidence["far"] == {"events": 2, "last_day": 9_001, "then_day": MONDAY}


def test_clocks_that_run_ahead_are_told() -> None:
    sold = open_days(10)

    (found,) = clock(log(second=sold.second, corrected=sold.event <= 20))

    assert (found.count, found.evidence["ahead"]) == (20, 20)


def test_purchases_of_nothing_and_of_bare_ids_are_unknown() -> None:
    events = log({"product": -1}, {"product": 5}, {}, {"product": -1, "kind": Kind.VIEW})

    (found,) = unknown_products(events, {5})

    assert (found.count, found.of) == (2, 3)
    assert (found.evidence["without"], found.evidence["bare"]) == (1, 1)
