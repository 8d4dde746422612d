from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from campaigns.admin.programme import earned_note
from campaigns.models import Campaign, Coupon, Holdout, ProgrammeMonth, Redemption
from campaigns.selectors.earned import programme
from campaigns.selectors.ledger import entries_of, sums
from campaigns.selectors.programme import Shares, followed
from campaigns.services.measure import measure_campaign
from campaigns.services.measure_programme import measure_programme
from customers.models import Customer
from retention.learning.measure.experiments import uniform
from tests import make
from tests.customers.sending import client

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 2, tzinfo=UTC)
END = datetime(2026, 4, 1, 12, tzinfo=UTC)


def came(count: int, *, held: int, at: datetime = START, share: float = 0.1) -> list[Customer]:
    """So many customers, the first of whom are held out the moment they came."""
    made = [make.customer(created_at=at) for _ in range(count)]
    Holdout.objects.bulk_create(
        Holdout(customer=one, probability=share, entered_at=at) for one in made[:held]
    )
    return made


def buy(customers: list[Customer], *, at: datetime, amount: int = 2000) -> None:
    for one in customers:
        make.event(customer=one, occurred_at=at, amount=amount, currency="GBP")


def use(coupon: Coupon, customer: Customer, *, nth: int) -> None:
    Redemption.objects.create(
        coupon=coupon,
        customer=customer,
        nth=nth,
        order_id=f"o-{customer.pk}-{nth}",
        order_amount=2000,
        discount_amount=200,
        currency="GBP",
        redeemed_at=START,
    )


def test_it_adds_up_month_by_month_against_those_held_out() -> None:
    make.campaign(state="COMPLETED", launched_at=START)
    people = came(400, held=40)
    buy(people[:50], at=START + timedelta(days=5))
    buy(people[40:220], at=START + timedelta(days=70), amount=6000)

    assert measure_programme(at=END) == 3

    revenue = ProgrammeMonth.objects.filter(metric="REVENUE").order_by("month")
    assert [f"{one.month:%m}" for one in revenue] == ["01", "02", "03"]
    last = revenue[2]
    assert (last.reached_count, last.held_out_count) == (360, 40)
    assert last.reached_mean - last.held_out_mean == pytest.approx(last.effect)
    assert last.effect == pytest.approx((180 * 6000 + 10 * 2000) / 360 - 2000, rel=0.05)
    assert revenue[0].effect < 0 < last.effect
    found = programme()
    assert found.total == pytest.approx(last.effect * 360, abs=1)
    assert [one.month for one in found.months if one.metric == "REVENUE"][-1] == last.month


def test_months_are_measured_once_their_facts_are_in_and_then_no_more() -> None:
    make.campaign(state="COMPLETED", launched_at=START)
    came(80, held=40)
    measure_programme(at=END)

    assert measure_programme(at=END + timedelta(days=1)) == 1
    assert measure_programme(at=END + timedelta(days=15)) == 1
    assert measure_programme(at=END + timedelta(days=16)) == 0


def test_what_happened_before_the_first_launch_is_nobodys_earning() -> None:
    """Whom chance made the better customers would count as earned, months before any coupon."""
    people = came(400, held=40)
    buy(people[40:], at=START + timedelta(days=20), amount=9000)
    assert measure_programme(at=END) == 0
    assert programme().answer == "TOO_EARLY"
    assert earned_note(programme()) == {}
    make.campaign(state="RUNNING", launched_at=START + timedelta(days=50))

    assert measure_programme(at=END) == 1

    found = programme()
    assert found.since == START + timedelta(days=50)
    assert [one.effect for one in found.latest if one.metric == "REVENUE"] == [0.0]


def test_until_an_interval_can_be_given_home_says_that_it_cannot_be_told() -> None:
    came(80, held=40)
    make.campaign(state="RUNNING", launched_at=END - timedelta(days=3))

    assert measure_programme(at=END) == 0
    assert earned_note(programme())["value"] == "Cannot be told yet"


def test_months_counted_from_another_day_are_told_no_more_and_measured_anew() -> None:
    came(80, held=40)
    make.campaign(state="RUNNING", launched_at=START)
    measure_programme(at=END)
    ProgrammeMonth.objects.filter(month="2026-01-01").update(details={})
    ProgrammeMonth.objects.exclude(month="2026-01-01").update(details={"since": "2025-01-01"})

    assert programme().months == ()
    assert measure_programme(at=END) == 3


def test_who_was_held_out_only_when_the_share_was_raised_is_in_neither_group() -> None:
    people = came(60, held=0)
    salted = [(one, uniform(one.external_id, "retention.holdout")) for one in people]
    low = sorted(salted, key=lambda one: one[1])
    first, raised = low[:5], low[5:9]
    share = (first[-1][1] + raised[0][1]) / 2
    later = START + timedelta(days=40)
    for who, at, probability in (
        *((one, START, share) for one, _ in first),
        *((one, later, raised[-1][1] + 0.001) for one, _ in raised),
    ):
        Holdout.objects.create(customer=who, probability=probability, entered_at=at)

    seen = followed(start=START, until=END)

    assert (int(seen.held_out.sum()), len(seen), seen.late) == (5, 56, 4)
    assert Shares.recorded().share.tolist() == [share, raised[-1][1] + 0.001]


