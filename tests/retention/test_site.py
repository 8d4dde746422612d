import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client

from retention.jobs.models import JobRun
from tests import make
from tests.jobs.make import run as make_job
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_every_list_opens_under_the_name_it_has_in_the_navigation(
    model: type, operator: Client
) -> None:
    meta = model._meta  # type: ignore[attr-defined] # a model
    page = operator.get(f"/admin/{meta.app_label}/{meta.model_name}/", follow=True)

    place = page.context["place"]
    assert page.status_code == 200
    assert place is None or f"<h1>{place['label']}</h1>" in page.content.decode()


def test_the_navigation_leaves_out_what_somebody_may_not_see() -> None:
    viewer = make.user(is_superuser=False)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_coupon"))
    client = Client()
    client.force_login(viewer)

    places = client.get("/admin/").context["navigation"]

    labels = [entry["label"] for _, entries in places for entry in entries]
    assert labels == ["Home", "Coupons", "API reference"]


def test_apps_have_no_page_of_their_own(operator: Client) -> None:
    assert operator.get("/admin/insights/")["Location"] == "/admin/"


def test_lists_count_nothing_that_nobody_asked_for(operator: Client) -> None:
    make.customer(external_id="ada-1")
    make.customer(external_id="ben-2")

    whole = operator.get("/admin/customers/customer/").content.decode()
    found = operator.get("/admin/customers/customer/", {"q": "ada"}).content.decode()

    assert "Show all" not in whole
    assert "1 result" in found
    assert "Show counts" not in whole


@pytest.mark.usefixtures("at_noon")
def test_home_calls_jobs_as_their_list_does_and_leaves_what_went_wrong_to_their_page(
    operator: Client,
) -> None:
    failed = {"state": JobRun.State.FAILED, "finished_at": NOW, "error": "OperationalError: disk"}
    make_job(job="insights.train", **failed)

    seen = operator.get("/admin/").content.decode()

    assert "Train a model" in seen
    assert "insights.train" not in seen
    assert "OperationalError" not in seen
