"""Rights in words, and roles to begin with."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client, RequestFactory

from customers.models import CustomerContact
from retention.access.audit import record
from retention.access.rights import RIGHTS, STARTS, WORDS, permissions, right_of
from retention.insights.models import Kind, RecommendationList
from tests import make
from tests.make import NOW

ROOT = Path(__file__).parents[2]
SOURCES = (
    *(f"{app}/**/*.py" for app in ("retention", "campaigns", "customers", "catalog")),
    "templates/**/*.html",
)
NAMED = re.compile(
    r"(?:\"|perms\.)((?:access|auth|campaigns|catalog|customers|insights|jobs)"
    r"\.(?:view|add|change|delete|approve|launch|merge|decide)_[a-z]+)\b"
)
ONLY_WHO_MAY_ALL = {"auth.add_group", "auth.change_group", "auth.delete_group"}

pytestmark = pytest.mark.django_db


def asked_in_code() -> set[str]:
    """Every right that our Python or our templates name."""
    files = (path for pattern in SOURCES for path in ROOT.glob(pattern))
    texts = (path.read_text() for path in files if path.name != "rights.py")
    return {right for text in texts for right in NAMED.findall(text)}


def open_to_who_may_all() -> set[str]:
    """What a registered page lets somebody do who may do everything."""
    request = RequestFactory().get("/")
    request.user = make.user(username="ada")
    return {
        f"{model._meta.app_label}.{action}_{model._meta.model_name}"
        for model, page in admin.site._registry.items()
        for action in ("view", "add", "change", "delete")
        if getattr(page, f"has_{action}_permission")(request)
    }


def test_every_right_that_anything_asks_for_is_offered_and_no_other() -> None:
    assert set(WORDS) == (asked_in_code() | open_to_who_may_all()) - ONLY_WHO_MAY_ALL


def test_every_right_offered_exists() -> None:
    assert {right_of(permission) for permission in permissions(WORDS)} == set(WORDS)


def test_rights_are_offered_in_words_under_their_place(operator: Client) -> None:
    page = operator.get("/admin/auth/group/add/").content.decode()

    assert all(place in page for place in RIGHTS)
    assert "Approve campaigns of someone else" in page
    assert "idempotent" not in page


@pytest.mark.parametrize("name", STARTS)
def test_a_role_to_begin_with_is_a_form_filled_in(operator: Client, name: str) -> None:
    form = operator.get("/admin/auth/group/add/", {"start": name}).context["adminform"].form
    chosen = [permission.pk for permission in form.initial["permissions"]]

    operator.post("/admin/auth/group/add/", {"name": form.initial["name"], "permissions": chosen})

    made = Group.objects.get(name=name)
    assert {right_of(permission) for permission in made.permissions.all()} == set(STARTS[name])


def test_an_unknown_start_is_an_empty_form(operator: Client) -> None:
    form = operator.get("/admin/auth/group/add/", {"start": "King"}).context["adminform"].form

    assert not form.initial


PAGES = ("/admin/", "/admin/insights/churnscore/", "/admin/campaigns/campaign/", "/admin/analysis/")


def signed_in(role: str, rights: Iterable[str]) -> Client:
    group = Group.objects.create(name=role)
    group.permissions.set(permissions(rights))
    user = make.user(username=role, is_superuser=False)
    user.groups.add(group)
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.mark.parametrize("role", STARTS)
def test_every_role_reads_and_none_gives_rights(role: str) -> None:
    browser = signed_in(role, STARTS[role])

    assert [browser.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    assert browser.get("/admin/auth/user/").status_code == 403
    assert browser.get("/admin/access/apikey/").status_code == 403


@pytest.mark.parametrize(
    ("role", "drafts", "approves", "imports"),
    [
        ("Reader", False, False, False),
        ("Marketer", True, False, False),
        ("Approver", False, True, False),
        ("Data keeper", False, False, True),
    ],
)
def test_each_role_does_its_work_and_not_the_others(
    role: str, drafts: bool, approves: bool, imports: bool
) -> None:
    browser = signed_in(role, STARTS[role])

    assert (browser.get("/admin/campaigns/campaign/add/").status_code == 200) == drafts
    assert User.objects.get(username=role).has_perm("campaigns.approve_campaign") == approves
    assert (browser.get("/admin/customers/ingestbatch/add/").status_code == 200) == imports


def everything() -> None:
    """A shop with something of each thing that pages lead to."""
    customer = make.customer()
    CustomerContact.objects.create(customer=customer, name="Grace Hopper")
    version = make.model_version(kind=Kind.FACTORIZATION)
    RecommendationList.objects.create(customer=customer, version=version, computed_at=NOW)
    make.event(customer=customer)
    make.churn_score(customer=customer)
    make.rfm_score(customer=customer)
    make.segment()
    make.association_rule()
    make.data_finding(customer=customer)
    make.data_cleaning(customer=customer)
    draft = make.campaign(name="Draft")
    make.coupon(campaign=make.campaign(state="RUNNING", launched_at=NOW), customer=customer)
    make.make_offer(campaign=draft)
    record("draft", thing=draft, actor="ada", at=NOW, before={}, after={})


Walked = list[tuple[str, str, Any]]


def walk(browser: Client) -> Walked:
    """Every page that links lead to from Home on: where the link stood, the page, its answer."""
    came_from, waiting, walked = {"/admin/": ""}, ["/admin/"], []
    while waiting:
        address = waiting.pop()
        answer = browser.get(address)
        walked.append((came_from[address], address, answer))
        if answer.streaming or answer.status_code != 200:
            continue
        for found in re.findall(r'href="(/admin/[^"#?]*)', answer.content.decode()):
            if found not in came_from:
                came_from[found] = address
                waiting.append(found)
    return walked


@pytest.mark.parametrize("role", STARTS)
def test_no_page_leads_to_where_its_reader_may_not_go(role: str) -> None:
    everything()

    walked = walk(signed_in(role, STARTS[role]))

    assert not [(stood, page) for stood, page, answer in walked if answer.status_code == 403]
    assert len(walked) > 20


@pytest.mark.parametrize("place", RIGHTS)
def test_nobody_who_may_not_see_customers_reads_a_name(place: str) -> None:
    everything()
    rights = [right for right in RIGHTS[place] if right != "customers.view_customer"]

    walked = walk(signed_in(place, rights))

    told = {page: b"".join(answer) for _, page, answer in walked if answer.status_code == 200}
    assert not [page for page, text in told.items() if b"Grace" in text]
    assert len(told) > 1
