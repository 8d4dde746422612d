"""What the shop says of its products, a row each."""

import numpy as np
import pytest

from retention.insights.goods import descriptions_of
from retention.learning.vocabulary import Vocabulary
from tests import make

pytestmark = pytest.mark.django_db


def test_products_stand_in_the_order_of_the_vocabulary_with_prices_in_pounds() -> None:
    tea = make.product(
        title="Green tea", category=make.category("Food > Tea"), brand="Leaf",
        price=1250, currency="GBP",
    )  # fmt: skip
    mug = make.product(title="Mug", category=None, price=900, currency="EUR")
    make.product(title="Not learned from")

    said = descriptions_of(Vocabulary.of([tea.pk, mug.pk]))

    assert said.titles == ["Green tea", "Mug"]
    assert (said.categories, said.brands[0]) == (["Food > Tea", ""], "Leaf")
    np.testing.assert_array_equal(said.prices, [12.5, np.nan])


def test_vectors_that_a_shop_supplies_are_taken_and_nonsense_is_passed_over() -> None:
    supplied = (
        {"picture": [1, 0.5]},
        {"picture": [1, 2, 3]},
        {"picture": "blue"},
        {"picture": [None, 1]},
        None,
    )
    goods = [make.product(attributes={"vectors": vectors}) for vectors in supplied]
    goods.append(make.product(attributes={"colour": "blue"}))

    said = descriptions_of(Vocabulary.of([product.pk for product in goods]))

    np.testing.assert_array_equal(said.vectors["picture"], [[1, 0.5], *[[0, 0]] * 5])
