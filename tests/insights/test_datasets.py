from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer, Event
from retention.insights.datasets import Facts, local_day, local_seconds, read_facts
from retention.insights.histories import history_of
from retention.insights.stars import AS_GIVEN
from retention.learning.churn.features import behaviour
from retention.learning.panel import Kind
from retention.learning.vocabulary import Vocabulary
from tests import make
from tests.insights import world
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def facts(purpose: str = "ANALYTICS", **asked: Any) -> Facts:
    return read_facts(purpose=purpose, **({"before": LATER} | asked))


def rows_of(facts: Facts) -> list[tuple[object, ...]]:
    """The facts as the rows they were, without their orders; nan as None."""
    columns = (
        facts.customers.ids_of(facts.customer).tolist(),
        facts.products.ids_of(facts.product).tolist(),
        [Kind(kind).name for kind in facts.kind.tolist()],
        facts.second.tolist(),
        facts.quantity.tolist(),
        facts.amount.tolist(),
        facts.discount.tolist(),
        [None if np.isnan(stars) else stars for stars in facts.rating.tolist()],
    )
    return sorted(zip(*columns, strict=True), key=str)


def slow_rows(before: datetime) -> Iterator[tuple[object, ...]]:
    """The same, an event at a time, as one would write it first."""
    known = {kind.name for kind in Kind}
    for event in Event.objects.exclude(customer=None).filter(occurred_at__lt=before):
        refused = event.customer.consents.filter(  # type: ignore[union-attr]  # never None here
            purpose="ANALYTICS", granted=False
        )
        if not refused.exists():
            yield (
                event.customer_id,
                event.product_id or -1,
                event.kind if event.kind in known else "OTHER",
                int(event.occurred_at.timestamp()),
                event.quantity,
                event.amount or 0,
                event.discount,
                event.rating,
            )


def test_facts_are_what_a_slow_reading_of_the_events_says() -> None:
    ada, product = make.customer(), make.product()
    objector = make.customer(consents=())
    make.consent(customer=objector, purpose="ANALYTICS", granted=False)
    make.event(customer=ada, product=product, quantity=3, discount=50)
    make.event(customer=ada, occurred_at=NOW + timedelta(microseconds=999_700))
    make.event(customer=ada, kind="RATING", rating=4.5, product=product, amount=None, order_id="")
    make.event(customer=ada, kind="SHARED_ON_A_WALL", amount=None, order_id="", product=product)
    make.event(customer=objector, product=product)
    make.event(customer=None, product=product)
    make.event(customer=ada, occurred_at=LATER)

    assert rows_of(facts()) == sorted(slow_rows(LATER), key=str)
    assert len(facts()) == 4


def test_an_objector_is_nowhere_in_the_facts_not_even_by_name() -> None:
    objector = make.customer(consents=())
    make.consent(customer=objector, purpose="ANALYTICS", granted=False)
    make.event(customer=objector)

    assert len(facts()) == 0
    assert objector.pk not in facts().customers.ids
    assert objector.pk in facts("RECOMMENDATION").customers.ids


def test_a_purpose_that_needs_a_yes_has_nobody_who_was_not_asked() -> None:
    silent, willing = make.customer(consents=()), make.customer()
    make.event(customer=silent)
    make.event(customer=willing)

    assert facts("MARKETING").customers.ids.tolist() == [willing.pk]


def test_nothing_at_or_after_the_moment_is_seen_and_nothing_of_another_kind() -> None:
    ada = make.customer()
    for hours in (-1, 0, 1):
        make.event(customer=ada, occurred_at=NOW + timedelta(hours=hours))
    make.event(customer=ada, kind="VIEW", occurred_at=NOW - timedelta(hours=2))

    seen = facts(before=NOW, kind=Kind.PURCHASE)

    assert seen.window == (NOW - timedelta(hours=1), NOW - timedelta(hours=1))


def test_one_customers_prices_are_believed_as_those_of_all() -> None:
    product, ada = make.product(), make.customer()
    for n in range(20):
        make.event(customer=make.customer(), product=product, amount=1000, order_id=f"o{n}")
    make.event(customer=ada, product=product, amount=100_000)
    make.data_cleaning(kind="PRICES", customer=None, reason="")

    whole, one = facts(), facts(of=ada.pk)

    (row,) = whole.customers.rows(np.array([ada.pk]))
    assert one.amount.tolist() == whole.amount[whole.customer == row].tolist() == [1000]
    assert one.customers.ids_of(one.customer).tolist() == [ada.pk]


def test_orders_of_one_id_are_of_as_many_customers_as_gave_it() -> None:
    at_home, at_the_till = (make.product(), make.product()), (make.product(), make.product())
    for source, bought in (("web", at_home), ("till", at_the_till)):
        who = make.customer()
        for product in bought:
            make.event(customer=who, source=source, product=product, order_id="1001")

    baskets = facts().baskets()

    assert baskets is not None
    assert (baskets.n_customers, len(baskets.products)) == (2, 4)


