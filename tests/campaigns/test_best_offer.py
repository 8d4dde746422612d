"""Several offers drawn by lot: which is the best, and how sure that is."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns.models import Assignment, Campaign, Offer
from campaigns.selectors.best_offer import about_offers
from campaigns.selectors.effects import Comparison, Effect
from campaigns.selectors.preview import preview
from campaigns.selectors.results import results_of
from campaigns.services.measure import measure_campaign
from retention.learning.measure.looking import LAST_LOOK
from retention.learning.measure.power import detectable_share
from tests import make
from tests.make import NOW

from .audiences import at_risk
from .test_audience import NOBODY_HELD_OUT
from .test_measure import arm

pytestmark = pytest.mark.django_db
LAST_DAY = NOW + timedelta(days=60)


def two_offers(*, assigning: str = "SHARE", buyers: int = 50) -> tuple[Campaign, Offer, Offer]:
    """60 customers each: 20 of the first offer's order, so many of the second's, 15 of the
    control."""
    campaign = make.campaign(state="RUNNING", control_share=0.34, assigning=assigning)
    second = make.make_offer(campaign=campaign, name="20 % off", percent=20)
    given = arm(campaign, "TREATMENT", count=60, buyers=buyers)
    Assignment.objects.filter(customer__in=given).update(offer=second)
    arm(campaign, "TREATMENT", count=60, buyers=20)
    arm(campaign, "CONTROL", count=60, buyers=15)
    measure_campaign(campaign.pk, at=LAST_DAY)
    return campaign, campaign.offers.earliest("pk"), second


def test_the_offer_that_kept_more_is_the_best_and_chances_sum_to_one() -> None:
    campaign, _, better = two_offers()

    results = results_of(campaign, at=LAST_DAY)

    best = {one.name: one.of("KEPT").best for one in results.offers}  # type: ignore[union-attr]
    assert best[better.name] == pytest.approx(1, abs=0.001)
    assert sum(best.values()) == pytest.approx(1)  # type: ignore[arg-type]
    assert "“20 % off” keeps the most customers: more than 99% sure." in results.offers_sentence


def test_offers_that_kept_as_many_are_a_draw() -> None:
    campaign, _, _ = two_offers(buyers=20)

    results = results_of(campaign, at=LAST_DAY)

    assert "keeps the most customers cannot be told" in results.offers_sentence
    assert "leads, 50% sure" in results.offers_sentence


def test_offers_that_went_to_whom_they_suit_are_not_compared() -> None:
    campaign, _, _ = two_offers(assigning="WORTH")

    results = results_of(campaign, at=LAST_DAY)

    assert results.offers_sentence == ""


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.97, "“B” keeps the most"),
        (0.85, "“B” probably keeps"),
        (0.6, "cannot be told: “B” leads"),
    ],
)
def test_how_sure_it_is_is_said_in_words(chance: float, said: str) -> None:
    offers = [
        Comparison(name, 50, 50, 1.0, (Effect("KEPT", "Kept", 0.5, 0.4, 0.1, 0.0, 0.2, best),))
        for name, best in (("A", 1 - chance), ("B", chance))
    ]

    final, early = (about_offers(offers, is_final=is_final) for is_final in (True, False))

    assert said in final
    assert early == f"So far, and it may still turn: {final}"


def test_the_page_and_the_api_tell_which_offer(admin_client: Client) -> None:
    campaign, _, better = two_offers()

    page = admin_client.get(f"/admin/campaigns/campaign/{campaign.pk}/results/").content.decode()
    answer = admin_client.get(f"/api/v1/campaigns/{campaign.pk}/results/").json()

    assert "Which offer" in page
    assert "more than 99% sure" in page
    assert answer["offers_sentence"] in page
    assert {one["name"]: one["effects"][0]["best"] for one in answer["offers"]}[
        better.name
    ] == pytest.approx(1, abs=0.001)


@NOBODY_HELD_OUT
def test_the_preview_says_how_much_two_offers_must_differ_to_be_told_apart() -> None:
    at_risk(300)
    campaign = make.campaign(budget_amount=10**7)
    alone = preview(campaign, at=NOW)
    make.make_offer(campaign=campaign, name="20 % off", percent=20)

    seen = preview(campaign, at=NOW)

    first, second, _ = (arm_.customers for arm_ in seen.arms)
    assert alone.between is None
    assert seen.between == detectable_share(
        *sorted((first, second)), base=seen.baseline, level=LAST_LOOK
    )
