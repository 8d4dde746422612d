"""Operators, keys and the audit log, as operators see them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from customers.models import CustomerContact
from retention.access.admin.audit import changes
from retention.access.audit import record
from retention.access.models import ApiKey, AuditEntry
from retention.access.services.keys import make_key
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
LOG = "/admin/access/auditentry/"


def text(page: object) -> str:
    return " ".join(page.content.decode().split())  # type: ignore[attr-defined] # a response


def test_the_audit_log_speaks_in_words_and_leads_to_the_thing(operator: Client) -> None:
    campaign = make.campaign(name="Win back")
    record(
        "campaign.launch",
        thing=campaign,
        actor="ada",
        at=NOW,
        before={"state": "APPROVED"},
        after={"state": "RUNNING", "left_out": {"held_out": 22, "beyond_budget": 0}},
    )

    page = text(operator.get(LOG))

    assert "State: Approved → Running<br>Left out: held out 22" in page
    assert f'<a href="/admin/campaigns/campaign/{campaign.pk}/change/">Campaign' in page


def test_a_thing_without_a_page_is_only_named(operator: Client) -> None:
    record(
        "void",
        thing=make.make_offer(campaign=make.campaign()),
        actor="a",
        at=NOW,
        before={},
        after={},
    )

    assert "Offer " in text(operator.get(LOG))


def test_what_did_not_change_is_not_told() -> None:
    told = changes({"name": "A", "budget": 5}, {"name": "A", "budget": None})

    assert list(told) == [("Budget", "5 → –")]


@pytest.mark.parametrize(
    ("query", "found"), [("?thing=campaigns.Campaign", 1), ("?q=be", 1), ("", 2)]
)
def test_the_log_is_searched_by_who_and_by_what(operator: Client, query: str, found: int) -> None:
    record("draft", thing=make.campaign(), actor="ada", at=NOW, before={}, after={})
    record("erase", thing=make.customer(), actor="ben", at=NOW, before={}, after={})

    assert len(operator.get(LOG + query).context["cl"].result_list) == found


def test_a_new_operator_may_sign_in(operator: Client) -> None:
    word = "a-long-enough-word"
    reader = Group.objects.create(name="Reader")
    said = {"username": "ben", "password1": word, "password2": word, "usable_password": "true"}

    operator.post("/admin/auth/user/add/", said | {"groups": [reader.pk]})

    ben = User.objects.get(username="ben")
    assert ben.is_staff
    assert list(ben.groups.all()) == [reader]
    assert "<strong>algorithm" not in text(operator.get(f"/admin/auth/user/{ben.pk}/change/"))


def test_the_list_of_operators_says_what_each_may_do(operator: Client) -> None:
    marketer = Group.objects.create(name="Marketing")
    marketer.permissions.set(Permission.objects.filter(codename="view_campaign"))
    make.user(username="ben", is_superuser=False).groups.add(marketer)

    page = text(operator.get("/admin/auth/user/"))

    assert "everything" in page
    assert "Marketing" in page


def test_a_key_is_shown_once_and_its_page_says_what_it_may_do(operator: Client) -> None:
    said = {"name": "Checkout", "scopes": ["coupons:redeem"]}

    made = text(operator.post("/admin/access/apikey/add/", said, follow=True))

    key = ApiKey.objects.get()
    shown = text(operator.get(f"/admin/access/apikey/{key.pk}/change/"))
    assert f"rk_{key.prefix}_" in made
    assert f"Checkout ({key.prefix}…)" in made
    assert "Redeem and release coupons" in shown
    assert "until" not in shown


def helper(*rights: str) -> Client:
    """Somebody who helps with operators and keys, and may not do everything."""
    user = make.user(username="cem", is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    browser = Client()
    browser.force_login(user)
    return browser


def test_nobody_gives_themselves_more_rights() -> None:
    browser = helper("view_user", "change_user")
    cem = User.objects.get(username="cem")

    browser.post(f"/admin/auth/user/{cem.pk}/change/", {"username": "cem", "is_superuser": "on"})

    cem.refresh_from_db()
    assert not cem.is_superuser


@pytest.mark.parametrize("page", ["change/", "password/"])
def test_nobody_takes_over_the_account_of_someone_who_may_do_more(page: str) -> None:
    ada = make.user(username="ada")
    word = "a-long-enough-word"
    said = {"username": "ada", "password1": word, "password2": word, "usable_password": "true"}

    answer = helper("view_user", "change_user").post(f"/admin/auth/user/{ada.pk}/{page}", said)

    assert answer.status_code == 403


def test_roles_are_changed_by_whoever_may_do_everything() -> None:
    role = Group.objects.create(name="Marketing")

    answer = helper("view_group", "change_group").post(
        f"/admin/auth/group/{role.pk}/change/", {"name": "Everything"}
    )

    assert answer.status_code == 403


def key(name: str = "Checkout") -> ApiKey:
    return make_key(name, scopes=["read"], at=NOW)[0]


def revoke(browser: Client, chosen: ApiKey) -> None:
    said = {"action": "revoke", "_selected_action": chosen.pk}
    browser.post("/admin/access/apikey/", said, follow=True)
    chosen.refresh_from_db()


def test_who_may_only_look_at_keys_revokes_none() -> None:
    chosen = key()

    revoke(helper("view_apikey"), chosen)

    assert chosen.revoked_at is None


def test_a_revoked_key_is_on_the_record(operator: Client) -> None:
    chosen = key()

    revoke(operator, chosen)

    assert chosen.revoked_at is not None
    assert AuditEntry.objects.get(action="key.revoke").thing_id == str(chosen.pk)


def test_what_somebody_may_do_is_on_the_record_when_it_changes(operator: Client) -> None:
    role = Group.objects.create(name="Marketing")
    user = make.user(username="bob", is_superuser=False)

    operator.post(
        f"/admin/auth/user/{user.pk}/change/",
        {"username": "bob", "is_active": "on", "is_staff": "on", "groups": [role.pk]},
    )

    entry = AuditEntry.objects.get(action="change operator")
    assert (entry.before["roles"], entry.after["roles"]) == ([], ["Marketing"])


def test_what_a_role_grants_is_on_the_record_when_it_changes(operator: Client) -> None:
    role = Group.objects.create(name="Marketing")
    launch = Permission.objects.get(codename="launch_campaign")

    operator.post(
        f"/admin/auth/group/{role.pk}/change/", {"name": "Marketing", "permissions": [launch.pk]}
    )

    entry = AuditEntry.objects.get(action="change role")
    assert (entry.before["rights"], entry.after["rights"]) == ([], ["launch_campaign"])
    assert "Role Marketing" in text(operator.get(LOG))


def test_a_new_role_is_on_the_record(operator: Client) -> None:
    operator.post("/admin/auth/group/add/", {"name": "Marketing", "permissions": []})

    entry = AuditEntry.objects.get(action="make role")
    assert (entry.before, entry.after["name"]) == ({}, "Marketing")


def delete_on_its_page(browser: Client, page: str, pk: int) -> None:
    browser.post(f"{page}{pk}/delete/", {"post": "yes"})


def delete_in_the_list(browser: Client, page: str, pk: int) -> None:
    browser.post(page, {"action": "delete_selected", "_selected_action": pk, "post": "yes"})


@pytest.mark.parametrize("delete", [delete_on_its_page, delete_in_the_list])
def test_a_deleted_role_is_on_the_record_with_whom_it_was_taken_from(
    operator: Client, delete: Callable[[Client, str, int], None]
) -> None:
    role = Group.objects.create(name="Marketing")
    role.permissions.set(Permission.objects.filter(codename="launch_campaign"))
    make.user(username="bob", is_superuser=False).groups.add(role)

    delete(operator, "/admin/auth/group/", role.pk)

    entry = AuditEntry.objects.get(action="delete role", thing_id=str(role.pk))
    assert not Group.objects.exists()
    assert entry.before == {
        "name": "Marketing",
        "rights": ["launch_campaign"],
        "operators": ["bob"],
    }


@pytest.mark.parametrize("delete", [delete_on_its_page, delete_in_the_list])
def test_a_deleted_operator_is_on_the_record(
    operator: Client, delete: Callable[[Client, str, int], None]
) -> None:
    user = make.user(username="bob", is_superuser=False)

    delete(operator, "/admin/auth/user/", user.pk)

    entry = AuditEntry.objects.get(action="delete operator", thing_id=str(user.pk))
    assert not User.objects.filter(username="bob").exists()
    assert entry.before["name"] == "bob"


def test_a_password_set_for_somebody_is_on_the_record_and_not_which(operator: Client) -> None:
    user = make.user(username="bob", is_superuser=False)
    word = "a-long-enough-word"

    operator.post(
        f"/admin/auth/user/{user.pk}/password/",
        {"password1": word, "password2": word, "usable_password": "true"},
    )

    user.refresh_from_db()
    entry = AuditEntry.objects.get(action="set password of operator", thing_id=str(user.pk))
    assert user.check_password(word)
    assert (entry.before, entry.after) == ({}, {})


def test_a_password_that_was_refused_is_not_on_the_record(operator: Client) -> None:
    user = make.user(username="bob", is_superuser=False)

    operator.post(f"/admin/auth/user/{user.pk}/password/", {"password1": "a", "password2": "b"})

    assert not AuditEntry.objects.exists()


def test_whoever_may_not_do_everything_makes_no_key(client: Client) -> None:
    user = make.user(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_apikey"))
    client.force_login(user)

    assert client.get("/admin/access/apikey/add/").status_code == 403


def test_the_log_names_what_was_changed_in_a_query_for_each_sort(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(9):
        for thing in (make.product(title=f"Mug {n}"), make.customer()):
            record("change", thing=thing, actor="anna", at=NOW, before={}, after={})

    with django_assert_max_num_queries(10):
        page = operator.get(LOG).content.decode()

    assert "Product Mug 8" in page
    assert page.count(">Customer c") == 9


@pytest.mark.parametrize("sees_customers", [True, False])
def test_the_log_names_customers_to_who_may_see_them(sees_customers: bool) -> None:
    grace = make.customer(external_id="c-1906")
    CustomerContact.objects.create(customer=grace, name="Grace Hopper")
    entry = record("export", thing=grace, actor="anna", at=NOW, before={}, after={})
    browser = helper("view_auditentry", *(["view_customer"] if sees_customers else []))

    pages = [browser.get(LOG), browser.get(f"{LOG}{entry.pk}/change/")]

    assert [("Grace Hopper" in text(page)) for page in pages] == [sees_customers] * 2


def test_the_page_of_roles_speaks_of_roles(operator: Client) -> None:
    page = text(operator.get("/admin/auth/group/"))

    assert "New role" in page
    assert "No role yet." in page
