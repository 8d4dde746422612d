from typing import Any

import numpy as np
import pytest

from retention.learning.panel import Kind
from retention.learning.quality.accounts import bots, sounds_like_no_person, tills
from retention.learning.quality.log import Log
from tests.learning.quality.logs import MONDAY, log

NOBODY = np.empty(0, dtype=np.int64)
HOUR, DAY = 3600, 86_400


def shop(**till: Any) -> Log:
    """Sixty people who order every other week for half a year, and customer 99."""
    rng = np.random.default_rng(1)
    people = np.repeat(np.arange(60), 13)
    second = MONDAY * DAY + np.tile(np.arange(13) * 14, 60) * DAY + rng.integers(0, 180, 780) * DAY
    second = second % (182 * DAY) + MONDAY * DAY + rng.integers(9, 21, 780) * HOUR
    more = {name: np.asarray(values) for name, values in till.items()}
    n = len(more["second"]) if more else 0
    return log(
        customer=np.concatenate([people, np.full(n, 99)]),
        product=np.concatenate([rng.integers(0, 300, 780), more.get("product", NOBODY)]),
        order=np.arange(780 + n),
        second=np.concatenate([second, more.get("second", NOBODY)]),
    )


@pytest.mark.parametrize(
    "name", ["TEST001", "test", "till-2", "POS_03", "Kasse 1", "cash sales", "Guest12", "demo.user"]
)
def test_ids_that_are_words_for_tills_and_tests_are_recognised(name: str) -> None:
    assert sounds_like_no_person(name)


@pytest.mark.parametrize(
    "name", ["mary.till@example.com", "testarossa", "cashman", "17841", "C0000012", "", "anna-pos"]
)
def test_people_with_such_words_in_their_name_are_people(name: str) -> None:
    assert not sounds_like_no_person(name)


def test_nobody_in_an_ordinary_shop_is_a_till() -> None:
    assert tills(shop(), NOBODY) == []


def test_who_orders_every_day_at_every_hour_whatever_there_is_is_a_till() -> None:
    days, hours = np.arange(182).repeat(12), np.tile(np.arange(9, 21), 182)
    second = MONDAY * DAY + days * DAY + hours * HOUR

    (found,) = tills(shop(second=second, product=np.arange(len(second)) % 290), NOBODY)

    assert found.customer == 99
    assert found.evidence["signs"] == ["many", "daily", "hours", "wide", "heavy"]
    assert found.evidence["certain"]
    assert (found.evidence["orders"], found.count) == (2184, 2184)


def test_a_reseller_is_worth_a_look_and_not_called_a_till() -> None:
    weekly = MONDAY * DAY + np.arange(26).repeat(20) * 7 * DAY + 10 * HOUR
    orders = np.arange(26).repeat(20)

    bought = shop(second=weekly, product=np.arange(520) % 290)
    bought.order[780:] = 780 + orders
    (found,) = tills(bought, NOBODY)

    assert found.evidence["signs"] == ["wide", "heavy"]
    assert not found.evidence["certain"]


def test_a_name_is_enough_once_the_account_was_used() -> None:
    used, unused = {"customer": 5}, {"customer": 6}

    found = tills(log(used, used, unused, {"customer": 7}), np.array([5, 6]))

    assert [one.customer for one in found] == [5]


def views(gap: int, *, n: int = 300, customer: int = 1) -> Log:
    return log(customer=customer, kind=Kind.VIEW, second=MONDAY * DAY + np.arange(n) * gap)


@pytest.mark.parametrize("gap", [1, 3, 300])
def test_hundreds_of_views_at_no_readers_pace_are_a_bots(gap: int) -> None:
    """Seconds apart, or round the clock."""
    (found,) = bots(views(gap))

    assert (found.customer, found.count) == (1, 300)


def test_a_keen_reader_is_no_bot() -> None:
    evenings = MONDAY * DAY + np.arange(10).repeat(40) * DAY + np.tile(np.arange(40) * 90, 10)

    assert bots(log(kind=Kind.VIEW, second=evenings)) == []


def test_who_bought_once_is_no_bot() -> None:
    seen = views(1)
    bought = np.append(seen.kind[1:], Kind.PURCHASE)

    assert bots(log(kind=bought, second=seen.second)) == []
