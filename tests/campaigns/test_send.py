"""Messages go out once, to who still wants them, when they are awake."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.actors import Actor
from campaigns.carrying import NotCarried
from campaigns.letters import Letter
from campaigns.models import Message, MessageTemplate, Outlet
from campaigns.services.cancel import cancel_campaign
from campaigns.services.pause import pause_campaign
from campaigns.services.send import ON_ITS_WAY, send_messages
from campaigns.services.write_messages import write_messages
from campaigns.services.write_off import FAILURES_IN_A_ROW, TRIES
from customers.models import Customer, Purpose
from customers.services.consent import record_consents
from customers.services.forget import forget_customer
from tests import make
from tests.make import NOW

from .carriers import Bag, refuse

pytestmark = pytest.mark.django_db
OPERATOR = Actor("operator")


def send(bag: Bag, *, at: datetime = NOW, channel: str = "EMAIL") -> int:
    return send_messages({channel: bag}, now=lambda: at, progress=lambda *_: None)


def test_a_message_says_the_coupon_and_is_sent_once() -> None:
    message, bag = make.message(), Bag()

    assert [send(bag), send(bag)] == [1, 0]

    message.refresh_from_db()
    assert (message.state, message.sent_at) == ("SENT", NOW)
    (letter,) = bag.letters
    assert letter.subject == "A coupon for Ada"
    assert f"10 % off with {message.coupon.code} until 1 July 2026." in letter.text
    assert letter.key == message.key


def objects(message: Message) -> None:
    said = {(message.customer_id, Purpose.MARKETING.value): False}
    record_consents(said, source="shop", at=NOW)


def was_written_to_twice(message: Message) -> None:
    for days in (1, 29):
        sent_at = NOW - timedelta(days=days)
        make.message(customer=message.customer, state="SENT", sent_at=sent_at)


def used_the_coupon(message: Message) -> None:
    message.coupon.redeemed_count = 1
    message.coupon.save()


def has_no_address(message: Message) -> None:
    message.customer.contact.delete()


def was_merged_with_one_who_got_it(message: Message) -> None:
    other = make.message(campaign=message.campaign, state="SENT", sent_at=NOW)
    Customer.objects.filter(pk=other.customer_id).update(merged_into=message.customer)


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (objects, "CONSENT"),
        (was_written_to_twice, "CAP"),
        (used_the_coupon, "COUPON"),
        (has_no_address, "ADDRESS"),
        (was_merged_with_one_who_got_it, "DOUBLED"),
    ],
)
def test_every_rule_is_asked_again_when_it_is_sent(
    happened: Callable[[Message], None], reason: str
) -> None:
    message, bag = make.message(), Bag()
    happened(message)

    send(bag)

    message.refresh_from_db()
    assert (message.state, message.reason) == ("SKIPPED", reason)
    assert bag.letters == []


@pytest.mark.parametrize("minutes", [-60, 10])
def test_a_coupon_kept_for_a_checkout_is_written_about(minutes: int) -> None:
    message, bag = make.message(), Bag()
    make.coupon_lock(coupon=message.coupon, until=NOW + timedelta(minutes=minutes))

    assert send(bag) == 1


def test_messages_of_longer_ago_do_not_count() -> None:
    message = make.message()
    for days in (31, 40):
        sent_at = NOW - timedelta(days=days)
        make.message(customer=message.customer, state="SENT", sent_at=sent_at)

    assert send(Bag()) == 1


def test_an_objection_while_it_is_being_sent_stops_the_next_one() -> None:
    first = make.message()
    second = make.message(campaign=first.campaign)
    bag = Bag(before=lambda letter: objects(second))

    send(bag)

    second.refresh_from_db()
    assert [letter.key for letter in bag.letters] == [first.key]
    assert (second.state, second.reason) == ("SKIPPED", "CONSENT")


def test_at_night_it_waits_for_the_customers_morning() -> None:
    tokyo, bag = make.message(customer=make.customer(timezone="Asia/Tokyo")), Bag()

    send(bag, at=NOW)  # 21:00 in Tokyo.

    tokyo.refresh_from_db()
    assert (tokyo.state, tokyo.due_at) == ("WAITING", datetime(2026, 6, 1, 23, tzinfo=UTC))
    assert send(bag, at=tokyo.due_at) == 1


def test_pausing_holds_from_the_next_message_on() -> None:
    first = make.message()
    make.message(campaign=first.campaign)

    def pause(letter: Letter) -> None:
        pause_campaign(first.campaign_id, by=OPERATOR, at=NOW)

    bag = Bag(before=pause)

    send(bag)
    send(bag)

    assert len(bag.letters) == 1
    assert Message.objects.filter(state="WAITING").count() == 1


def test_cancelling_sends_nothing_more() -> None:
    message, bag = make.message(), Bag()
    cancel_campaign(message.campaign_id, by=OPERATOR, at=NOW)

    send(bag)

    message.refresh_from_db()
    assert (message.state, message.reason, bag.letters) == ("SKIPPED", "STOPPED", [])


def test_what_an_ended_campaign_left_on_its_way_ends_and_counts_no_longer_than_the_cap() -> None:
    def cancel_and_fail(letter: Letter) -> None:
        cancel_campaign(failing.campaign_id, by=OPERATOR, at=NOW)
        refuse(letter)

    failing = make.message()
    send(Bag(before=cancel_and_fail))
    lost = make.message(
        campaign=failing.campaign, state="SENDING", attempts=1, due_at=NOW + ON_ITS_WAY
    )
    others = Message.objects.filter(customer=lost.customer)

    send(Bag(), at=NOW)
    on_its_way = others.out_within(30, at=NOW).count()
    send(Bag(), at=NOW + ON_ITS_WAY)

    ends = Message.objects.order_by("pk").values_list("state", "reason")
    assert list(ends) == [("SKIPPED", "STOPPED"), ("FAILED", "UNKNOWN")]
    assert [on_its_way, others.out_within(30, at=NOW + timedelta(days=29)).count()] == [1, 1]
    assert not others.out_within(30, at=NOW + timedelta(days=31)).exists(), "not for ever"


def test_what_is_not_carried_is_tried_again_later_and_given_up_in_the_end() -> None:
    message, waits = make.message(), []
    for _ in range(TRIES):
        began = message.due_at
        send(Bag(before=refuse), at=began)
        message.refresh_from_db()
        waits.append((message.due_at - began).total_seconds() / 60)

    assert (message.state, message.reason) == ("FAILED", "GAVE_UP")
    assert message.error == "It rains."
    assert waits[:-1] == [1, 4, 16, 64, 256]


def test_what_is_refused_for_ever_is_not_tried_again() -> None:
    def refuse_for_ever(letter: Letter) -> None:
        raise NotCarried("No such address.", for_ever=True)

    message = make.message()

    send(Bag(before=refuse_for_ever))

    message.refresh_from_db()
    assert (message.state, message.reason) == ("FAILED", "REFUSED")
    assert Outlet.objects.get().failures == 1, "a server that refuses all of us is one, too"


def test_a_channel_that_fails_twenty_times_in_a_row_pauses() -> None:
    campaign = make.campaign(state="RUNNING")
    for _ in range(FAILURES_IN_A_ROW + 5):
        make.message(campaign=campaign)
    bag = Bag(before=refuse)

    send(bag)

    outlet = Outlet.objects.get()
    assert (outlet.failures, outlet.paused_at) == (FAILURES_IN_A_ROW, NOW)
    assert Message.objects.filter(attempts=0).count() == 5
    assert send(Bag()) == 0, "it waits for a person"


def test_what_a_dead_sender_took_is_sent_again_with_the_same_key() -> None:
    def die(letter: Letter) -> None:
        seen.append(letter.key)
        raise KeyboardInterrupt

    message, bag = make.message(), Bag()
    seen: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        send(Bag(before=die))

    assert send(bag, at=NOW + ON_ITS_WAY - timedelta(seconds=1)) == 0
    assert send(bag, at=NOW + ON_ITS_WAY) == 1
    assert seen == [message.key] == [letter.key for letter in bag.letters]


def test_who_is_erased_takes_their_messages_along() -> None:
    message, bag = make.message(), Bag()
    forget_customer(message.customer, by="dpo", at=NOW)

    assert send(bag) == 0
    assert not Message.objects.exists()


def test_at_their_best_hour_each_is_written_to_when_they_are_usually_there() -> None:
    campaign = make.campaign(state="RUNNING")
    MessageTemplate.objects.create(
        campaign=campaign, channel="EMAIL", subject="a", body="{code}", at_best_hour=True
    )
    known, unknown = make.customer(timezone="Asia/Tokyo"), make.customer()
    make.send_time(customer=known, weekday=2, hour=18)
    coupons = [make.coupon(campaign=campaign, customer=one) for one in (known, unknown)]

    write_messages(campaign, coupons, at=NOW)

    due = dict(Message.objects.values_list("customer", "due_at"))
    assert due == {known.pk: datetime(2026, 6, 3, 9, tzinfo=UTC), unknown.pk: NOW}
