"""Several writers at once: nothing lost, nothing doubled, nobody waits for ever."""

import random

import pytest

from customers.messages import EventMessage
from customers.models import Customer, CustomerIdentity, Event
from customers.services.customers import load_customers
from customers.services.forget import forget_customer
from customers.services.ingest import ingest_events
from tests.customers.sending import message, person
from tests.live import Crowd
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("live_database")
WRITERS = 8


def send(messages: list[EventMessage]) -> int:
    return ingest_events(messages, at=NOW).stored


def test_the_same_events_from_eight_writers_count_once() -> None:
    messages = [
        message(message_id=f"m{n}", customer=str(n % 40 + 1), product=f"p{n % 30}")
        for n in range(400)
    ]
    shuffled = [random.Random(seed).sample(messages, len(messages)) for seed in range(WRITERS)]

    with Crowd(WRITERS) as writers:
        stored = list(writers.map(send, shuffled))

    assert sum(stored) == Event.objects.count() == 400
    assert Customer.objects.count() == CustomerIdentity.objects.count() == 40


def test_writers_of_the_same_events_in_other_orders_do_not_block_each_other() -> None:
    messages = [message(message_id=f"m{n}", customer="", product="") for n in range(3000)]
    shuffled = [random.Random(seed).sample(messages, len(messages)) for seed in range(WRITERS)]

    with Crowd(WRITERS) as writers:
        stored = list(writers.map(send, shuffled))

    assert sum(stored) == Event.objects.count() == 3000


def test_writers_who_meet_the_same_strangers_make_each_once() -> None:
    batches = [
        [message(message_id=f"{seed}-{n}", customer=str(n + 1)) for n in range(100)]
        for seed in range(WRITERS)
    ]
    for seed, batch in enumerate(batches):
        random.Random(seed).shuffle(batch)

    with Crowd(WRITERS) as writers:
        stored = list(writers.map(send, batches))

    assert (sum(stored), Customer.objects.count()) == (WRITERS * 100, 100)
    assert not Event.objects.filter(customer=None).exists()


def test_events_arrive_while_customers_are_erased_and_renamed() -> None:
    web = {"customer_source": "web"}
    batches = [
        [message(message_id=f"{seed}-{n}", customer=f"w{n % 20}", **web) for n in range(100)]
        for seed in range(4)
    ]
    people = [person(str(n + 1), also=(("web", f"w{n}"),)) for n in range(20)]

    with Crowd(WRITERS) as writers:
        stored = [writers.submit(send, batch) for batch in batches]
        loaded = [writers.submit(load_customers, people[at::2], at=NOW) for at in (0, 1)]
        gone = [writers.submit(erase, at) for at in (0, 1)]

    assert sum(result.result() for result in stored) == Event.objects.count() == 400
    assert [one.exception() for one in loaded] == [one.exception() for one in gone] == [None] * 2
    assert not Event.objects.exclude(customer=None).exclude(customer__in=everyone()).exists()


def erase(offset: int) -> None:
    for customer in list(Customer.objects.order_by("-pk")[offset:]):
        forget_customer(customer, by="ada", at=NOW)


def everyone() -> list[int]:
    return list(Customer.objects.values_list("pk", flat=True))
