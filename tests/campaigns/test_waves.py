"""A campaign in waves: a part of its customers at a time, the offers shifting to what works."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from campaigns.actors import Actor
from campaigns.admin.triggered import waves_words, where_in_waves
from campaigns.models import Assignment, Campaign, Coupon, Offer, Wave
from campaigns.plans import CampaignPlan, OfferPlan
from campaigns.selectors.audience import drawn_by_lot, eligible, priced
from campaigns.selectors.preview import preview
from campaigns.selectors.results import results_of
from campaigns.selectors.waves import waves_of
from campaigns.services.admit import admit_customers
from campaigns.services.issue import issue_coupons
from campaigns.services.launch import launch_campaign
from campaigns.services.measure import measure_campaign
from campaigns.services.pause import pause_campaign
from campaigns.services.resume import resume_campaign
from customers.models import Event
from retention.learning.measure.looking import LAST_LOOK
from retention.learning.measure.stratified import stratified
from tests import make
from tests.customers.sending import client
from tests.make import NOW

from .audiences import at_risk
from .test_admin import FORM, operator, text
from .test_audience import NOBODY_HELD_OUT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ANNE = Actor("anne")


class Killed(Exception):
    """A worker is."""


def quietly(done: int, total: int, message: str) -> None:
    """Nobody watches."""


def kill(done: int, total: int, message: str) -> None:
    raise Killed


def in_waves(**fields: Any) -> Campaign:
    """Four waves, ten days apart, of two offers; launched now unless it is said otherwise."""
    given: dict[str, Any] = {"trigger": "WAVES", "trigger_value": 10, "assigning": "SHIFT"}
    given |= {"admits_until": NOW + 40 * DAY, "budget_amount": 10**8, "state": "RUNNING"}
    campaign = make.campaign(**(given | fields))
    make.make_offer(campaign=campaign, name="20 % off", percent=20)
    return campaign


def admit(campaign: Campaign, *, days: float = 0) -> int:
    return admit_customers(campaign.pk, at=NOW + days * DAY, progress=quietly)


def offers_of(campaign: Campaign) -> tuple[Offer, Offer]:
    first, second = campaign.offers.order_by("pk")
    return first, second


def all_order(rows: Any, *, days: float = 1) -> None:
    """Each of some assigned customers so many days after their admission."""
    product = make.product()
    Event.objects.bulk_create(
        Event(
            customer_id=one.customer_id,
            kind="PURCHASE",
            product=product,
            order_id=f"o{one.pk}",
            quantity=1,
            amount=1000,
            currency="GBP",
            source="shop",
            message_id=f"m{one.pk}",
            occurred_at=one.assigned_at + days * DAY,
            received_at=one.assigned_at + days * DAY,
        )
        for one in rows
    )


@NOBODY_HELD_OUT
def test_each_wave_is_a_part_of_everyone_and_everyone_comes_once() -> None:
    customers = at_risk(400)
    campaign = in_waves()

    came = [admit(campaign, days=days) for days in (0, 0, 3, 10, 20, 25, 30, 40)]

    assert came[1:3] == [0, 0]
    assert [60 < many < 140 for many in came] == [1, 0, 0, 1, 1, 0, 1, 0]
    assert set(Assignment.objects.values_list("customer", flat=True)) == {c.pk for c in customers}
    assert {one.occasion for one in Assignment.objects.all()} == {f"Wave {n}" for n in range(1, 5)}


@NOBODY_HELD_OUT
def test_while_it_runs_its_page_says_how_many_got_which_offer() -> None:
    at_risk(400)
    campaign = in_waves()
    admit(campaign)
    issue_coupons(campaign.pk, at=NOW, progress=quietly)

    page = text(operator().get(f"/admin/campaigns/campaign/{campaign.pk}/change/"))

    for offer in offers_of(campaign):
        many = Coupon.objects.filter(offer=offer).count()
        assert many > 0
        assert f"<dt>Coupon issued: {offer.name}</dt><dd>{many}</dd>" in page
        assert f"<td>Coupon issued: {offer.name}</td>" in page


@NOBODY_HELD_OUT
def test_the_control_stays_while_more_and_more_get_what_works() -> None:
    at_risk(800)
    campaign = in_waves()
    _, better = offers_of(campaign)
    admit(campaign)
    all_order(Assignment.objects.filter(offer=better))

    admit(campaign, days=10)

    first, second = campaign.waves.order_by("number")
    assert first.shares == {one.pk: 0.5 for one in offers_of(campaign)}
    assert second.shares[better.pk] == pytest.approx(0.875)
    drawn = {
        (one.occasion, one.offer_id): round(one.probability, 6) for one in Assignment.objects.all()
    }
    assert drawn[("Wave 1", None)] == drawn[("Wave 2", None)] == 0.2
    assert drawn[("Wave 1", better.pk)] == 0.4
    assert drawn[("Wave 2", better.pk)] == pytest.approx(0.7)
    assert second.arms[1]["ordered"] == second.arms[1]["known"] > 60


@NOBODY_HELD_OUT
def test_only_orders_within_the_days_of_a_wave_steer_and_only_once_these_are_over() -> None:
    at_risk(400)
    campaign = in_waves()
    admit(campaign, days=2)  # Late: at the next wave their ten days are not over.
    all_order(Assignment.objects.all(), days=1)

    admit(campaign, days=10)
    admit(campaign, days=20)

    second, third = campaign.waves.order_by("number")[1:]
    assert [arm["known"] for arm in second.arms] == [0, 0]
    counts = Assignment.objects.filter(offer__isnull=False, occasion__in=["Wave 1", "Wave 2"])
    assert sum(arm["known"] for arm in third.arms) == counts.count()
    firsts = counts.filter(occasion="Wave 1").count()
    assert sum(arm["ordered"] for arm in third.arms) == firsts


@NOBODY_HELD_OUT
def test_offers_that_do_not_shift_keep_their_weights() -> None:
    at_risk(200)
    campaign = in_waves(assigning="SHARE")
    first, second = offers_of(campaign)
    Offer.objects.filter(pk=second.pk).update(share=3)

    admit(campaign)

    assert campaign.waves.get().shares == {first.pk: 0.25, second.pk: 0.75}


@NOBODY_HELD_OUT
def test_a_worker_that_is_killed_in_a_wave_is_followed_by_one_that_ends_it() -> None:
    at_risk(1200)
    campaign = in_waves(admits_until=NOW + 20 * DAY)
    with pytest.raises(Killed):
        admit_customers(campaign.pk, at=NOW, progress=kill)
    half = Assignment.objects.count()

    rest = admit(campaign, days=1)

    assert half == 500
    assert 0 < rest < 250
    assert campaign.waves.get().done_at is not None
    assert Coupon.objects.count() == Assignment.objects.filter(arm="TREATMENT").count()
    assert admit(campaign, days=2) == 0


@NOBODY_HELD_OUT
def test_a_wave_leaves_the_later_ones_their_part_of_the_limits() -> None:
    at_risk(400)
    few = in_waves(maximum_customers=40)
    poor = in_waves(budget_amount=40_000, bands=["HIGH"])

    came = [admit(few, days=days) for days in (0, 1, 10, 20, 30)]
    costs = []
    for days in (0, 10, 20, 30):
        admit(poor, days=days)
        poor.refresh_from_db()
        costs.append(poor.committed_amount)

    assert came == [10, 0, 10, 10, 10]
    assert costs == [10_000, 20_000, 30_000, 40_000]


@NOBODY_HELD_OUT
def test_who_missed_a_wave_as_it_paused_comes_in_with_the_next() -> None:
    customers = at_risk(400)
    campaign = in_waves()
    admit(campaign)
    pause_campaign(campaign.pk, by=ANNE, at=NOW + DAY)
    assert admit(campaign, days=10) == 0
    resume_campaign(campaign.pk, by=ANNE, at=NOW + 15 * DAY)

    admit(campaign, days=20)
    admit(campaign, days=30)

    assert [wave.number for wave in campaign.waves.order_by("number")] == [0, 2, 3]
    assert Assignment.objects.count() == len(customers)


@NOBODY_HELD_OUT
def test_the_last_wave_ends_it_and_the_last_day_is_known() -> None:
    at_risk(100)
    campaign = in_waves(state="APPROVED", admits_until=NOW + 15 * DAY)
    launch_campaign(campaign.pk, by=ANNE, at=NOW, progress=quietly)
    admit(campaign)

    admit(campaign, days=10)

    campaign.refresh_from_db()
    assert campaign.measures_until == NOW + 70 * DAY
    assert not campaign.admits(NOW + 11 * DAY)


def measured_in_two_waves(**fields: Any) -> Campaign:
    """A bad wave and a good one. The second offer does nothing, and got most of the good one."""
    campaign = in_waves(control_share=0.25, measure_days=30, **fields)
    first, second = offers_of(campaign)
    cells: list[tuple[int, dict[Offer | None, tuple[int, int]]]] = [
        (0, {first: (60, 6), second: (60, 6), None: (40, 4)}),
        (10, {first: (15, 6), second: (105, 42), None: (40, 16)}),
    ]
    for number, (days, arms) in enumerate(cells):
        at = NOW + days * DAY
        shares = ((0.5, 0.5), (0.125, 0.875))[number]
        known = {"best": 0.5, "known": 0, "ordered": 0}
        Wave.objects.create(
            campaign=campaign,
            number=number,
            opened_at=at,
            done_at=at,
            arms=[
                {"offer": offer.pk, "share": share, **known}
                for offer, share in zip((first, second), shares, strict=True)
            ],
        )
        for offer, (many, buyers) in arms.items():
            given = {"arm": "TREATMENT", "offer": offer} if offer else {"arm": "CONTROL"}
            rows = [
                make.assignment(campaign=campaign, assigned_at=at, **given) for _ in range(many)
            ]
            all_order(rows[:buyers])
    Campaign.objects.filter(pk=campaign.pk).update(admits_until=NOW + 11 * DAY)
    campaign.refresh_from_db()
    measure_campaign(campaign.pk, at=NOW + 60 * DAY)
    return campaign


def test_an_offer_that_had_most_of_a_good_wave_is_no_better_for_it() -> None:
    campaign = measured_in_two_waves()

    results = results_of(campaign, at=NOW + 60 * DAY)

    rows = [(0, 1, 60, 6), (0, 0, 40, 4), (1, 1, 105, 42), (1, 0, 40, 16)]
    kept = np.concatenate([np.arange(n) < r for _, _, n, r in rows]).astype(float)
    treated = np.repeat([bool(t) for _, t, _, _ in rows], [n for _, _, n, _ in rows])
    wave = np.repeat([w for w, _, _, _ in rows], [n for _, _, n, _ in rows])
    everyone = np.repeat([0, 1], [160, 160])
    slow = stratified(kept, treated, wave, of=everyone).interval(1 - (1 - LAST_LOOK) / 2)
    second = results.offers[-1]
    told = second.of("KEPT")
    assert told is not None
    assert told.effect == pytest.approx(0, abs=1e-9)
    assert kept[treated].mean() - kept[~treated].mean() > 0.03
    assert (told.low, told.high) == pytest.approx((slow.low, slow.high), rel=0.02)
    assert second.sample_ratio_p > 0.5


def test_the_page_and_the_api_tell_each_wave(admin_client: Client) -> None:
    campaign = measured_in_two_waves()

    page = admin_client.get(f"/admin/campaigns/campaign/{campaign.pk}/results/").content.decode()
    answer = admin_client.get(f"/api/v1/campaigns/{campaign.pk}/results/").json()

    assert "Wave by wave" in page
    assert "88% (105)" in page
    assert [wave["number"] for wave in answer["waves"]] == [1, 2]
    assert answer["waves"][1]["arms"][1]["customers"] == 105
    assert answer["waves"][1]["control"] == 40


def test_a_campaign_without_waves_has_none() -> None:
    assert waves_of(make.campaign(state="RUNNING")) == ()


@NOBODY_HELD_OUT
def test_the_preview_says_how_waves_work(admin_client: Client) -> None:
    at_risk(400)
    now = timezone.now()
    campaign = in_waves(state="DRAFT", admits_until=now + 40 * DAY)

    seen = preview(campaign, at=now)

    words = waves_words(campaign, seen)
    assert (seen.waves, seen.chosen, seen.volumes) == (4, 400, ())
    assert "4 waves, 10 days apart: about 100 customers each" in words
    page = admin_client.get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()
    told = client().post(f"/api/v1/campaigns/{campaign.pk}/preview/").json()
    assert "10 days apart" in page
    assert told["between"] == pytest.approx(seen.between)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"assigning": "SHIFT"}, "assigning"),
        ({"assigning": "SHIFT", "trigger": "BASKET", "trigger_value": 4}, "assigning"),
        ({"assigning": "SHIFT", "trigger": "WAVES", "trigger_value": 7}, "assigning"),
        (
            {
                "assigning": "SHIFT",
                "trigger": "WAVES",
                "trigger_value": 7,
                "offers": tuple(
                    OfferPlan(benefit="AMOUNT", amount=500, share=share) for share in (1, 2)
                ),
            },
            "assigning",
        ),
        ({"assigning": "WORTH", "trigger": "WAVES", "trigger_value": 7}, "assigning"),
        ({"trigger": "WAVES", "trigger_value": 0.5}, "trigger_value"),
        ({"trigger": "WAVES", "trigger_value": 7, "bands": ()}, "bands"),
    ],
)
def test_waves_that_cannot_be_are_refused_by_the_field(fields: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"name": "Win back", "budget_amount": 10_000, "currency": "GBP"}
    given |= {"bands": ("HIGH",), "offers": (OfferPlan(benefit="AMOUNT", amount=500),)}
    if "trigger" in fields:
        given["admits_until"] = NOW + 30 * DAY

    assert set(CampaignPlan(**(given | fields)).problems()) == {field}


def test_the_form_asks_for_waves_and_shows_them_as_they_were_typed() -> None:
    last = (timezone.localdate() + 60 * DAY).isoformat()
    typed = {"trigger": "WAVES", "wave_days": "7", "assigning": "SHIFT", "admits_until": last}
    second = {"offers-1-benefit": "AMOUNT", "offers-1-amount": "5", "offers-1-valid_days": "14"}
    second |= {"offers-1-share": "1", "offers-TOTAL_FORMS": "2"}

    operator().post("/admin/campaigns/campaign/add/", FORM | typed | second)

    campaign = Campaign.objects.get()
    assert (campaign.assigning, campaign.trigger_value) == ("SHIFT", 7)
    page = text(operator().get(f"/admin/campaigns/campaign/{campaign.pk}/edit/"))
    assert 'name="wave_days" value="7' in page


def test_the_database_lets_no_offers_shift_without_waves_and_no_wave_open_twice() -> None:
    with (
        pytest.raises(IntegrityError, match="offers_shift_from_wave_to_wave"),
        transaction.atomic(),
    ):
        make.campaign(assigning="SHIFT")
    campaign = in_waves()
    Wave.objects.create(campaign=campaign, number=0, arms=[], opened_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wave.objects.create(campaign=campaign, number=0, arms=[], opened_at=NOW)


@NOBODY_HELD_OUT
@pytest.mark.parametrize(
    ("opened", "state", "day", "said"),
    [
        ((), "RUNNING", 0, "4 waves, the next is due"),
        ((0,), "RUNNING", 0, "wave 1 of 4, next on 11 June"),
        ((0, 10), "RUNNING", 12, "wave 2 of 4, next on 21 June"),
        ((0, 10), "PAUSED", 12, "wave 2 of 4, none while it is paused"),
        ((0,), "RUNNING", 25, "wave 1 of 4, the next is due"),
        ((0, 10, 20, 30), "RUNNING", 35, "wave 4 of 4, the last"),
        ((0, 10), "RUNNING", 45, "wave 2 of 4, no more come"),
        ((0, 10), "CANCELLED", 12, ""),
    ],
)
def test_a_launched_campaign_in_waves_says_where_it_is(
    opened: tuple[int, ...], state: str, day: int, said: str
) -> None:
    at_risk(60)
    campaign = in_waves()
    for days in opened:
        admit(campaign, days=days)
    Campaign.objects.update(state=state)

    assert where_in_waves(Campaign.objects.get(), at=NOW + day * DAY) == said


def test_a_campaign_that_is_in_no_waves_has_none() -> None:
    assert where_in_waves(make.campaign(state="RUNNING", launched_at=NOW), at=NOW) == ""


def test_its_page_and_the_api_say_in_which_wave_it_is() -> None:
    now = timezone.now()
    campaign = in_waves(launched_at=now, admits_until=now + 40 * DAY)
    Wave.objects.create(campaign=campaign, number=0, arms=[], opened_at=now)

    page = text(operator().get(f"/admin/campaigns/campaign/{campaign.pk}/change/"))
    told = client().get(f"/api/v1/campaigns/{campaign.pk}/").json()["wave"]

    assert "wave 1 of 4, next on" in page
    assert (told["number"], told["of"]) == (1, 4)
    assert told["next_at"][:10] == f"{now + 10 * DAY:%Y-%m-%d}"


@NOBODY_HELD_OUT
def test_the_preview_of_waves_is_what_the_lot_brings_on_average_and_between_what() -> None:
    at_risk(314)
    campaign = in_waves(salt="unlucky", control_share=0.2)
    first, _ = offers_of(campaign)

    seen = preview(campaign, at=NOW)

    assert (seen.treated, seen.control) == (251, 63)
    assert [arm.customers for arm in seen.arms] == [126, 125, 63]
    assert seen.control_between == (49, 77)
    assert seen.worst_case == 251 * first.maximum_discount


@NOBODY_HELD_OUT
def test_on_average_waves_do_what_was_previewed_within_the_budget() -> None:
    at_risk(120)
    campaign = in_waves(control_share=0.2, budget_amount=50_000, assigning="SHARE")
    first, _ = offers_of(campaign)
    Offer.objects.filter(pk=first.pk).update(maximum_discount=500)

    seen, came = preview(campaign, at=NOW), []
    for n in range(20):
        Campaign.objects.filter(pk=campaign.pk).update(salt=f"salt {n}")
        found = drawn_by_lot(
            campaign := Campaign.objects.get(),
            priced(campaign, offers_of(campaign), eligible(campaign, at=NOW)),
        )
        came.append(int((~found.treated).sum()) / len(found.chosen))

    assert seen.worst_case <= 50_000
    assert seen.worst_case > 48_000
    assert np.mean(came) == pytest.approx(seen.control / seen.chosen, abs=0.03)
