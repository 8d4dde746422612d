"""A customer ends messages by a link: no signing in, nothing about them."""

import pytest
from django.core.cache import cache
from django.test import Client

from campaigns.unsubscribing import TRIES_A_MINUTE
from campaigns.way_out import unsubscribe_url
from customers.models import Consent
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    cache.clear()


def path_of(key: str) -> str:
    return unsubscribe_url(key).removeprefix("http://127.0.0.1:8000")


def marketing() -> list[tuple[bool, str]]:
    current = Consent.objects.filter(purpose="MARKETING", is_current=True)
    return list(current.values_list("granted", "source"))


def test_opening_the_link_changes_nothing_and_pressing_the_button_does() -> None:
    message, browser = make.message(), Client(enforce_csrf_checks=True)

    page = browser.get(path_of(message.key))
    assert marketing() == [(True, "test")], "a mail scanner opens links, too"
    done = browser.post(path_of(message.key))

    assert "Unsubscribe</button>" in page.content.decode()
    assert "You will get no more offers" in done.content.decode()
    assert marketing() == [(False, "unsubscribe link")]


def test_a_mailbox_does_it_with_one_click() -> None:
    message = make.message()

    answer = Client(enforce_csrf_checks=True).post(
        path_of(message.key), {"List-Unsubscribe": "One-Click"}
    )

    assert answer.status_code == 200
    assert marketing() == [(False, "unsubscribe link")]


def test_who_was_merged_is_unsubscribed_as_who_they_are_now() -> None:
    message, now = make.message(), make.customer()
    message.customer.merged_into = now
    message.customer.save()

    Client().post(path_of(message.key))

    said = Consent.objects.get(purpose="MARKETING", is_current=True, customer=now)
    assert not said.granted


def test_the_page_says_the_same_to_everybody_even_of_who_was_erased() -> None:
    there, gone = path_of(make.message().key), path_of("f" * 32)
    pages = [Client().get(path) for path in (there, gone)]
    done = [Client().post(path) for path in (there, gone)]

    for one, other in (pages, done):
        assert one.content == other.content
        assert one.headers == other.headers
    assert "set-cookie" not in pages[0].headers
    assert pages[0]["Referrer-Policy"] == "no-referrer"


def test_a_link_that_nobody_signed_is_no_link() -> None:
    message = make.message()

    answer = Client().post(f"/unsubscribe/{message.key}:forged/")

    assert answer.status_code == 404
    assert marketing() == [(True, "test")]


def test_making_links_up_has_to_wait_and_keeps_nobody_else_from_unsubscribing() -> None:
    message = make.message()
    answers = [Client().get("/unsubscribe/x/").status_code for _ in range(TRIES_A_MINUTE + 1)]

    assert answers[-2:] == [404, 429]
    assert Client().post(path_of(message.key)).status_code == 200
