"""What is left out of learning is on no list, gets no coupon, and stays a fact."""

from typing import Any

import numpy as np
import pytest

from campaigns.selectors.preview import preview
from customers.models import Customer
from retention.insights.datasets import read_facts
from retention.insights.families.family import silent
from retention.insights.lately import bought_lately
from retention.insights.models import (
    ChurnScore,
    DataCleaning,
    Kind,
    RecommendationList,
    SegmentMembership,
)
from retention.insights.publishing import publish_lists, publish_scores
from retention.insights.quality.effect import Proposal
from retention.insights.services.decide_cleaning import decide_cleaning
from retention.insights.services.segment import segment_everyone
from retention.insights.services.train import train
from retention.insights.services.undo_cleaning import undo_cleaning
from tests import make
from tests.insights import world
from tests.insights.quality.bookings import book_a_till
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW.replace(hour=13)


def leave_out(customer: Customer) -> DataCleaning:
    return decide_cleaning(Proposal("EXCLUDE", customer=customer), by="ada", at=NOW)


def test_what_everyone_buys_is_the_tills_until_it_is_left_out() -> None:
    """Recommendations: read as they are learned from, and counted before there is a model."""
    loved, booked = make.product(), make.product()
    for _ in range(3):
        make.event(customer=make.customer(), product=loved, occurred_at=world.END)
    till = book_a_till(days=9, a_day=1)

    def most_bought() -> tuple[int, int]:
        taken = read_facts(purpose="RECOMMENDATION", before=NOW).interactions().products
        return int(np.bincount(taken).argmax()), bought_lately()[0]["product"]

    steered = most_bought()
    decision = leave_out(till)

    assert (steered, most_bought()) == ((1, booked.pk), (0, loved.pk))
    undo_cleaning(decision, by="ada", at=NOW)
    assert most_bought() == steered


def test_who_is_left_out_while_scores_are_computed_gets_none() -> None:
    score = make.churn_score()
    leave_out(score.customer)
    own = RecommendationList(customer=score.customer, version=score.version, computed_at=NOW)
    common = RecommendationList(version=score.version, computed_at=NOW)

    publish_scores([score], total=1, progress=silent)
    publish_lists([common], [own], total=1, progress=silent)

    assert not ChurnScore.objects.exists()
    assert RecommendationList.objects.get().customer is None


def test_who_is_left_out_after_a_training_leaves_their_segment(models: Any) -> None:
    people = [make.customer() for _ in range(30)]
    for person in people:
        make.event(customer=person)
    train(Kind.RFM, at=LATER)
    segment_everyone(at=LATER)

    leave_out(people[0])
    segment_everyone(at=LATER)

    current = SegmentMembership.objects.current()
    assert current.count() == 29
    assert not current.filter(customer=people[0]).exists()


def test_no_campaign_gives_it_a_coupon_and_the_preview_says_why() -> None:
    till, person = make.churn_score().customer, make.churn_score().customer
    leave_out(till)

    told = preview(make.campaign(), at=NOW)

    assert [one.id for one in told.first] == [person.pk]
    assert (told.exclusions[0].label, told.exclusions[0].count) == (
        "Left out of learning: a till, bot or test account",
        1,
    )


def test_what_is_gone_on_purpose_is_no_broken_feed(models: Any) -> None:
    """A till that made most of the events goes, and the model without it may serve."""
    for person in [make.customer() for _ in range(30)]:
        for _ in range(3):
            make.event(customer=person, occurred_at=world.END)
    make.product()
    till = book_a_till(days=200, a_day=1)
    train(Kind.RFM, at=NOW)
    leave_out(till)

    after = train(Kind.RFM, at=NOW)

    assert (after.row_counts["events"], after.version.state) == (90, "CHAMPION")


def test_an_event_told_twice_counts_once_for_models_and_stays_a_fact() -> None:
    ada, mug = make.customer(), make.product()
    for minute in (0, 1):
        make.event(customer=ada, product=mug, received_at=NOW.replace(minute=minute))
    decision = decide_cleaning(Proposal("DUPLICATES", finding="DUPLICATES"), by="ada", at=NOW)

    cleaned = read_facts(purpose="ANALYTICS", before=LATER)
    undo_cleaning(decision, by="ada", at=NOW)

    assert (len(cleaned), cleaned.left_out.as_json()) == (1, {"events": 1})
    assert len(read_facts(purpose="ANALYTICS", before=LATER)) == 2


def test_a_line_above_the_cap_counts_as_the_cap() -> None:
    make.event(customer=make.customer(), amount=9_000_000)
    decide_cleaning(Proposal("LINES", finding="HUGE", cap=5_000), by="ada", at=NOW)

    cleaned = read_facts(purpose="ANALYTICS", before=LATER)

    assert cleaned.amount.tolist() == [5_000]
    assert cleaned.left_out.as_json() == {"capped": 1}
