"""What is said of a product is true of it: each reason in words, with its evidence."""

from typing import Any

import pytest

from catalog.models import Product
from retention.insights.models import ProductPair
from retention.insights.wording import Known, reasons
from retention.learning.recommend.reasons import NAMES
from tests import make

pytestmark = pytest.mark.django_db
BOUGHT = {"times": 3, "days_ago": 20, "gap_days": 28}


def told(name: str, effect: float, value: float | None = None, **evidence: Any) -> str:
    """The words of one reason of a mug for twelve pounds."""
    mug = evidence.pop("mug", None) or make.product(title="Blue mug", price=1200)
    known = evidence.pop("known", Known())
    item = {"product": mug.pk, "model": "taste", "why": [[name, effect, value]]} | evidence
    reason = reasons(item, mug, known)[-1]
    assert (reason.name, reason.effect) == (name, effect)
    return reason.words


@pytest.mark.parametrize(
    ("name", "effect", "value", "words"),
    [
        ("comes_back", 0.3, 0.342, "35% of its buyers buy it again"),
        ("popular", 0.3, 0.0004, "Among the 1% of products that sell best lately"),
        ("popular", -0.3, 0.7, "Has sold less than most lately"),
        ("trend", 0.3, 2.31, "Sells 2.3 times as much as usual these days"),
        ("trend", -0.3, 0.4, "Sells only 40% of its usual quantity these days"),
        ("trend", -0.3, 1.02, "Sells as much as usual these days"),
        ("trend", -0.3, None, "Hardly sold yet"),
        ("age", 0.3, 9.2, "New, first sold 9 days ago"),
        ("age", 0.3, 400.0, "Sold for 13 months"),
        ("age", 0.3, None, "Not sold yet"),
        ("price", 0.3, None, "Its price, £12.00"),
        ("taste", 0.3, None, "Customers with similar taste buy it"),
        ("taste", -0.3, None, "Customers with similar taste rarely buy it"),
        ("together", 0.3, None, "Goes with what they bought"),
        ("together", -0.3, None, "Rarely bought with what they have"),
        ("content", -0.3, None, "Unlike what they bought"),
        ("bought_before", -0.3, None, "Not bought before"),
    ],
)
def test_each_reason_is_put_in_words(
    name: str, effect: float, value: float | None, words: str
) -> None:
    assert told(name, effect, value) == words


def test_every_reason_that_is_learned_has_words() -> None:
    assert all(told(name, 0.3) for name in NAMES)


def test_where_nothing_speaks_for_it_the_model_that_found_it_does() -> None:
    mug = make.product()
    item = {"product": mug.pk, "model": "taste", "why": [["trend", -0.4, 0.5]]}

    first, second = reasons(item, mug, Known())

    assert (first.words, first.effect, second.effect) == ("Fits their taste", None, -0.4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Bought 3 times, last 20 days ago, usually again after about 28 days"),
        (
            {"times": 1, "days_ago": 1},
            "Bought once, yesterday, usually again after about 28 days, so not due yet",
        ),
        ({"gap_days": 1}, "Bought 3 times, last 20 days ago, usually again after about 1 day"),
    ],
)
def test_a_habit_is_said_with_its_days(change: dict[str, int], words: str) -> None:
    assert told("bought_before", 1.0, bought=BOUGHT | change) == words


def test_what_speaks_for_it_is_named_with_how_many_took_both() -> None:
    mug, tea = make.product(), make.product(title="Green tea")
    pair = ProductPair(product=tea, other=mug, both=31, of=1_120)
    known = Known({tea.pk: tea}, {(tea.pk, mug.pk): pair})

    words = told("together", 1.0, mug=mug, because=tea.pk, known=known)

    assert words == "Goes with Green tea: 31 of 1,120 who bought it bought this too"


def likes(*others: Product, to: Product) -> str:
    known = Known({one.pk: one for one in others})
    return told("content", 1.0, mug=to, alike=[one.pk for one in others], known=known)


def test_what_it_is_like_is_named_with_what_they_share() -> None:
    mugs = make.category("Kitchen > Mugs")
    mug = make.product(title="Blue mug", category=mugs, brand="Clay")
    cup, jug = make.product(title="Red Mug", brand="clay"), make.product(category=mugs)

    assert likes(cup, jug, to=mug) == (f"Similar to Red Mug and {jug} (title, category and brand)")
    assert likes(make.product(title="Old pot", brand=""), to=mug) == ("Similar to Old pot")
