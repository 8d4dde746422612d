"""Who has to approve is told, on the campaign and on the home page; who may not is not asked."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client, override_settings

from retention.access.models import Scope
from tests import make

from .test_admin import URL, operator, text

pytestmark = pytest.mark.django_db
WAITING = "Waiting for you to approve"


def signed_in_as(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_an_author_waits_for_a_second_person_who_finds_the_button() -> None:
    author = make.user()
    campaign = make.campaign(state="PENDING_APPROVAL", created_by=author)
    page = f"{URL}{campaign.pk}/change/"

    own = text(signed_in_as(author).get(page))
    other = text(operator().get(page))

    assert "Nobody else may approve: give a second operator that right" in own
    assert f"{URL}{campaign.pk}/approve/" not in own
    assert "to approve" not in other
    assert f"{URL}{campaign.pk}/approve/" in other


def test_an_author_is_told_who_can_approve_also_where_they_try_it_themselves() -> None:
    author = make.user(username="anne")
    make.user(username="ben")
    role = make.user(username="clara", is_superuser=False)
    role.user_permissions.set(Permission.objects.filter(codename="approve_campaign"))
    make.user(username="dora", is_superuser=False)
    campaign = make.campaign(state="PENDING_APPROVAL", created_by=author)

    page = text(signed_in_as(author).get(f"{URL}{campaign.pk}/change/"))
    tried = signed_in_as(author).get(f"{URL}{campaign.pk}/approve/", follow=True)

    assert "Waiting for ben or clara to approve" in page
    assert "Nobody approves their own. Waiting for ben or clara to approve." in text(tried)


@pytest.mark.parametrize("author", ["created_by", "submitted_by"])
def test_the_home_page_tells_whoever_may_approve_and_not_the_author(author: str) -> None:
    anne = make.user(username="anne")
    by_anne: dict[str, Any] = {author: anne}
    campaign = make.campaign(state="PENDING_APPROVAL", **by_anne)

    home = text(operator().get("/admin/"))

    assert WAITING in home
    assert f"{URL}{campaign.pk}/change/" in home
    assert WAITING not in text(signed_in_as(anne).get("/admin/"))


def test_the_home_page_asks_nobody_who_may_not_approve() -> None:
    make.campaign(state="PENDING_APPROVAL")
    looker = make.user(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_campaign"))

    assert WAITING not in text(signed_in_as(looker).get("/admin/"))


@pytest.mark.parametrize(("limit", "said"), [(100_000, "Send in"), (99_999, "Send for approval")])
def test_the_button_says_whether_a_second_person_is_needed(limit: int, said: str) -> None:
    campaign = make.campaign(budget_amount=100_000)

    with override_settings(APPROVAL_LIMIT=limit):
        page = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert f">{said}</a>" in page


def test_the_words_of_a_scope_promise_no_approval_by_a_key() -> None:
    assert "people approve" in Scope.CAMPAIGNS_WRITE.label
