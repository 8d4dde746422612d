"""A page of ours for whoever takes a wrong turn."""

import pytest
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db

SKIN = "retention/layout"


def test_an_address_without_a_page_says_so_in_our_own_words(operator: Client) -> None:
    answer = operator.get("/nowhere/")

    said = answer.content.decode()
    assert answer.status_code == 404
    assert "There is nothing here" in said
    assert SKIN in said


def test_who_may_not_is_told_whom_to_ask() -> None:
    viewer = Client()
    viewer.force_login(make.user(is_superuser=False))

    answer = viewer.get("/admin/programme/")

    said = answer.content.decode()
    assert answer.status_code == 403
    assert "Who manages the operators" in said
    assert SKIN in said


def test_a_form_of_a_page_that_was_open_too_long_says_how_to_go_on() -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/admin/login/", {"username": "ada"})

    said = answer.content.decode()
    assert answer.status_code == 403
    assert "reload it" in said
    assert SKIN in said


def test_a_request_that_is_malformed_gets_a_page_too(operator: Client) -> None:
    answer = operator.get("/admin/?q=%00")

    assert answer.status_code == 400
    assert "This cannot be read" in answer.content.decode()


def test_browsers_find_our_mark_where_they_look_for_it(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"].endswith(".svg")
