from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from campaigns.models import Campaign, Measurement
from retention.access.models import AuditEntry
from retention.jobs.models import JobRun
from tests import make
from tests.campaigns.audiences import at_risk
from tests.customers.sending import client
from tests.make import NOW

pytestmark = pytest.mark.django_db
URL = "/api/v1/campaigns/"
PLAN = {
    "name": "Win them back",
    "bands": ["HIGH"],
    "budget_amount": 50_000,
    "currency": "GBP",
    "offers": [{"benefit": "PERCENT", "percent": 10, "maximum_discount": 1000}],
}


def signed_in() -> APIClient:
    person = APIClient()
    person.force_authenticate(make.user())
    return person


def test_a_campaign_goes_from_a_draft_to_its_launch_by_machine() -> None:
    at_risk(50)
    shop = client()
    pk = shop.post(URL, PLAN).json()["id"]

    seen = shop.post(f"{URL}{pk}/preview/").json()
    sent = shop.post(f"{URL}{pk}/submit/", {"revision": 1})
    launched = shop.post(f"{URL}{pk}/launch/")

    assert seen["treated"] + seen["control"] == seen["chosen"] > 0
    assert sent.json()["state"] == "APPROVED"
    assert launched.status_code == 202
    assert JobRun.objects.get(job="campaigns.launch").arguments["campaign_id"] == pk


def test_two_clicks_on_launch_are_one_launch() -> None:
    campaign = make.campaign(state="APPROVED")
    shop = client()

    for _ in range(2):
        shop.post(f"{URL}{campaign.pk}/launch/")

    assert JobRun.objects.count() == 1


def test_what_is_not_sound_is_refused_field_by_field() -> None:
    answer = client().post(URL, PLAN | {"budget_amount": 999})

    assert answer.status_code == 422
    assert "does not cover one coupon" in answer.json()["errors"]["budget_amount"][0]


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("DRAFT", "launch"),
        ("RUNNING", "submit"),
        ("DRAFT", "pause"),
        ("RUNNING", "resume"),
        ("COMPLETED", "cancel"),
    ],
)
def test_what_is_not_possible_now_is_a_conflict_in_words(state: str, verb: str) -> None:
    at_risk(60)  # So many that both arms hold someone, whatever the lot.
    campaign = make.campaign(state=state)

    answer = client().post(f"{URL}{campaign.pk}/{verb}/", {})

    assert answer.status_code == 409
    assert "'Win them back' is" in answer.json()["detail"]


def test_approving_needs_a_person_and_another_one() -> None:
    campaign = make.campaign(state="PENDING_APPROVAL")

    by_key = client().post(f"{URL}{campaign.pk}/approve/", {})
    by_person = signed_in().post(f"{URL}{campaign.pk}/approve/", {})

    assert by_key.status_code == 403
    assert by_person.json()["state"] == "APPROVED"


def test_the_audit_log_names_the_key_that_acted() -> None:
    campaign = make.campaign(state="RUNNING")

    client().post(f"{URL}{campaign.pk}/pause/")

    assert AuditEntry.objects.get(action="campaign.pause").actor == "API key Shop"


def test_resuming_asks_for_what_is_left_to_issue() -> None:
    campaign = make.campaign(state="PAUSED")

    client().post(f"{URL}{campaign.pk}/resume/")

    assert JobRun.objects.get().job == "campaigns.issue"


def test_an_idempotency_key_makes_one_draft() -> None:
    shop = client()
    headers = {"Idempotency-Key": "k1"}

    first, again = (shop.post(URL, PLAN, headers=headers).json() for _ in range(2))

    assert first == again
    assert Campaign.objects.count() == 1


def test_results_say_their_stage_their_figures_and_a_sentence() -> None:
    campaign = make.campaign(state="RUNNING", control_share=0.5)
    figures: dict[str, Any] = {"treated_count": 40, "control_count": 40, "treated_mean": 0.5}
    figures |= {"control_mean": 0.4, "effect": 0.1, "ci_low": -0.1, "ci_high": 0.3}
    Measurement.objects.create(
        campaign=campaign,
        metric="KEPT",
        sample_ratio_p=1.0,
        measured_until=NOW,
        measured_at=NOW,
        **figures,
    )

    results = client().get(f"{URL}{campaign.pk}/results/").json()

    assert results["stage"] == "TOO_EARLY"
    assert results["overall"]["effects"][0]["low"] == -0.1


def test_campaigns_are_listed_by_state() -> None:
    running, _ = make.campaign(state="RUNNING"), make.campaign()

    found = client("read").get(URL, {"state": "RUNNING"}).json()["results"]

    assert [one["id"] for one in found] == [running.pk]


def test_however_many_campaigns_are_listed_in_as_many_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        campaign = make.campaign(
            state="RUNNING",
            launched_at=NOW,
            trigger="WAVES",
            trigger_value=7,
            admits_until=NOW + timedelta(days=28),
        )
        make.make_offer(campaign=campaign).products.add(make.product())
    shop = client("read")

    with django_assert_max_num_queries(9):
        shop.get(URL)


@pytest.mark.parametrize("page", ["", "results/"])
def test_a_campaign_that_is_not_there_is_not_found(page: str) -> None:
    assert client().get(f"{URL}999999999999999999999/{page}").status_code == 404


@pytest.mark.parametrize("products", [{}, {"products": []}])
def test_an_offer_for_chosen_products_without_any_is_refused_by_its_field(
    products: dict[str, Any],
) -> None:
    offer = {"benefit": "PERCENT", "percent": 10, "maximum_discount": 1000, "scope": "CHOSEN"}

    answer = client().post("/api/v1/campaigns/", PLAN | {"offers": [offer | products]})

    assert answer.status_code == 400
    assert "Name the products" in str(answer.json()["errors"]["offers"])
    assert "'products'" in str(answer.json()["errors"]["offers"])
    assert not Campaign.objects.exists()


def test_a_campaign_names_the_products_of_its_offers() -> None:
    make.product(external_id="mug")
    offer = {"benefit": "PERCENT", "percent": 10, "maximum_discount": 1000}
    chosen = offer | {"scope": "CHOSEN", "products": ["mug"]}

    told = client().post("/api/v1/campaigns/", PLAN | {"offers": [chosen, offer]}).json()

    assert [one["products"] for one in told["offers"]] == [["mug"], []]
