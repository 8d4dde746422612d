"""Promise 25: what may not be sold is in no answer begun after that is known."""

import threading
from itertools import cycle

import pytest

from catalog.models import Product
from customers.models import Customer
from retention.insights.models import RecommendationList
from retention.insights.recommendations import Wanted, recommendations_for
from tests import make
from tests.live import WHOLE, Crowd
from tests.make import NOW

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("live_database")]
READERS = 50 if WHOLE else 4
GOING, STAYING = 20, 20


@pytest.fixture
def readers() -> list[Customer]:
    """Each with a list whose first half will go, one of their own products after the other."""
    version, staying = make.model_version(kind="FACTORIZATION"), listed(STAYING)
    people = [make.customer() for _ in range(READERS)]
    for who in people:
        RecommendationList.objects.create(
            customer=who, version=version, items=listed(GOING) + staying, computed_at=NOW
        )
    return people


def listed(count: int) -> list[dict[str, object]]:
    goods = [make.product().pk for _ in range(count)]
    return [{"product": pk, "score": 0.5, "model": "taste"} for pk in goods]


def test_no_answer_names_what_was_withdrawn_or_sold_out_before_it_began(
    readers: list[Customer],
) -> None:
    gone: dict[int, bool] = {}
    over = threading.Event()

    def withdraw() -> None:
        lists = RecommendationList.objects.values_list("items", flat=True)
        going = [item["product"] for items in lists for item in items[:GOING]]
        ways: cycle[dict[str, object]] = cycle([{"sellable": False}, {"stock": 0}])
        try:
            for pk in going:
                Product.objects.filter(pk=pk).update(**next(ways))
                gone[pk] = True
        finally:
            over.set()

    def read(who: Customer) -> list[int]:
        """What answers named that was gone before they began; the last begins after all of it."""
        wrong: list[int] = []
        last = False
        while not last:
            last, before = over.is_set(), set(gone)
            told = recommendations_for(who, Wanted(STAYING), at=NOW)
            assert len(told.items) == STAYING
            wrong += [one.product.pk for one in told.items if one.product.pk in before]
        return wrong

    with Crowd(READERS + 1) as crowd:
        reading = [crowd.submit(read, who) for who in readers]
        crowd.submit(withdraw).result()
    found = [each.result() for each in reading]

    assert len(gone) == READERS * GOING
    assert found == [[]] * READERS
