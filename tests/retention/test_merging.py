"""An operator sees two customers side by side, says why they are one, and can undo it."""

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer, CustomerContact, CustomerMerge
from tests import make
from tests.customers.merging import customer, merge, two_people
from tests.retention.test_privacy import signed_in

pytestmark = pytest.mark.django_db
MAY = ("view_customer", "merge_customer")


@pytest.fixture
def people() -> tuple[Customer, Customer]:
    return two_people()


@pytest.fixture
def ben() -> Client:
    return signed_in(*MAY, username="ben")


def page_of(one: Customer, name: str = "merge") -> str:
    return f"/admin/customers/customer/{one.pk}/{name}/"


def text(client: Client, url: str, **query: str) -> str:
    return client.get(url, query, follow=True).content.decode()


def test_both_stand_side_by_side_with_all_that_a_merge_does(
    ben: Client, people: tuple[Customer, Customer]
) -> None:
    make.coupon(customer=people[1])
    campaign = make.campaign(name="Win back")
    for one in people:
        make.assignment(campaign=campaign, customer=one)

    page = ben.get(page_of(people[0]), {"with": "m-1"})

    assert ("Orders", "1", "1") in page.context["rows"]
    assert ("Name", "Ada", "A. Lovelace") in page.context["rows"]
    assert ("Marketing messages and coupons", "agreed", "refused") in page.context["rows"]
    assert page.context["does"] == [
        "2 events and 2 ids of m-1 go to c-1, and so does what still arrives for them.",
        "c-1 takes phone and time zone from m-1, having none.",
        "Analytics and churn scores: agreed from now on, as m-1 did.",
        "Marketing messages and coupons: refused from now on, since m-1 refused.",
        "Recommendations follow at once, from what both did; risk and segments tonight.",
        "Coupons promised to m-1 (1) can be used by c-1.",
        "In 'Win back' both were drawn: the earlier draw counts, the later one is left out.",
    ]
    assert not CustomerMerge.objects.exists()


def test_merged_the_customers_page_says_so_and_offers_the_way_back(
    ben: Client, people: tuple[Customer, Customer]
) -> None:
    said = {"with": "m-1", "reason": "Asked by phone"}

    done = ben.post(page_of(people[0]), said, follow=True).content.decode()

    made = CustomerMerge.objects.get()
    assert (made.merged_by, made.reason) == ("ben", "Asked by phone")
    assert "2 events and 2 ids are with c-1 now" in done
    assert "Merged from <b>m-1</b>" in done
    undo = page_of(people[0], f"merges/{made.pk}/undo")
    assert undo in done
    assert "2 events and 2 ids, their contact" in text(ben, undo)
    assert "c-1 and m-1 are two again" in ben.post(undo, follow=True).content.decode()
    assert Customer.objects.present().count() == 2


def test_nobody_is_merged_without_a_reason(ben: Client, people: tuple[Customer, Customer]) -> None:
    page = ben.post(page_of(people[0]), {"with": "m-1", "reason": " "}).content.decode()

    assert "Say why they are one person" in page
    assert not CustomerMerge.objects.exists()


def test_what_cannot_be_merged_says_why_and_offers_no_button(
    ben: Client, people: tuple[Customer, Customer]
) -> None:
    make.customer(external_id="guest")

    page = text(ben, page_of(people[0]), **{"with": "guest"})

    assert "it stands for many people, and is never merged" in page
    assert 'name="reason"' not in page


def test_the_other_is_found_by_address_and_whoever_is_alike_is_offered(
    ben: Client, people: tuple[Customer, Customer]
) -> None:
    other = make.customer(external_id="c-9")
    CustomerContact.objects.create(customer=other, email="ADA@example.com")

    assert "?with=c-9" in text(ben, page_of(people[0]))
    assert "?with=c-9" in text(ben, page_of(people[0], "change"))
    assert "Merge with c-9" in text(ben, page_of(people[0]), **{"with": "ada@example.com"})
    assert "No such customer" in text(ben, page_of(people[0]), **{"with": "c-99"})
    assert f"{page_of(people[0])}?with=c-9" in text(ben, reverse("admin:customer_duplicates"))


def test_a_page_of_the_absorbed_leads_to_the_keeper(
    ben: Client, people: tuple[Customer, Customer]
) -> None:
    merge(*people)

    page = ben.get(page_of(people[1], "change"), follow=True)

    assert page.redirect_chain[0][0] == page_of(people[0], "change")
    assert "You asked for m-1, who is merged into this customer" in page.content.decode()
    found = ben.get("/admin/customers/customer/", {"q": "m-1"}).context["cl"].result_list
    assert list(found) == [customer("c-1")]


def test_a_merge_that_is_not_the_last_says_what_to_undo_first(
    ben: Client, people: tuple[Customer, Customer]
) -> None:
    first = merge(*people)
    merge(make.customer(external_id="c-0"), people[0])

    page = ben.post(page_of(customer("c-0"), f"merges/{first.pk}/undo")).content.decode()

    assert "c-1 was merged into c-0 later" in page


@pytest.mark.parametrize("name", ["merge", "merges/1/undo"])
def test_who_may_not_merge_is_refused_and_not_offered_it(
    people: tuple[Customer, Customer], name: str
) -> None:
    viewer = signed_in("view_customer")

    assert viewer.post(page_of(people[0], name), {"with": "m-1"}).status_code == 403
    assert viewer.get(reverse("admin:customer_duplicates")).status_code == 403
    assert page_of(people[0]) not in text(viewer, page_of(people[0], "change"))
    assert "duplicates" not in text(viewer, "/admin/customers/customer/")
