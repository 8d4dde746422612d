from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer, CustomerContact, Event
from customers.services.consent import record_consents
from customers.services.forget import forget_customer
from retention.insights.models import DataCheck, DataFinding
from retention.insights.quality.effect import Proposal
from retention.insights.services.check_data import check_data
from retention.insights.services.decide_cleaning import decide_cleaning
from retention.insights.tasks import check_the_data
from retention.jobs.registry import Running
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def found(kind: str) -> DataFinding:
    return DataFinding.objects.get(kind=kind)


def twice(customer: Customer | None = None) -> Customer:
    """A purchase that two requests told of."""
    who = customer or make.customer()
    for minute in (0, 1):
        make.event(customer=who, received_at=NOW + timedelta(minutes=minute))
    return who


def test_what_is_found_is_kept_with_its_share_its_rows_and_its_time() -> None:
    who = twice()
    make.event(customer=who, amount=600, occurred_at=NOW - timedelta(days=1))

    check = check_data(at=LATER)

    told = found("DUPLICATES")
    assert (told.count, told.of, told.first_at, told.found_at) == (1, 3, NOW, LATER)
    assert told.evidence["revenue_share"] == 0.4
    assert Event.objects.get(pk__in=told.evidence["events"]).received_at > NOW
    assert (check.events, check.learned, check.customers, check.revenue) == (3, 3, 1, 3000)


@pytest.mark.parametrize(("late", "severity"), [(1, ["SERIOUS"]), (300, [])])
def test_a_feed_that_stopped_is_told_and_an_export_of_the_past_has_ended(
    late: int, severity: list[str]
) -> None:
    for day in range(10, 70):
        when = NOW - timedelta(days=day)
        for _ in range(10):
            make.event(kind="VIEW", occurred_at=when, received_at=when + timedelta(days=late))

    check_data(at=NOW)

    found = DataFinding.objects.filter(kind="GAPS")
    assert [finding.severity for finding in found] == severity


def test_a_second_check_takes_the_place_of_the_first() -> None:
    twice()

    check_data(at=NOW)
    check_data(at=LATER)

    assert [one.found_at for one in DataFinding.objects.filter(kind="DUPLICATES")] == [LATER]
    assert DataCheck.objects.get().checked_at == LATER


def test_what_is_cleaned_away_is_not_found_again() -> None:
    twice()
    decide_cleaning(Proposal("DUPLICATES", finding="DUPLICATES"), by="ada", at=NOW)

    check = check_data(at=LATER)

    assert not DataFinding.objects.filter(kind="DUPLICATES").exists()
    assert check.left_out == {"events": 1}
    assert (check.events, check.learned) == (2, 1)


def test_a_capped_line_is_no_odd_price() -> None:
    """Ten thousand pieces for the money of a few would look like a slipped point."""
    who, mug = make.customer(), make.product()
    for _ in range(9):
        make.event(customer=who, product=mug, occurred_at=NOW - timedelta(days=1))
    make.event(customer=who, product=mug, quantity=1000, amount=1_200_000)
    decide_cleaning(Proposal("LINES", finding="HUGE", cap=5_000), by="ada", at=NOW)

    check = check_data(at=LATER)

    assert not DataFinding.objects.filter(kind="PRICES").exists()
    assert check.left_out == {"capped": 1}


def test_an_objector_is_nobodys_finding() -> None:
    till = make.customer(external_id="kasse 1", consents=())
    twice(till)
    record_consents({(till.pk, "ANALYTICS"): False}, source="t", at=NOW)

    check = check_data(at=LATER)

    assert not DataFinding.objects.exclude(kind="UNKNOWN").exists()
    assert (check.events, check.learned) == (2, 0)


def test_a_finding_goes_with_the_customer_who_is_erased_or_objects() -> None:
    till, other = make.customer(external_id="kasse 1"), make.customer(external_id="kasse 2")
    for who in (till, other):
        make.event(customer=who)
        make.event(customer=who, kind="VIEW", order_id="", amount=None)
    check_data(at=LATER)

    forget_customer(till, by="ada", at=LATER)
    record_consents({(other.pk, "ANALYTICS"): False}, source="t", at=LATER)

    tills = DataFinding.objects.filter(kind="TILL")
    assert [one.customer for one in tills] == [other]
    assert not tills.consented().exists()


def test_customers_who_share_an_address_or_a_number_are_counted_and_not_quoted() -> None:
    for email, phone in (
        ("a@x.org", ""),
        ("A@x.org", "+44 1234567"),
        ("b@x.org", "+44 (123) 4567"),
        ("", ""),
    ):
        CustomerContact.objects.create(customer=make.customer(), email=email, phone=phone)

    check_data(at=NOW)

    told = found("CONTACTS")
    assert (told.count, told.of) == (3, 4)
    assert (told.evidence["emails"], told.evidence["phones"]) == (2, 2)
    assert "x.org" not in str(told.evidence)


def test_currencies_are_told_by_their_code() -> None:
    for currency in ("GBP", "GBP", "EUR"):
        make.event(customer=make.customer(), currency=currency)

    check_data(at=LATER)

    assert found("CURRENCIES").evidence["lines"] == {"GBP": 2, "EUR": 1}
    assert found("CURRENCIES").evidence["most"] == "GBP"


def test_times_are_the_shops_own(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    twice()

    check_data(at=LATER)

    assert found("DUPLICATES").first_at == NOW


def test_no_events_are_no_failure() -> None:
    check = check_data(at=NOW)

    assert check.events == 0
    assert not DataFinding.objects.exists()


def test_the_number_of_statements_does_not_grow_with_what_is_found() -> None:
    twice()
    with CaptureQueriesContext(connection) as before:
        check_data(at=LATER)

    for n in range(5):
        till = make.customer(external_id=f"till {n}")
        twice(till)
        make.event(customer=till, currency="EUR")
    with CaptureQueriesContext(connection) as after:
        check_data(at=LATER)

    assert len(after) == len(before)


def test_the_job_says_how_much_it_found() -> None:
    twice()

    said = check_the_data(Running(at=datetime(2026, 6, 2, tzinfo=UTC)))

    assert said == {"events": 2, "findings": 2, "serious": 2}
    assert Permission.objects.filter(codename="decide_datacleaning").exists()
