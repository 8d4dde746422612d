"""Products as the shop sends them: whole or in part, once or every night."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.messages import ProductMessage
from catalog.models import Category, Product
from catalog.services.load import Loaded, load_products
from catalog.services.withdraw import put_back, withdraw
from tests import make
from tests.live import Crowd
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def load(*products: ProductMessage, **options: Any) -> Loaded:
    return load_products(products, **({"at": NOW} | options))


def mug(external_id: str = "mug", **fields: Any) -> ProductMessage:
    return ProductMessage(external_id=external_id, **fields)


def test_a_product_is_made_with_all_that_was_sent() -> None:
    sent = mug(
        title="Blue mug",
        description="Holds tea.",
        category="Kitchen > Mugs",
        brand="Potter",
        price=1250,
        cost=400,
        currency="eur",
        image_url="https://shop.example/mug.jpg",
        attributes={"colour": "blue", "litres": 0.3},
        stock=40,
        sellable=False,
    )

    assert load(sent) == Loaded(1, 0, 0, [])

    product = Product.objects.select_related("category").get()
    assert (product.external_id, product.title, product.brand) == ("mug", "Blue mug", "Potter")
    assert (product.price, product.cost, product.currency) == (1250, 400, "EUR")
    assert product.attributes == {"colour": "blue", "litres": 0.3}
    assert (str(product.category), product.stock, product.sellable) == ("Kitchen > Mugs", 40, False)
    assert product.created_at == product.updated_at == NOW


def test_what_is_not_sent_stays_as_it_is() -> None:
    load(mug(title="Blue mug", price=1250, stock=40, category="Kitchen"))

    assert load(mug(stock=39), at=LATER) == Loaded(0, 1, 0, [])

    product = Product.objects.get()
    assert (product.title, product.price, product.stock) == ("Blue mug", 1250, 39)
    assert str(product.category) == "Kitchen"
    assert (product.created_at, product.updated_at) == (NOW, LATER)


def test_what_is_sent_empty_is_emptied() -> None:
    load(mug(title="Blue mug", stock=40, category="Kitchen"))

    load(mug(title="", stock=None, category=""))

    product = Product.objects.get()
    assert (product.title, product.stock, product.category) == ("", None, None)


def test_the_same_again_changes_nothing() -> None:
    load(mug(title="Blue mug", price=1250))

    assert load(mug(title="Blue mug", price=1250), at=LATER) == Loaded(0, 0, 1, [])
    assert Product.objects.get().updated_at == NOW


def test_the_last_of_two_messages_about_one_product_stands() -> None:
    assert load(mug(title="Mug", stock=3), mug(title="Blue mug")) == Loaded(1, 1, 0, [])

    product = Product.objects.get()
    assert (product.title, product.stock) == ("Blue mug", 3)


def test_a_product_met_in_events_is_filled_in() -> None:
    bare = make.product(external_id="mug", title="", price=None, currency="")

    load(mug(title="Blue mug"))

    bare.refresh_from_db()
    assert bare.title == "Blue mug"


def test_a_price_without_a_currency_is_in_the_shops() -> None:
    load(mug(price=1250))

    assert Product.objects.get().currency == "GBP"


def test_the_tree_of_categories_grows_by_paths() -> None:
    load(mug(category="Kitchen>Mugs > Blue "), mug("tea", category="Kitchen > Mugs"))

    blue = Category.objects.get(path="Kitchen > Mugs > Blue")
    assert Category.objects.count() == 3
    assert blue.name == "Blue"
    assert blue.parent is not None
    assert (blue.parent.path, str(blue.parent.parent)) == ("Kitchen > Mugs", "Kitchen")


def test_products_of_a_category_are_those_below_it() -> None:
    load(mug(category="Kitchen > Mugs"), mug("pan", category="Kitchen"), mug("x", category="Kit"))

    below = Product.objects.all().below("Kitchen").order_by("external_id")
    assert [product.external_id for product in below] == ["mug", "pan"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"external_id": ""}, "bad_external_id"),
        ({"external_id": "undefined"}, "bad_external_id"),
        ({"external_id": "x" * 129}, "bad_external_id"),
        ({"category": ">".join("a" * 21)}, "bad_category"),
        ({"category": ">".join(["a" * 27] * 17)}, "bad_category"),
        ({"price": -1}, "bad_price"),
        ({"price": "12.50"}, "bad_price"),
        ({"price": 12.5}, "bad_price"),
        ({"currency": "euro"}, "bad_currency"),
        ({"currency": "1€3"}, "bad_currency"),
        ({"currency": "XXQ"}, "bad_currency"),
        ({"image_url": "javascript:alert(1)"}, "bad_image_url"),
        ({"image_url": "https://a b"}, "bad_image_url"),
        ({"title": "x" * 301}, "bad_title"),
        ({"title": "a\x00b"}, "nul_character"),
        ({"stock": 2**31}, "bad_stock"),
        ({"attributes": {"a": "x" * 5000}}, "bad_attributes"),
        ({"sellable": "no"}, "bad_sellable"),
    ],
)
def test_a_wrong_product_is_refused_and_the_others_are_made(
    fields: dict[str, Any], reason: str
) -> None:
    result = load(mug("a"), mug(**fields), mug("b"))

    assert [(one.index, one.reason) for one in result.refused] == [(1, reason)]
    assert set(Product.objects.values_list("external_id", flat=True)) == {"a", "b"}


def test_withdrawing_says_how_many_were_on_sale() -> None:
    make.product(sellable=False)
    make.product()

    assert withdraw(Product.objects.all(), at=NOW) == 1
    assert put_back(Product.objects.all(), at=NOW) == 2
    assert Product.objects.available().count() == 2


@pytest.mark.usefixtures("live_database")
def test_parts_sent_at_once_by_many_are_all_kept() -> None:
    load(*(mug(str(n)) for n in range(300)))
    titles = [mug(str(n), title=f"T{n}") for n in range(300)]
    brands = [mug(str(n), brand=f"B{n}") for n in reversed(range(300))]
    stocks = [mug(str(n), stock=n) for n in range(300)]

    with Crowd(3) as feeds:
        results = list(feeds.map(lambda feed: load(*feed), [titles, brands, stocks]))

    found = set(Product.objects.values_list("external_id", "title", "brand", "stock"))
    assert [result.updated for result in results] == [300, 300, 300]
    assert found == {(str(n), f"T{n}", f"B{n}", n) for n in range(300)}


@pytest.mark.usefixtures("live_database")
def test_new_products_sent_at_once_by_many_are_made_once() -> None:
    feed = [mug(str(n), title=f"T{n}", category="A > B") for n in range(40)]

    with Crowd(4) as feeds:
        list(feeds.map(lambda _: load(*feed), range(4)))

    assert Product.objects.filter(category__path="A > B").count() == 40
