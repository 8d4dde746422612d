"""Which events are refused, how that is said, and that the others are stored all the same."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.messages import EventMessage
from customers.models import Event
from tests.customers.sending import ingest, message
from tests.make import NOW

pytestmark = pytest.mark.django_db
fuzz = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"kind": ""}, "bad_kind"),
    ({"kind": "add to cart"}, "bad_kind"),
    ({"kind": "x" * 33}, "bad_kind"),
    ({"source": ""}, "bad_source"),
    ({"source": "a:b"}, "bad_source"),
    ({"customer_source": "shop\n"}, "bad_source"),
    ({"order_id": ""}, "missing_order_id"),
    ({"order_id": "null"}, "missing_order_id"),
    ({"kind": "RATING"}, "missing_rating"),
    ({"kind": "RATING", "rating": float("nan")}, "missing_rating"),
    ({"kind": "RATING", "rating": 1e300}, "bad_rating"),
    ({"kind": "RATING", "rating": 100.5}, "bad_rating"),
    ({"kind": "RATING", "rating": -1}, "bad_rating"),
    ({"quantity": 0}, "bad_quantity"),
    ({"quantity": -1}, "bad_quantity"),
    ({"quantity": 2**31}, "bad_quantity"),
    ({"quantity": "two"}, "bad_quantity"),
    ({"quantity": 1.5}, "bad_quantity"),
    ({"unit_price": -1}, "bad_unit_price"),
    ({"unit_price": 10**15 + 1}, "bad_unit_price"),
    ({"unit_price": 10**15, "quantity": 2}, "bad_amount"),
    ({"discount": -1}, "bad_discount"),
    ({"discount": 501}, "discount_exceeds_line"),
    ({"amount": -1}, "bad_amount"),
    ({"currency": "pound"}, "bad_currency"),
    ({"currency": "G1P"}, "bad_currency"),
    ({"currency": "XXQ"}, "bad_currency"),
    ({"currency": "XAU"}, "bad_currency"),
    ({"customer": "x" * 129}, "bad_customer"),
    ({"product": "x" * 129}, "bad_product"),
    ({"message_id": "x" * 65}, "bad_message_id"),
    ({"customer": "4\x002"}, "nul_character"),
    ({"extra": {"note": "\x00"}}, "nul_character"),
    ({"product": "\ud800"}, "unreadable"),
    ({"extra": {"note": "x" * 5000}}, "bad_extra"),
    ({"extra": {"a": {"b": {"c": {"d": {"e": {}}}}}}}, "bad_extra"),
    ({"occurred_at": datetime(1989, 12, 31, 23, 59, tzinfo=UTC)}, "occurred_at_too_old"),
    ({"occurred_at": datetime(1, 1, 1, tzinfo=UTC)}, "occurred_at_too_old"),
    ({"occurred_at": datetime(2026, 1, 1)}, "bad_occurred_at"),  # noqa: DTZ001 - the point
    ({"occurred_at": "yesterday"}, "bad_occurred_at"),
]


@pytest.mark.parametrize(("fields", "reason"), WRONG)
def test_a_wrong_event_is_refused_by_its_place_and_the_others_are_stored(
    fields: dict[str, Any], reason: str
) -> None:
    result = ingest(message(), message(**fields), message(quantity=3))

    assert [(one.index, one.reason) for one in result.refused] == [(1, reason)]
    assert (result.stored, Event.objects.count()) == (2, 2)


def test_a_refusal_names_the_field_the_value_and_what_was_expected() -> None:
    (refused,) = ingest(message(quantity=0)).refused

    assert refused.detail == "quantity 0: expected a whole number >= 1."


def test_a_discount_beyond_its_line_is_told_with_its_sum() -> None:
    (refused,) = ingest(message(quantity=2, discount=1200)).refused

    assert refused.detail == "discount 1200 is more than the line of 2 at 500 = 1000."


@fuzz
@given(st.lists(st.sampled_from([None, *(fields for fields, _ in WRONG)]), max_size=50))
def test_the_good_are_stored_and_the_bad_refused_whatever_their_mix(
    mix: list[dict[str, Any] | None],
) -> None:
    Event.objects.all().delete()
    sent = [
        message(message_id=f"m{n}", **(bad or {})) if bad is None else message(**bad)
        for n, bad in enumerate(mix)
    ]

    result = ingest(*sent)

    good = {f"m{n}" for n, bad in enumerate(mix) if bad is None}
    assert set(Event.objects.values_list("message_id", flat=True)) == good
    assert [one.index for one in result.refused] == [n for n, bad in enumerate(mix) if bad]
    assert result.stored + result.duplicates + len(result.refused) == len(mix)


@fuzz
@given(
    st.integers(0, 10**9),
    st.integers(1, 10**4),
    st.integers(0, 10**13),
    st.none() | st.integers(0, 10**12),
)
def test_an_amount_is_exact_and_never_negative(
    unit_price: int, quantity: int, discount: int, amount: int | None
) -> None:
    Event.objects.all().delete()
    ingest(message(unit_price=unit_price, quantity=quantity, discount=discount, amount=amount))

    line = sum([unit_price] * quantity)
    expected = None if discount > line else line - discount if amount is None else amount
    stored = Event.objects.values_list("amount", flat=True).first()
    assert stored == expected


@fuzz
@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2046, 1, 1)),  # noqa: DTZ001 - zones follow
    st.sampled_from([-14, -5, 0, 3, 14]),
)
def test_no_clock_puts_an_event_into_the_future(moment: datetime, hours: int) -> None:
    Event.objects.all().delete()
    occurred_at = moment.replace(tzinfo=UTC) + timedelta(hours=hours)

    result = ingest(message(occurred_at=occurred_at))

    too_old = occurred_at < datetime(1990, 1, 1, tzinfo=UTC)
    ahead = occurred_at > NOW + timedelta(minutes=5)
    assert len(result.refused) == too_old
    assert list(Event.objects.values_list("occurred_at", "clock_corrected")) == (
        [] if too_old else [(NOW if ahead else occurred_at, ahead)]
    )


def test_a_clock_a_little_ahead_is_let_be() -> None:
    ahead = NOW + timedelta(minutes=5)

    result = ingest(message(occurred_at=ahead), message(occurred_at=ahead + timedelta(seconds=1)))

    assert result.notes["clocks_corrected"] == 1
    assert set(Event.objects.values_list("occurred_at", flat=True)) == {NOW, ahead}


def test_an_arrival_told_in_another_zone_is_the_same_moment() -> None:
    paris = timezone(timedelta(hours=2))

    ingest(message(occurred_at=NOW + timedelta(days=1)), at=NOW.astimezone(paris))

    event = Event.objects.get()
    assert (event.occurred_at, event.received_at) == (NOW, NOW)


def test_a_moment_is_kept_to_the_microsecond() -> None:
    moment = NOW - timedelta(microseconds=1)

    ingest(message(occurred_at=moment))

    assert Event.objects.get(occurred_at=moment, occurred_at__lt=NOW).occurred_at == moment


def test_the_end_of_time_in_a_far_zone_is_only_a_wrong_clock() -> None:
    message_ = EventMessage(
        kind="VIEW", occurred_at=datetime.fromisoformat("9999-12-31T23:59:59-14:00")
    )

    result = ingest(message_)

    assert (result.stored, result.notes["clocks_corrected"]) == (1, 1)
