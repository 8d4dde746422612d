from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from customers.models import CustomerContact
from retention.insights.models import DataCleaning, DataFinding
from retention.insights.services.check_data import check_data
from retention.jobs.models import JobRun
from tests import make
from tests.insights.quality.test_decisions import EVIDENCE
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
PAGE = "/admin/insights/datafinding/"
DECIDE = "/admin/insights/datacleaning/decide/"


@pytest.fixture
def viewer(client: Client) -> Client:
    user = make.user(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def seen(client: Client, url: str = PAGE, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_the_first_check_it_says_what_to_do(operator: Client) -> None:
    assert "check it now, or wait for the night" in seen(operator)


def test_a_clean_shop_is_told_so(operator: Client) -> None:
    make.data_check()

    page = seen(operator)

    assert "Good: 100 events of 10 customers" in page
    assert "Nothing is open" in page


def test_a_finding_says_what_it_does_and_what_to_do(operator: Client) -> None:
    make.data_check()
    make.data_finding()

    page = seen(operator)

    assert "5 events were told twice" in page
    assert "look twice as busy" in page
    assert f"{DECIDE}?kind=DUPLICATES&amp;finding=DUPLICATES" in page
    assert f"{DECIDE}?kind=KEEP&amp;finding=DUPLICATES" in page


@pytest.mark.parametrize("kind", EVIDENCE)
def test_every_finding_leads_to_its_rows(operator: Client, kind: str) -> None:
    customer = make.customer() if kind in {"TILL", "BOT"} else None
    event = make.event(customer=make.customer())
    evidence = {"events": [event.pk]} | EVIDENCE[kind]
    make.data_finding(kind=kind, evidence=evidence, customer=customer)

    links = [link.url for link in operator.get(PAGE).context["open_cards"][0].links]

    assert links
    assert {operator.get(link).status_code for link in links} == {200}


def test_the_link_shows_the_rows_and_no_others(operator: Client) -> None:
    who = make.customer(external_id="ada-1")
    for minute in (0, 1):
        make.event(customer=who, received_at=NOW.replace(minute=minute), order_id=f"order-{minute}")
    check_data(at=NOW.replace(hour=13))
    cards = operator.get(PAGE).context["open_cards"]

    (link,) = [card.links[0] for card in cards if card.told.finding.kind == "DUPLICATES"]
    page = seen(operator, link.url)

    assert "order-1" in page
    assert "order-0" not in page


def test_it_costs_the_same_whatever_is_found(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    make.data_check()
    for kind, evidence in EVIDENCE.items():
        make.data_finding(kind=kind, evidence={"events": [1]} | evidence, customer=make.customer())
    for _ in range(5):
        make.data_cleaning()

    with django_assert_max_num_queries(10):
        seen(operator)


def test_before_deciding_what_it_changes_is_said(operator: Client) -> None:
    make.data_check(revenue=2_400)
    till = make.customer(external_id="K-77")
    make.event(customer=till)

    page = seen(operator, DECIDE, kind="EXCLUDE", customer=str(till.pk))

    assert "1 customer, 1 event, 50.0% of revenue" in page
    assert "Customer K-77" in page
    assert not DataCleaning.objects.exists()


def test_deciding_is_one_click_and_the_data_is_checked_again(operator: Client) -> None:
    till = make.customer(external_id="K-77")

    answer = operator.post(
        f"{DECIDE}?kind=EXCLUDE&customer={till.pk}&finding=TILL",
        {"reason": "TILL", "note": "The one at the door"},
        follow=True,
    )

    decision = DataCleaning.objects.get()
    assert (decision.customer, decision.reason, decision.decided_by) == (till, "TILL", "ada")
    assert JobRun.objects.get().job == "insights.check_data"
    assert "The one at the door" in answer.content.decode()


def test_deciding_twice_is_told_and_no_crash(operator: Client) -> None:
    for _ in range(2):
        answer = operator.post(f"{DECIDE}?kind=REPEATS&finding=REPEATS", follow=True)

    assert "is in force already" in answer.content.decode()


def test_taking_back_is_one_click(operator: Client) -> None:
    decision = make.data_cleaning()
    undo = reverse("admin:insights_undo_cleaning", args=[decision.pk])

    page = operator.post(undo, follow=True).content.decode()
    again = operator.post(undo, follow=True).content.decode()

    assert "taken back" in page
    assert "Taken back lately" in page
    assert "was taken back already" in again


def test_figures_from_before_a_decision_look_old_until_they_are_counted_anew(
    operator: Client,
) -> None:
    make.data_check(checked_at=NOW - timedelta(hours=3))
    decision = make.data_cleaning(decided_at=NOW - timedelta(hours=4))

    fresh = seen(operator)
    operator.post(reverse("admin:insights_undo_cleaning", args=[decision.pk]))
    stale = seen(operator)
    JobRun.objects.all().delete()
    unasked = seen(operator)
    check_data(at=NOW)
    counted = seen(operator)

    assert ["Out of date" in page for page in (fresh, stale, counted)] == [False, True, False]
    assert ["before the last decision" in page for page in (fresh, counted)] == [False, False]
    assert "As of 1 June, 10:00, before the last decision: " in stale
    assert "of 1 June 2026, 10:00, before the last decision. They are being counted anew." in stale
    assert "Waiting for a worker." in stale
    assert "Press <b>Check now</b>" in unasked


def test_saying_that_something_is_right_makes_no_figure_old(operator: Client) -> None:
    make.data_check(checked_at=NOW)
    later = NOW + timedelta(minutes=1)
    make.data_cleaning(kind="KEEP", finding="REPEATS", found=5, decided_at=later)

    assert "before the last decision" not in seen(operator)


def test_the_button_that_takes_back_brings_its_token() -> None:
    strict, decision = Client(enforce_csrf_checks=True), make.data_cleaning()
    strict.force_login(make.user())
    undo = reverse("admin:insights_undo_cleaning", args=[decision.pk])
    form = seen(strict).split(f'action="{undo}"')[1].split("</form>")[0]
    token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    assert strict.post(undo).status_code == 403
    assert strict.post(undo, {"csrfmiddlewaretoken": token}).status_code == 302
    assert DataCleaning.objects.get().undone_at is not None


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "kind=EXCLUDE",
        "kind=LINES&cap=0",
        "kind=KEEP&finding=X",
        "kind=X",
        "kind=EXCLUDE&customer=9",
    ],
)
def test_an_address_that_asks_for_nothing_is_no_page(operator: Client, asked: str) -> None:
    assert operator.get(f"{DECIDE}?{asked}").status_code == 404


def test_who_may_only_look_decides_nothing(viewer: Client) -> None:
    make.data_finding()
    decision = make.data_cleaning()

    page = seen(viewer)

    assert "told twice" in page
    assert DECIDE not in page
    assert "Take back" not in page
    assert viewer.get(f"{DECIDE}?kind=DUPLICATES").status_code == 403
    assert viewer.post(f"/admin/insights/datacleaning/{decision.pk}/undo/").status_code == 403


def test_who_may_not_look_sees_nothing(client: Client) -> None:
    client.force_login(make.user(is_superuser=False))

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}check/").status_code == 403


