from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_django.fixtures import Settings

from customers.services.consent import record_consents
from retention.insights.selectors import band_summaries, freshness, known_until, weekly_sales
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MONDAY = datetime(2026, 6, 1, tzinfo=ZoneInfo("Europe/London"))


def test_bands_add_up_what_is_at_stake_highest_risk_first() -> None:
    make.churn_score(churn_probability=0.9, predicted_clv=1000)
    make.churn_score(churn_probability=0.5, predicted_clv=500)
    make.churn_score(churn_band="LOW", churn_probability=0.1, predicted_clv=2000)

    bands = band_summaries()

    assert [(b.band, b.customers, b.at_stake, b.predicted) for b in bands] == [
        ("HIGH", 2, 1150, 1500),
        ("MEDIUM", 0, 0, 0),
        ("LOW", 1, 200, 2000),
    ]


def test_who_objected_since_is_in_no_sum() -> None:
    score = make.churn_score()

    record_consents({(score.customer_id, "ANALYTICS"): False}, source="test", at=NOW)

    assert [band.customers for band in band_summaries()] == [0, 0, 0]


def test_each_kind_says_what_serves_and_how_the_last_training_ended(
    django_assert_num_queries: Any,
) -> None:
    serving = make.model_version(state="CHAMPION")
    failed = make.training_run(state="FAILED")

    with django_assert_num_queries(2):
        kinds = {row.kind: row for row in freshness()}

    assert (kinds["CHURN"].version, kinds["CHURN"].last_run) == (serving, failed)
    assert kinds["CHURN"].is_troubled
    assert (kinds["RFM"].version, kinds["RFM"].is_troubled) == (None, False)


def test_orders_that_two_customers_count_alike_are_two() -> None:
    for source in ("web", "till"):
        who = make.customer()
        make.event(customer=who, source=source, order_id="1001", occurred_at=MONDAY - DAY)

    (week,) = weekly_sales(at=MONDAY + DAY, weeks=1)

    assert (week.orders, week.customers) == (2, 2)


def test_weeks_begin_on_monday_and_returns_are_taken_off() -> None:
    ada, ben = make.customer(), make.customer()
    for who, order, amount in ((ada, "A", 1000), (ada, "A", 500), (ben, "B", 700)):
        make.event(
            customer=who, order_id=order, amount=amount, occurred_at=MONDAY - timedelta(seconds=1)
        )
    make.event(customer=ada, kind="RETURN", order_id="A", amount=500, occurred_at=MONDAY - DAY)
    make.event(customer=ada, occurred_at=MONDAY)

    week_before, last_week = weekly_sales(at=MONDAY + DAY, weeks=2)

    assert (last_week.starts_on, last_week.orders, last_week.customers) == (
        (MONDAY - 7 * DAY).date(),
        2,
        2,
    )
    assert last_week.revenue == 1700
    assert (week_before.orders, week_before.revenue) == (0, 0)


def test_weeks_begin_on_monday_of_the_shops_clock(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"  # Nine hours ahead: there Monday has begun.
    make.event(order_id="A", amount=1000, occurred_at=MONDAY - timedelta(hours=7))

    last_week, this_week = (weekly_sales(at=MONDAY + by, weeks=1)[0] for by in (DAY, 8 * DAY))

    assert (last_week.orders, this_week.orders) == (0, 1)
    assert this_week.starts_on == MONDAY.date()


def test_while_events_come_in_insights_are_of_now() -> None:
    make.event(occurred_at=NOW - 2 * DAY)

    assert known_until(NOW) == NOW


def test_where_the_data_has_ended_insights_are_of_the_day_after() -> None:
    make.event(occurred_at=NOW - 90 * DAY)

    assert known_until(NOW) == NOW - 89 * DAY


def test_without_data_insights_are_of_now() -> None:
    assert known_until(NOW) == NOW
