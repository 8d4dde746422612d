"""Products as operators see and change them."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from retention.access.models import AuditEntry
from retention.present.lists import LONGEST_LIST, CappedPaginator
from tests import make

pytestmark = pytest.mark.django_db
LIST = reverse("admin:catalog_product_changelist")


def test_the_list_says_what_a_product_costs_and_whether_it_sells(operator: Client) -> None:
    make.product(title="Blue mug", price=1250, category=make.category("Kitchen > Mugs"))

    page = operator.get(LIST).content.decode()

    assert "Blue mug" in page
    assert "£12.50" in page
    assert "Kitchen &gt; Mugs" in page


@pytest.mark.parametrize(
    ("term", "found"), [("mug", {"mug-1"}), ("blue", {"mug-1"}), ("ug-1", set())]
)
def test_products_are_found_by_the_beginning_of_id_or_title(
    operator: Client, term: str, found: set[str]
) -> None:
    make.product(external_id="mug-1", title="Blue mug")
    make.product(external_id="pan-1", title="Pan")

    rows = operator.get(LIST, {"q": term}).context["cl"].result_list

    assert {product.external_id for product in rows} == found


@pytest.mark.parametrize(("chosen", "found"), [("yes", {"mug"}), ("no", {"sold out", "withdrawn"})])
def test_the_list_is_narrowed_to_what_may_be_sold(
    operator: Client, chosen: str, found: set[str]
) -> None:
    make.product(external_id="mug")
    make.product(external_id="sold out", stock=0)
    make.product(external_id="withdrawn", sellable=False)

    rows = operator.get(LIST, {"available": chosen}).context["cl"].result_list

    assert {product.external_id for product in rows} == found


def test_withdrawing_says_how_many_were_on_sale(operator: Client) -> None:
    chosen = [make.product(), make.product(), make.product(sellable=False)]
    make.product()

    answer = operator.post(
        LIST, {"action": "withdraw_chosen", "_selected_action": [one.pk for one in chosen]}
    )

    (said,) = get_messages(answer.wsgi_request)
    assert str(said) == "2 products withdrawn. They are recommended nowhere."
    assert Product.objects.available().count() == 1


def test_however_many_are_withdrawn_only_some_are_held_at_once_and_all_are_on_record(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.admin.AT_ONCE", 2)
    chosen = [make.product(external_id=f"mug-{n}") for n in range(5)]
    everything = {"select_across": "1", "_selected_action": [chosen[0].pk]}

    answer = operator.post(LIST, {"action": "withdraw_chosen"} | everything)

    (said,) = get_messages(answer.wsgi_request)
    told = AuditEntry.objects.order_by("pk").values_list("action", "after")
    assert str(said) == "5 products withdrawn. They are recommended nowhere."
    assert list(told) == [
        ("change products", {"sellable": False, "products": ["mug-0", "mug-1"]}),
        ("change products", {"sellable": False, "products": ["mug-2", "mug-3"]}),
        ("change product", {"sellable": False}),
    ]


def test_a_product_is_changed_but_its_id_stays(operator: Client) -> None:
    product = make.product(external_id="mug")

    page = operator.get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()

    assert 'name="title"' in page
    assert 'name="external_id"' not in page


def test_a_page_of_products_takes_as_many_queries_as_one(
    operator: Client, django_assert_max_num_queries: object
) -> None:
    for n in range(30):
        make.product(category=make.category(f"Kitchen > {n}"))

    with django_assert_max_num_queries(6):  # type: ignore[operator]  # a fixture
        operator.get(LIST)


def test_a_long_list_is_counted_up_to_its_cap() -> None:
    make.product()

    assert CappedPaginator(Product.objects.order_by("pk"), 100).count == 1
    assert f"LIMIT {LONGEST_LIST}" in str(Product.objects.order_by()[:LONGEST_LIST].query)


def test_a_price_is_typed_and_shown_as_people_write_it(operator: Client) -> None:
    product = make.product(price=5299, cost=2558)
    page = reverse("admin:catalog_product_change", args=[product.pk])

    shown = operator.get(page).content.decode()
    form = {"title": "Pan", "currency": "GBP", "price": "£54.50", "cost": "", "attributes": "{}"}
    operator.post(page, form)

    product.refresh_from_db()
    assert 'value="52.99"' in shown
    assert (product.price, product.cost) == (5450, None)


def test_a_price_that_is_none_is_refused_in_words(operator: Client) -> None:
    product = make.product()
    page = reverse("admin:catalog_product_change", args=[product.pk])

    answer = operator.post(page, {"title": "Pan", "currency": "GBP", "price": "much"})

    assert "is not an amount. Write it like 12.50" in answer.content.decode()


def test_a_currency_without_pence_has_none_here_either(operator: Client) -> None:
    product = make.product(price=5299, currency="JPY")

    shown = operator.get(reverse("admin:catalog_product_change", args=[product.pk]))

    assert 'value="5299"' in shown.content.decode()


def test_a_changed_price_and_a_withdrawal_are_on_the_record(operator: Client) -> None:
    mug = make.product(external_id="mug-1", title="Blue mug", price=1250, currency="GBP")
    page = reverse("admin:catalog_product_change", args=[mug.pk])
    same = {
        "title": "Blue mug",
        "cost": "5.00",
        "currency": "GBP",
        "stock": mug.stock or "",
        "sellable": "on",
    }

    operator.post(page, same | {"price": "13.00", "attributes": "{}"})
    operator.post(LIST, {"action": "withdraw_chosen", "_selected_action": [mug.pk]})

    changes = AuditEntry.objects.order_by("pk").values_list("action", "before", "after")
    assert list(changes) == [
        ("change product", {"price": 1250}, {"price": 1300}),
        ("change product", {"sellable": True}, {"sellable": False}),
    ]