def test_the_place_of_the_kept_one_decides_whoever_came_first() -> None:
    first, other = came(2, held=0)
    held, reached = came(2, held=1, at=START + timedelta(days=3))
    Customer.objects.filter(pk=first.pk).update(merged_into=held)
    Customer.objects.filter(pk=other.pk).update(merged_into=reached)

    seen = followed(start=START, until=END)

    assert (len(seen), int(seen.held_out.sum())) == (2, 1)


def test_a_shop_that_holds_nobody_out_is_told_so() -> None:
    make.customer()

    assert measure_programme(at=END) == 0
    assert "Set GLOBAL_HOLDOUT_SHARE" in programme().sentence


@override_settings(SHOP_CURRENCY="GBP")
def test_the_ledger_adds_up_and_its_file_is_safe_to_open() -> None:
    campaign = make.campaign(
        state="COMPLETED", control_share=0.5, name="=cmd()", launched_at=START, committed_amount=700
    )
    for arm, buyers in (("TREATMENT", 35), ("CONTROL", 5)):
        drawn = [make.assignment(campaign=campaign, arm=arm) for _ in range(40)]
        buy([one.customer for one in drawn[:buyers] if one.customer], at=START + timedelta(days=9))
    measure_campaign(campaign.pk, at=END)

    (entry,), summed = entries_of([campaign], at=END), sums(at=END)
    page = Client()
    page.force_login(make.user())
    told = page.get("/admin/programme/").content.decode()
    file = b"".join(page.get("/admin/programme/ledger.csv").streaming_content).decode()  # type: ignore[attr-defined]

    assert (entry.answer, entry.earned) == ("EARNED", 60_000)
    assert (summed.earned, summed.low, summed.high) == (60_000, entry.low, entry.high)
    assert (summed.committed, entry.taught) == (700, 0)
    assert "Nothing: only 0 of 40 drawn got their coupon" in told
    assert "600.00" in file
    assert "'=cmd()" in file


@pytest.mark.parametrize(
    ("trigger", "taught", "lesson"),
    [
        ({}, 2, "Learned from, with few customers"),
        ({"trigger": "RISK"}, 0, "Nothing: its customers came in on days of their own"),
        ({"trigger": "WAVES"}, 2, "Learned from, with few customers"),
    ],
)
def test_the_ledger_says_what_whom_coupons_change_is_learned_from(
    trigger: dict[str, Any], taught: int, lesson: str
) -> None:
    if trigger:
        trigger |= {"trigger_value": 0.5, "admits_until": START + timedelta(days=1)}
    campaign = make.campaign(state="COMPLETED", launched_at=START, measure_days=2, **trigger)
    make.assignment(campaign=campaign, outcome="ISSUED")
    make.assignment(campaign=campaign, arm="CONTROL")

    (entry,) = entries_of([campaign], at=END)

    assert (entry.taught, entry.lesson) == (taught, lesson)


def test_a_campaign_that_is_not_measured_says_so_in_the_ledger(operator: Client) -> None:
    make.campaign(state="RUNNING", launched_at=START)

    assert "Not measured yet</span>" in operator.get("/admin/programme/").content.decode()


def test_the_ledger_says_of_a_code_for_all_who_used_it_and_awaits_no_result(
    operator: Client,
) -> None:
    campaign = make.campaign(state="RUNNING", code_uses=9, uses_per_customer=3)
    coupon = make.coupon(campaign=campaign, maximum_redemptions=9)
    Coupon.objects.update(customer=None, uses_per_customer=3)
    who, other = make.customer(), make.customer()
    use(coupon, who, nth=1)
    use(coupon, who, nth=2)
    use(coupon, other, nth=1)

    page = operator.get("/admin/programme/").content.decode()

    assert "2 used it" in page
    assert "Cannot be told</span>" in page
    assert "0 and 0 control" not in page


@override_settings(SHOP_CURRENCY="GBP")
def test_a_ledger_of_many_campaigns_is_read_page_by_page_and_summed_whole(
    operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Campaign.objects.bulk_create(
        Campaign(
            name=f"No. {n:03}",
            state="RUNNING",
            launched_at=START + timedelta(hours=n),
            created_at=START,
            budget_amount=1000,
            committed_amount=10,
            currency="GBP",
            salt=f"s{n}",
        )
        for n in range(120)
    )

    with django_assert_max_num_queries(20):
        first = operator.get("/admin/programme/").content.decode()
    last = operator.get("/admin/programme/?p=3").content.decode()
    told = client().get("/api/v1/programme/ledger/", {"limit": 100}).json()
    rest = client().get(told["next"]).json()
    summed = client().get("/api/v1/programme/ledger/sums/").json()

    assert [first.count("No. "), last.count("No. ")] == [50, 20]
    assert "No. 119" in first
    assert "No. 000" in last
    assert 'href="?p=2"' in first
    assert (len(told["results"]), len(rest["results"]), rest["next"]) == (100, 20, None)
    assert told["results"][0]["name"] == "No. 119"
    assert summed["committed"] == 1200
