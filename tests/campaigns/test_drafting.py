"""The form keeps what was typed and says all that is missing."""

from typing import Any

import pytest

from campaigns.models import Campaign
from tests import make

from .test_admin import FORM, URL, operator, text

pytestmark = pytest.mark.django_db


def test_another_offer_to_compare_with_keeps_what_was_typed() -> None:
    page = text(operator().post(f"{URL}add/", FORM | {"more": "1", "budget_amount": "12,50"}))

    assert 'value="Win them back"' in page
    assert 'value="12,50"' in page
    assert 'value="9.99"' in page
    assert 'name="offers-1-percent"' in page
    assert "errornote" not in page
    assert not Campaign.objects.exists()


def test_an_offer_that_was_added_and_left_empty_is_none() -> None:
    added = {"offers-1-benefit": "PERCENT", "offers-1-valid_days": "30", "offers-1-share": "1"}

    operator().post(f"{URL}add/", FORM | added | {"offers-TOTAL_FORMS": "2"})

    assert Campaign.objects.get().offers.count() == 1


def test_a_draft_that_is_changed_can_get_another_offer_too() -> None:
    campaign = make.campaign()
    form = FORM | {"more": "1", "revision": "1", "name": "Renamed"}

    page = text(operator().post(f"{URL}{campaign.pk}/edit/", form))

    assert 'value="Renamed"' in page
    assert 'name="offers-1-percent"' in page
    assert Campaign.objects.get().name == "Win them back"


@pytest.mark.parametrize("count", ["", "x", "-1", "999"])
def test_a_nonsense_number_of_offers_breaks_nothing(count: str) -> None:
    form: dict[str, Any] = FORM | {"more": "1", "offers-TOTAL_FORMS": count}

    assert operator().post(f"{URL}add/", form).status_code == 200