def test_checking_now_asks_for_the_job_once_while_it_waits(operator: Client) -> None:
    operator.post(f"{PAGE}check/")
    operator.post(f"{PAGE}check/")
    waiting = JobRun.objects.get()
    JobRun.objects.update(state=JobRun.State.DONE)
    operator.post(f"{PAGE}check/")

    assert waiting.job == "insights.check_data"
    assert JobRun.objects.count() == 2


def test_who_may_only_look_starts_no_check(client: Client) -> None:
    viewer = make.user(is_superuser=False)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_datafinding"))
    client.force_login(viewer)

    seen = client.get(PAGE).content.decode()

    assert "Check now" not in seen
    assert client.post(f"{PAGE}check/").status_code == 403


@pytest.mark.parametrize("make_one", [make.data_cleaning])
def test_all_decisions_are_a_list(operator: Client, make_one: Callable[[], Any]) -> None:
    make_one()

    assert "In force" in seen(operator, "/admin/insights/datacleaning/")


def test_shared_addresses_lead_to_their_customers(operator: Client) -> None:
    for name in ("ada-1", "ada-2"):
        customer = make.customer(external_id=name)
        CustomerContact.objects.create(customer=customer, email="a@x.org")
    make.customer(external_id="bob-3")
    check_data(at=NOW)

    (card,) = operator.get(PAGE).context["open_cards"]
    page = seen(operator, card.links[0].url)

    assert reverse("admin:customer_duplicates") in seen(operator)
    assert DataFinding.objects.get().kind == "CONTACTS"
    assert "ada-1" in page
    assert "ada-2" in page
    assert "bob-3" not in page


def test_a_customers_page_offers_and_then_says_that_they_are_left_out(operator: Client) -> None:
    till = make.customer()
    page = f"/admin/customers/customer/{till.pk}/change/"
    before = seen(operator, page)

    make.data_cleaning(customer=till, reason="BOT")
    after = seen(operator, page)

    assert f"{DECIDE}?kind=EXCLUDE&amp;customer={till.pk}" in before
    assert f"{DECIDE}?kind=EXCLUDE" not in after
    assert "Left out of learning by ada" in after
    assert "no score, no segment, no coupon" in after


def test_home_says_it_in_a_line_while_something_serious_is_open(operator: Client) -> None:
    make.data_finding(severity="LOOK")
    assert "told twice" not in seen(operator, "/admin/")

    DataFinding.objects.update(severity="SERIOUS")
    make.data_check()
    assert "1 thing misleads the models: 5 events were told twice" in seen(operator, "/admin/")

    make.data_cleaning(kind="DUPLICATES", finding="DUPLICATES")
    assert "told twice" not in seen(operator, "/admin/")


def test_a_models_page_says_what_it_was_not_shown(operator: Client) -> None:
    run = make.training_run(left_out={"customers": 2, "events": 310})
    version = make.model_version(run=run)

    for page in (f"modelversion/{version.pk}", f"trainingrun/{run.pk}"):
        assert "2 customers and 310 events by cleaning" in seen(
            operator, f"/admin/insights/{page}/change/"
        )
