import pytest

from customers.models import Customer
from retention.insights.models import DataFinding
from retention.insights.services.check_data import check_data
from tests.insights import world
from tests.insights.quality.bookings import book_a_till

pytestmark = pytest.mark.django_db


def test_a_till_among_people_is_found_and_nobody_else(shop: dict[int, Customer]) -> None:
    till = book_a_till()

    check_data(at=world.END)

    told = DataFinding.objects.get(kind="TILL")
    assert (told.customer, told.severity) == (till, "SERIOUS")
    assert "daily" in told.evidence["signs"]


def test_the_simulated_shop_is_clean_but_for_its_growth(shop: dict[int, Customer]) -> None:
    check_data(at=world.END)

    assert set(DataFinding.objects.values_list("kind", flat=True)) <= {"CHANGE"}
