from datetime import timedelta

import pytest

from catalog.models import Product
from customers.models import Customer
from customers.services.forget import forget_customer
from retention.insights import publishing
from retention.insights.families.family import silent
from retention.insights.models import (
    ChurnScore,
    ModelVersion,
    ProductPair,
    RecommendationList,
    Segment,
    SegmentMembership,
)
from retention.insights.publishing import (
    publish_lists,
    publish_pairs,
    publish_scores,
)
from retention.insights.publishing_segments import SegmentCard, publish_segments
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
GOOD = SegmentCard("good", "Good", "Buy often.")
LOST = SegmentCard("lost", "Lost", "Bought once.")
WEEK = timedelta(days=7)


def put(*, weeks: int = 0, **members: int) -> dict[str, int]:
    """Publish who is in which segment: put(good=ada) some weeks after NOW."""
    version = ModelVersion.objects.first() or make.model_version(kind="RFM")
    of_customers = {customer: key for key, customer in members.items()}
    return publish_segments(
        "RFM", [GOOD, LOST], of_customers, version=version, at=NOW + weeks * WEEK
    )


def history(customer: int) -> list[tuple[str, int, int | None]]:
    """Segment, week entered, week left."""
    rows = SegmentMembership.objects.filter(customer=customer).order_by("entered_at", "pk")
    return [
        (
            row.segment.key,
            (row.entered_at - NOW) // WEEK,
            None if row.left_at is None else (row.left_at - NOW) // WEEK,
        )
        for row in rows.select_related("segment")
    ]


def test_who_moves_leaves_the_one_and_enters_the_other() -> None:
    ada = make.customer().pk
    put(good=ada)

    moved = put(weeks=1, lost=ada)

    assert moved == {"entered": 1, "left": 1, "members": 1}
    assert history(ada) == [("good", 0, 1), ("lost", 1, None)]


def test_who_comes_back_enters_again_and_the_first_time_stays_known() -> None:
    ada = make.customer().pk
    put(good=ada)
    put(weeks=1, lost=ada)

    put(weeks=2, good=ada)

    assert history(ada) == [("good", 0, 1), ("lost", 1, 2), ("good", 2, None)]


def test_published_again_nothing_changes() -> None:
    ada = make.customer().pk
    put(good=ada)

    assert put(weeks=1, good=ada) == {"entered": 0, "left": 0, "members": 1}
    assert history(ada) == [("good", 0, None)]


def test_who_is_nowhere_any_more_has_left() -> None:
    ada, ben = make.customer().pk, make.customer().pk
    put(good=ada)

    put(weeks=1, lost=ben)

    assert history(ada) == [("good", 0, 1)]


def test_nobody_leaves_before_they_came() -> None:
    ada = make.customer().pk
    put(weeks=2, good=ada)

    put(weeks=1, lost=ada)

    assert history(ada) == [("lost", 1, None), ("good", 2, 2)]


def test_sizes_are_of_now() -> None:
    ada = make.customer().pk
    put(good=ada)
    put(weeks=1, lost=ada)

    assert dict(Segment.objects.values_list("key", "size")) == {"good": 0, "lost": 1}


def test_a_segment_that_is_no_longer_drawn_is_empty_and_stays_known() -> None:
    old = make.segment(kind="RFM", key="old", size=7)

    put(good=make.customer().pk)

    old.refresh_from_db()
    assert old.size == 0


def test_other_kinds_of_segment_are_left_alone() -> None:
    of_behaviour = make.segment(kind="CLUSTER", size=3)
    member = make.customer()
    SegmentMembership.objects.create(segment=of_behaviour, customer=member, entered_at=NOW)

    put(good=make.customer().pk)

    assert SegmentMembership.objects.get(customer=member).left_at is None


def pairs(version: ModelVersion, *products: tuple[Product, Product]) -> list[ProductPair]:
    return [
        ProductPair(product=one, other=other, score=0.5, both=1, of=2, version=version)
        for one, other in products
    ]


def test_new_pairs_replace_the_old_ones_and_are_taken_one_chunk_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "CHUNK", 2)
    version = make.model_version(kind="FACTORIZATION")
    a, b, c = make.product(), make.product(), make.product()
    publish_pairs(pairs(version, (a, c)))

    written = publish_pairs(iter(pairs(version, (a, b), (b, a), (b, c))))

    assert written == 3
    assert set(ProductPair.objects.values_list("product", "other")) == {
        (a.pk, b.pk),
        (b.pk, a.pk),
        (b.pk, c.pk),
    }


def test_lists_of_those_who_have_none_any_more_go_and_the_common_one_is_one() -> None:
    version = make.model_version(kind="FACTORIZATION")
    ada, ben = make.customer(), make.customer()
    publish(version, ada, ben)

    written = publish(version, ben)

    assert written == 2
    assert set(RecommendationList.objects.values_list("customer", flat=True)) == {None, ben.pk}


def publish(version: ModelVersion, *customers: Customer) -> int:
    return publish_lists(
        [RecommendationList(version=version, computed_at=NOW)],
        [RecommendationList(customer=c, version=version, computed_at=NOW) for c in customers],
        total=len(customers),
        progress=silent,
    )


def test_who_is_erased_while_lists_are_written_gets_none_and_nothing_fails() -> None:
    version = make.model_version(kind="FACTORIZATION")
    ada, ben = make.customer(), make.customer()
    forget_customer(Customer.objects.get(pk=ada.pk), by="ada", at=NOW)

    assert publish(version, ada, ben) == 2


def test_progress_counts_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "CHUNK", 2)
    version = make.model_version()
    fields = {"churn_probability": 0.5, "churn_band": "LOW", "base_log_odds": 0.0}
    money = {"historic_clv": 0, "predicted_clv": 0, "predicted_number_of_orders": 1.0}
    rows = [
        ChurnScore(customer=make.customer(), version=version, computed_at=NOW, **fields, **money)
        for _ in range(3)
    ]
    heard: list[tuple[int, int]] = []

    publish_scores(rows, total=3, progress=lambda done, total, _: heard.append((done, total)))

    assert heard == [(2, 3), (3, 3)]