def test_the_lines_of_an_order_share_a_number_and_other_orders_have_others() -> None:
    ada = make.customer()
    for order in ("A", "A", "B"):
        make.event(customer=ada, order_id=order)
    make.event(customer=ada, kind="VIEW", order_id="", amount=None)

    assert sorted(facts().order.tolist()) == [-1, 0, 0, 1]


def test_reading_takes_four_statements_however_many_events(
    django_assert_num_queries: Any,
) -> None:
    ada, product = make.customer(), make.product()
    for _ in range(5):
        make.event(customer=ada, product=product)

    with django_assert_num_queries(4):
        facts()


def test_days_are_the_shops_own(settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"  # 12 hours ahead of UTC in June.
    make.event(customer=make.customer(), occurred_at=datetime(2026, 6, 1, 18, 30, tzinfo=UTC))

    assert facts().days[0] == date(2026, 6, 2).toordinal() - date(1970, 1, 1).toordinal() + 6.5 / 24
    assert local_day(datetime(2026, 6, 1, 18, 30, tzinfo=UTC)) == facts().days[0]


@pytest.mark.parametrize("zone", ["Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_local_seconds_are_the_wall_clock_at_every_change(zone: str) -> None:
    start = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    seconds = np.arange(start, start + 366 * 86_400, 613)

    walls = [
        datetime.fromtimestamp(s, ZoneInfo(zone)).replace(tzinfo=UTC).timestamp()
        for s in seconds.tolist()
    ]

    assert local_seconds(seconds, zone).tolist() == walls


def test_events_in_another_order_of_arrival_give_the_same_features_bit_for_bit() -> None:
    world.open_shop(events=world.of_customers(0.1))
    before = behaviour(facts(before=world.END).panel(), cut_off=local_day(world.END)).values

    _arrive_anew()
    after = behaviour(facts(before=world.END).panel(), cut_off=local_day(world.END)).values

    assert before.tobytes() == after.tobytes()


def _arrive_anew() -> None:
    """Give every event another row number, so that they are read in another order."""
    events = list(Event.objects.order_by("message_id"))
    numbers = np.random.default_rng(3).permutation(len(events)) + 1
    Event.objects.all().delete()
    for event, number in zip(events, numbers.tolist(), strict=True):
        event.pk = number
    Event.objects.bulk_create(events, batch_size=500)


def test_where_a_customer_lives_and_what_they_speak_changes_nothing() -> None:
    who = make.customer(timezone="Europe/Paris", locale="fr")
    make.event(customer=who)
    before = facts()

    Customer.objects.update(timezone="Asia/Tokyo", locale="ja")

    assert rows_of(facts()) == rows_of(before)


def test_purchases_are_learned_from_where_there_are_any() -> None:
    ada, product = make.customer(), make.product()
    make.event(customer=ada, product=product)
    make.event(customer=ada, product=product, kind="VIEW", order_id="", amount=None)

    taken = facts().interactions()

    assert (len(taken), taken.weights.tolist()) == (1, [1.0])


def test_a_shop_of_ratings_is_learned_from_by_its_stars() -> None:
    ada, good, fair = make.customer(), make.product(), make.product()
    for product, stars in ((good, 5.0), (fair, 2.5)):
        make.event(
            customer=ada, product=product, kind="RATING", rating=stars, amount=None, order_id=""
        )

    assert sorted(facts().interactions().weights.tolist()) == [0.5, 1.0]


def test_a_rating_from_before_there_was_a_bound_teaches_nothing() -> None:
    ada, odd, good = make.customer(), make.product(), make.product()
    for product, stars in ((odd, 1e300), (odd, -50.0), (good, 4.0)):
        make.event(
            customer=ada, product=product, kind="RATING", rating=stars, amount=None, order_id=""
        )

    known = Vocabulary(ids=np.array([odd.pk, good.pk]))
    asked_now = history_of(ada, products=known, taste=AS_GIVEN, before=LATER)

    assert facts().stars().weights.tolist() == [4.0]
    assert facts().interactions().weights.tolist() == [1.0]
    assert asked_now.weights.tolist() == [4.0]


def test_purchases_of_nothing_in_particular_leave_room_for_what_was_looked_at() -> None:
    ada, product = make.customer(), make.product()
    make.event(customer=ada, product=None)
    make.event(customer=ada, product=product, kind="VIEW", order_id="", amount=None)

    assert len(facts().interactions()) == 1


def test_no_contact_field_is_ever_read() -> None:
    make.event(customer=make.customer())

    with CaptureQueriesContext(connection) as asked:
        facts()

    assert not [query for query in asked.captured_queries if "contact" in query["sql"]]
