"""Promise 1 of a use that is kept: what one order keeps, no other order of the customer spends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from campaigns.models import Coupon
from campaigns.orders import Order
from campaigns.refusing import NotRedeemable
from campaigns.services.lock import lock_coupon
from campaigns.services.redeem import redeem_coupon
from tests import make
from tests.live import WHOLE, Crowd
from tests.make import NOW

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("live_database")]
TILLS, CUSTOMERS = 20, 2000 if WHOLE else 60
TOO_LATE = {"locked", "used_by_customer", "used_up", "busy"}


def own() -> Coupon:
    """A customer's, for one use."""
    return make.coupon(customer=make.customer(external_id="c"))


def for_all() -> Coupon:
    """So many uses that only the one of each customer is in the way."""
    make.customer(external_id="c")
    return for_strangers()


def for_strangers() -> Coupon:
    uses = 2 * CUSTOMERS
    campaign = make.campaign(state="RUNNING", bands=[], code_uses=uses, uses_per_customer=1)
    coupon = make.coupon(campaign=campaign, maximum_redemptions=uses)
    Coupon.objects.filter(pk=coupon.pk).update(customer=None, uses_per_customer=1)
    return coupon


def redeem(code: str, number: str, customer: str = "c") -> str:
    return told(lambda order: redeem_coupon(code, order=order, at=NOW), number, customer)


def lock(code: str, number: str, customer: str = "c") -> str:
    return told(lambda order: lock_coupon(code, order=order, at=NOW), number, customer)


def told(ask: Callable[[Order], object], number: str, customer: str) -> str:
    try:
        ask(Order(order_id=number, customer=customer, amount=5000, currency="GBP"))
    except NotRedeemable as refused:
        return refused.refusals[0].reason
    return "won"


@contextmanager
def held_up(coupon: Coupon) -> Iterator[None]:
    """Nobody gets past the coupon's row."""
    with transaction.atomic():
        Coupon.objects.select_for_update().get(pk=coupon.pk)
        yield


def until_waiting(wanted: int) -> None:
    """So many stand before the row, or behind one another. SQLite does not say."""
    until = time.monotonic() + 20
    while connection.vendor == "postgresql" and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= wanted:
                return
        time.sleep(0.01)
    time.sleep(0.1)


@pytest.mark.parametrize("made", [own, for_all, for_strangers])
@pytest.mark.parametrize("tills", [(redeem, lock), (lock, redeem)])
def test_who_looked_before_another_order_was_promised_the_use_does_not_get_it(
    tills: tuple[Callable[[str, str], str], ...], made: Callable[[], Coupon]
) -> None:
    coupon = made()

    with Crowd(2) as crowd:
        with held_up(coupon):
            asked = []
            for till in tills:
                asked.append(crowd.submit(till, coupon.code, till.__name__))
                until_waiting(len(asked))
        answers = {one.result() for one in asked}
    later = redeem(coupon.code, "lock")

    assert answers & TOO_LATE == answers - {"won"}
    assert len(answers) == 2, answers
    assert later in TOO_LATE | {"won"}
    assert Coupon.objects.values_list("redeemed_count", "locked_count").get() == (1, 0)


@pytest.mark.parametrize("tills", [(redeem, lock), (lock, redeem)])
def test_an_order_that_is_paid_while_it_asks_for_a_lock_keeps_no_second_use(
    tills: tuple[Callable[[str, str], str], ...],
) -> None:
    coupon = make.coupon(customer=make.customer(external_id="c"), maximum_redemptions=3)

    with Crowd(2) as crowd, held_up(coupon):
        for number, till in enumerate(tills, start=1):
            crowd.submit(till, coupon.code, "one order")
            until_waiting(number)

    assert Coupon.objects.values_list("redeemed_count", "locked_count").get() == (1, 0)


def test_of_a_lock_and_a_redemption_at_once_one_gets_it_and_each_lock_can_be_spent() -> None:
    code = for_strangers().code
    people = [f"c{n}" for n in range(CUSTOMERS)]

    with Crowd(TILLS) as crowd:
        asked = [
            (crowd.submit(redeem, code, f"a-{who}", who), crowd.submit(lock, code, f"b-{who}", who))
            for who in people
        ]
        answers = [(spent.result(), kept.result()) for spent, kept in asked]
        kept = [who for who, (_, kept) in zip(people, answers, strict=True) if kept == "won"]
        later = list(crowd.map(lambda who: redeem(code, f"b-{who}", who), kept))

    assert {one.count("won") for one in answers} == {1}
    assert {word for pair in answers for word in pair} <= TOO_LATE | {"won"}
    assert set(later) <= {"won"}
    assert Coupon.objects.values_list("redeemed_count", "locked_count").get() == (CUSTOMERS, 0)
