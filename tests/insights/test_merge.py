"""A customer known in several places is one row of taste, at once; and two again, at once."""

from datetime import datetime, timedelta

import pytest
from django.db.models import Max, Min

from customers.models import Customer, CustomerMerge
from retention.insights.models import (
    ChurnScore,
    RecommendationList,
    RfmScore,
    Segment,
    SegmentMembership,
    Shown,
)
from retention.insights.recommendations import Wanted, recommendations_for
from retention.insights.services.merge import merge_customers
from retention.insights.services.recommend import recommend_to_everyone
from retention.insights.services.unmerge import unmerge_customers
from retention.insights.shown import reception
from retention.insights.tastes import Serving, serving
from tests import make
from tests.insights import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("learned")]
LATER = world.END + timedelta(hours=1)


def two_regulars() -> tuple[Customer, Customer]:
    """Two with lists of their own, that differ."""
    rows = RecommendationList.objects.exclude(customer=None).select_related("customer")
    one, two = (row.customer for row in rows.order_by("pk")[:2] if row.customer)
    for customer in (one, two):
        moments = customer.events.aggregate(
            first_seen_at=Min("occurred_at"), last_seen_at=Max("occurred_at")
        )
        Customer.objects.filter(pk=customer.pk).update(**moments)
    return one, two


def model() -> Serving:
    found = serving()
    assert found is not None
    return found


def shown_to(customer: Customer) -> list[int]:
    customer.refresh_from_db()
    shown = recommendations_for(customer, Wanted(10), at=LATER)
    assert shown.personalised
    return [item.product.pk for item in shown.items]


def folded_in(customer: Customer) -> list[int]:
    return [item["product"] for item in model().list_of(customer, at=LATER)[:10]]


def merged(kept: Customer, absorbed: Customer, *, at: datetime = LATER) -> CustomerMerge:
    return merge_customers(kept, absorbed, by="ada", reason="", at=at)


def test_what_is_shown_after_a_merge_is_folded_in_from_both_and_after_it_as_before() -> None:
    kept, absorbed = two_regulars()
    before = shown_to(kept), shown_to(absorbed)
    union = make.customer()  # Who did all that the two did.
    for one in (kept, absorbed):
        for event in one.events.all():
            event.pk, event.message_id, event.customer = None, f"u{event.message_id}", union
            event.save()

    made = merged(kept, absorbed)
    of_both = shown_to(kept)
    unmerge_customers(made, by="ada", at=LATER)

    assert of_both == folded_in(union)
    assert of_both != before[0]
    assert (shown_to(kept), shown_to(absorbed)) == before


def test_the_next_night_makes_no_list_from_what_was_learned_of_the_two() -> None:
    kept, absorbed = two_regulars()
    made = merged(kept, absorbed)

    recommend_to_everyone(at=LATER)

    assert not RecommendationList.objects.filter(customer__in=[kept, absorbed]).exists()
    assert shown_to(kept) == folded_in(kept)
    unmerge_customers(made, by="ada", at=LATER)
    recommend_to_everyone(at=LATER)
    assert not RecommendationList.objects.filter(customer__in=[kept, absorbed]).exists()


def test_a_model_that_learned_since_knows_them_as_one() -> None:
    kept, absorbed = two_regulars()
    merged(kept, absorbed, at=model().version.run.learned_at - timedelta(hours=1))

    recommend_to_everyone(at=LATER)

    assert RecommendationList.objects.filter(customer=kept).exists()
    assert not RecommendationList.objects.filter(customer=absorbed).exists()


def test_score_and_segments_of_the_absorbed_are_gone_and_not_counted() -> None:
    kept, absorbed = two_regulars()
    segment = make.segment(size=2)
    for one in (kept, absorbed):
        SegmentMembership.objects.create(segment=segment, customer=one, entered_at=world.END)
    assert RfmScore.objects.filter(customer=absorbed).exists()

    merged(kept, absorbed)

    assert not ChurnScore.objects.filter(customer=absorbed).exists()
    assert not RfmScore.objects.filter(customer=absorbed).exists()
    assert not SegmentMembership.objects.filter(customer=absorbed).exists()
    assert Segment.objects.get(pk=segment.pk).size == 1


def test_what_the_absorbed_was_shown_counts_with_what_the_keeper_buys() -> None:
    kept, absorbed = two_regulars()
    product = make.product()
    Shown.objects.create(
        recommendation_id="r",
        customer=absorbed,
        product=product,
        place=1,
        model="taste",
        context="home",
        answered_at=LATER,
        seen_at=LATER,
    )
    make.event(customer=absorbed, product=product, occurred_at=LATER + timedelta(hours=1))

    merged(kept, absorbed)

    (one,) = reception(since=LATER)
    assert (one.shown, one.bought) == (1, 1)
