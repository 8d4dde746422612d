"""Expected ratings from events to what a customer is told."""

from dataclasses import replace

import numpy as np
import pytest
from django.db.models import Count, Q

from catalog.models import Product
from customers.models import Customer, Event
from retention.insights import stars
from retention.insights.datasets import Facts, read_facts
from retention.insights.families.family import Learned, TooLittle, silent
from retention.insights.families.ratings import RatingFamily
from retention.insights.models import ModelVersion
from retention.insights.recommendations import Wanted, recommendations_for
from retention.insights.services.train import train
from retention.learning.panel import Kind
from tests.insights import world
from tests.insights.families.candidates import as_champion, learn, with_array

pytestmark = pytest.mark.django_db
FAMILY = RatingFamily()


@pytest.fixture(scope="module")
def rated(shop: object) -> None:
    """What was bought on three days of the week was rated instead: one to five, by the product."""
    goods = list(Product.objects.order_by("external_id").values_list("pk", flat=True))
    bought = Event.objects.filter(kind="PURCHASE", occurred_at__week_day__in=[2, 4, 6])
    for star in range(5):
        bought.filter(product__in=goods[star::5]).update(kind="RATING", rating=star + 1)


@pytest.fixture(scope="module")
def facts(rated: None) -> Facts:
    return read_facts(purpose="RECOMMENDATION", before=world.END)


@pytest.fixture(scope="module")
def candidate(facts: Facts) -> Learned:
    return learn(FAMILY, facts)


def test_what_is_better_liked_is_foretold_more_stars_and_serves(
    candidate: Learned, facts: Facts
) -> None:
    verdict = FAMILY.judge(candidate, None, facts, at=world.END)

    assert verdict.promote, verdict.words
    assert verdict.words.startswith("Foretells by ")
    assert "nearer than the same number for everything (−" in verdict.words
    assert candidate.metrics["over_constant"]["high"] < 0


def test_stars_given_at_random_make_no_model(facts: Facts) -> None:
    rated = np.flatnonzero(facts.kind == Kind.RATING)
    drawn = facts.rating.copy()
    drawn[rated] = drawn[np.random.default_rng(2).permutation(rated)]

    outcome = FAMILY.learn(replace(facts, rating=drawn), at=world.END, progress=silent)

    assert isinstance(outcome, Learned)
    verdict = FAMILY.judge(outcome, as_champion(outcome), facts, at=world.END)
    assert not verdict.promote
    assert "No nearer than the same number for everything" in verdict.words


def test_a_shop_without_ratings_is_told_what_is_missing(facts: Facts) -> None:
    silent_shop = replace(facts, rating=np.full(len(facts), np.nan))

    outcome = FAMILY.learn(silent_shop, at=world.END, progress=silent)

    assert outcome == TooLittle("Needs 1,000 ratings by 50 customers, has 0 by 0.")


def test_what_is_not_a_number_does_not_serve(candidate: Learned, facts: Facts) -> None:
    (name,) = {"products", "tables"} & candidate.arrays.keys()
    broken = with_array(candidate, **{name: np.full_like(candidate.arrays[name], np.nan)})

    verdict = FAMILY.judge(broken, None, facts, at=world.END)

    assert verdict.words == f"Its {name} are not all numbers."


def critics_and_others(at_least: int) -> tuple[Customer, Customer]:
    """One who rated much and may be recommended to, and one who rated nothing."""
    ratings = Count("events", filter=Q(events__kind="RATING"))
    willing = Customer.objects.consenting("RECOMMENDATION").annotate(ratings=ratings)
    often = willing.filter(ratings__gte=at_least).order_by("-ratings", "external_id").first()
    never = willing.filter(ratings=0).order_by("external_id").first()
    assert often is not None
    assert never is not None
    return often, never


def test_a_list_says_what_its_customer_would_give(rated: None) -> None:
    train("RATINGS", at=world.END)
    often, never = critics_and_others(at_least=5)

    told = recommendations_for(often, Wanted(5), at=world.END).items

    assert told
    assert all(each.expected and 1 <= each.expected.stars <= 5 for each in told)
    assert str(told[0].expected).endswith(" of 5")
    assert not any(e.expected for e in recommendations_for(never, Wanted(5), at=world.END).items)


def test_who_gives_less_is_expected_to_give_less(rated: None) -> None:
    train("RATINGS", at=world.END)
    often, _ = critics_and_others(at_least=5)
    goods = list(Product.objects.values_list("pk", flat=True))
    serving = stars.critic()
    assert serving is not None
    before = serving.expects(often, goods, at=world.END)

    Event.objects.filter(kind="RATING", customer=often).update(rating=1)

    after = serving.expects(often, goods, at=world.END)
    assert before.keys() == after.keys()
    assert np.mean([e.stars for e in after.values()]) < np.mean([e.stars for e in before.values()])


def test_a_broken_model_says_nothing(rated: None) -> None:
    train("RATINGS", at=world.END)
    often, _ = critics_and_others(at_least=5)
    ModelVersion.objects.filter(kind="RATINGS").update(checksum="0" * 64)

    items = recommendations_for(often, Wanted(5), at=world.END).items

    assert items
    assert not any(each.expected for each in items)
