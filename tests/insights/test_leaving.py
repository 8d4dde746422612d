from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.services.consent import record_consents
from retention.insights.leaving import Leaving, leaving
from retention.insights.models import ChurnDefinition
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon", "shop")]
SAME_FOR_ALL = {"horizon_days": 60, "audience_days": 180, "minimum_orders": 1}
OWN_GAP = SAME_FOR_ALL | {"overdue_times": 2}
CAME_BACK = [50] * 20 + [30] * 10 + [None] * 10
"""So many days ago; the outcome is known of the morning 60 days ago."""


@pytest.fixture
def shop() -> None:
    """40 order every ten days: 20 are back within 20 days of that morning, 10 within 60."""
    for back in CAME_BACK:
        who = make.customer()
        for days in [90, 80, 70] + ([back] if back else []):
            make.event(customer=who, occurred_at=NOW - timedelta(days=days))
    make.event(customer=make.customer(), occurred_at=NOW - timedelta(minutes=1))


def told(asked: dict[str, Any]) -> Leaving:
    found = leaving(ChurnDefinition(**asked), at=NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(("asked", "left"), [(SAME_FOR_ALL, 0.25), (OWN_GAP, 0.5)])
def test_the_share_that_left_is_known_before_any_training(
    asked: dict[str, Any], left: float
) -> None:
    found = told(asked)

    assert (found.now, found.seen, found.lost.value) == (41, 40, left)


def test_whoever_may_not_be_analysed_is_not_counted() -> None:
    objector = make.customer()
    make.event(customer=objector)
    record_consents({(objector.pk, "ANALYTICS"): False}, source="test", at=NOW)

    assert told(SAME_FOR_ALL).now == 41


def test_of_a_few_customers_no_share_is_told() -> None:
    few = told(SAME_FOR_ALL | {"minimum_orders": 5})

    assert few.words.startswith("Asks about 0 customers today. Too few were asked about on 2 April")


def test_without_orders_there_is_nothing_to_tell() -> None:
    assert leaving(ChurnDefinition(**SAME_FOR_ALL), at=NOW - timedelta(days=400)) is None


def test_the_page_shows_what_was_typed_and_saves_nothing(operator: Client) -> None:
    page = reverse("admin:insights_churndefinition_add")

    seen = operator.post(page, OWN_GAP | {"_show": "1"}, follow=True).content.decode()

    assert "No order for 2 times as long as they usually take, at most 60 days." in seen
    assert "Asks about 41 customers today. Of the 40 of 2 April 2026" in seen
    assert "50% left (35% to 65%)" in seen
    assert 'name="overdue_times" value="2' in seen
    assert not ChurnDefinition.objects.exists()


def test_a_stored_definition_stays_while_another_is_looked_at(operator: Client) -> None:
    ChurnDefinition.objects.create(pk=1, updated_at=NOW, **SAME_FOR_ALL)
    page = reverse("admin:insights_churndefinition_change", args=[1])

    seen = operator.post(page, OWN_GAP | {"_show": "1"}, follow=True).content.decode()

    assert "As typed: No order for 2 times" in seen
    assert "50% left" in seen
    assert "Today: No order within 60 days. Asks about 41 customers today." in seen
    assert "25% left" in seen
    assert "the money at stake move by the definition alone" in seen
    assert ChurnDefinition.objects.get().overdue_times is None


@pytest.mark.parametrize("times", [0.5, 11])
def test_nobody_is_waited_for_less_than_usual_or_for_ever(operator: Client, times: float) -> None:
    page = reverse("admin:insights_churndefinition_add")

    seen = operator.post(page, SAME_FOR_ALL | {"overdue_times": times}).content.decode()

    assert "Between 1 and 10 times." in seen
    assert not ChurnDefinition.objects.exists()
