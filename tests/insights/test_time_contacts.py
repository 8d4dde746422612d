"""When to write to a customer: found every night; told on the page, by the API, to campaigns."""

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from customers.models import Customer, CustomerContact
from customers.services.consent import record_consents
from retention.insights.conditions.asking import customers_of
from retention.insights.conditions.tree import read_rule
from retention.insights.conditions.wording import in_words
from retention.insights.models import SendTime
from retention.insights.services.merge import merge_customers
from retention.insights.services.time_contacts import time_contacts
from tests import make
from tests.campaigns.test_admin import URL, operator
from tests.customers.sending import client
from tests.make import NOW

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


def orders(customer: Customer, *, hour: int, days: int = 12, zone: ZoneInfo | None = None) -> None:
    """One every five days, in a given hour of a clock."""
    first = datetime(2026, 3, 2, hour, 20, tzinfo=zone or UTC)
    for n in range(days):
        make.event(customer=customer, occurred_at=first + timedelta(days=5 * n))


@pytest.fixture
def crowd() -> list[Customer]:
    """Ten customers who order any time of the day, each on some days."""
    made = [make.customer() for _ in range(10)]
    for n, one in enumerate(made):
        for hour in range(9, 15):
            orders(one, hour=(hour + n) % 24, days=1)
    return made


@pytest.mark.usefixtures("crowd")
def test_who_orders_in_the_evening_of_their_own_clock_is_written_to_then() -> None:
    anne = make.customer(timezone="Europe/Paris")
    orders(anne, hour=19, zone=PARIS)

    time_contacts(at=NOW)

    found = SendTime.objects.get(customer=anne)
    assert (found.hour, found.hour_is_own) == (19, True)
    assert (found.hour_days, found.hour_days_of) == (12, 12)
    assert found.timezone == "Europe/Paris"


def test_who_shows_no_habit_is_written_to_when_the_shop_is_busiest(crowd: list[Customer]) -> None:
    for one in crowd:
        orders(one, hour=13, days=2)
    new = make.customer()
    orders(new, hour=7, days=1)

    time_contacts(at=NOW)

    found = SendTime.objects.get(customer=new)
    assert (found.hour, found.hour_is_own, found.hour_days_of) == (13, False, 1)


def test_dates_without_a_time_tell_a_weekday_and_no_hour() -> None:
    dated = make.customer(timezone="Asia/Tokyo")
    midnight = datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/London"))
    for week in range(8):
        make.event(customer=dated, occurred_at=midnight + timedelta(weeks=week))

    time_contacts(at=NOW)

    found = SendTime.objects.get(customer=dated)
    assert (found.hour, found.get_weekday_display()) == (None, "Monday")


def test_who_objects_has_no_time_from_then_on(crowd: list[Customer]) -> None:
    time_contacts(at=NOW)
    record_consents({(crowd[0].pk, "ANALYTICS"): False}, source="page", at=NOW)
    seen = client().get(f"/api/v1/customers/{crowd[0]}/timing/").status_code

    written = time_contacts(at=NOW)

    assert seen == 404
    assert written["send_times"] == SendTime.objects.count() == 9


def test_two_made_one_have_one_time(crowd: list[Customer]) -> None:
    time_contacts(at=NOW)

    merge_customers(crowd[0], crowd[1], by="ada", reason="", at=NOW)

    assert not SendTime.objects.filter(customer=crowd[1]).exists()


def test_the_api_says_the_hour_the_weekday_and_why() -> None:
    time = make.send_time(weekday_is_own=False)

    answer = client().get(f"/api/v1/customers/{time.customer}/timing/").json()

    assert answer["hour"] == {"hour": 19, "own": True, "days": 11, "of_days": 14}
    assert answer["weekday"] == {"weekday": "FRIDAY", "own": False, "days": 9, "of_days": 14}
    assert answer["timezone"] == "Europe/London"


def test_the_page_says_it_with_the_evidence() -> None:
    time = make.send_time(weekday_is_own=False)

    page = operator_sees(time.customer)

    assert "About 19:00</b>: in the shop between 18:00 and 21:00 on 11 of 14 days." in page
    assert (
        "Friday</b>: the shop&#x27;s busiest day: 14 days in the shop show no habit of their own"
        in page
    )


def test_a_rule_finds_those_with_a_habit_in_the_evening() -> None:
    late = make.send_time(hour=21)
    make.send_time(hour=9)
    make.send_time(hour=19, hour_is_own=False)

    rule = read_rule({"is": "send_time", "parts": ["EVENING"], "weekdays": ["FRIDAY"]})

    assert in_words(rule) == "is usually in the shop in the evening and on Friday"
    assert [*customers_of(rule, at=NOW)] == [late.customer]


@pytest.mark.usefixtures("at_noon")
def test_the_file_for_the_newsletter_says_when() -> None:
    anne, ben = make.customer(), make.customer()
    first = make.coupon(customer=anne)
    make.coupon(customer=ben, campaign=first.campaign)
    for one in (anne, ben):
        CustomerContact.objects.create(customer=one, email=f"{one}@example.com")
    make.send_time(customer=anne)

    rows = exported(first.campaign_id)

    assert [(row["send_weekday"], row["send_hour"]) for row in rows] == [("Friday", "19"), ("", "")]


def operator_sees(customer: Customer) -> str:
    answer = operator().get(reverse("admin:customer", args=[customer.pk]))
    return str(answer.content.decode())


def exported(campaign: int) -> list[dict[str, str]]:
    answer = operator().post(f"{URL}{campaign}/coupons.csv")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
