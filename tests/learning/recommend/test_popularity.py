import numpy as np
import pytest

from retention.learning.recommend.popularity import RecentPopularity
from tests.learning.recommend.made import bought

NOBODY = np.array([-1], dtype=np.int32)
# Product 0 sold three times long ago, product 1 twice of late, product 2 once of late.
SALES = bought((0, 0, 1.0), (1, 0, 2.0), (2, 0, 3.0), (0, 1, 95.0), (1, 1, 96.0), (2, 2, 97.0))


def test_what_sells_of_late_is_above_what_once_sold_more() -> None:
    model = RecentPopularity(half_life_days=14.0).fit(SALES, at_day=100.0)

    products, scores = model.recommend(NOBODY, k=5)

    assert products[0].tolist() == [1, 2, 0, -1, -1]
    assert scores[0, 0] == pytest.approx(0.5 ** (5 / 14) + 0.5 ** (4 / 14))


def test_without_a_half_life_all_sales_count_alike() -> None:
    model = RecentPopularity(half_life_days=None).fit(SALES, at_day=100.0)

    products, scores = model.recommend(NOBODY, k=3)

    assert products[0].tolist() == [0, 1, 2]
    assert scores[0].tolist() == [3, 2, 1]


def test_a_category_has_its_own_best_sellers() -> None:
    categories = np.array([7, 8, 7, 8, 8], dtype=np.int32)
    model = RecentPopularity(half_life_days=None).fit(SALES, at_day=100.0, categories=categories)

    products, _ = model.popular(k=3, category=7)

    assert products.tolist() == [[0, 2, -1]]


def test_a_category_and_a_filter_both_hold() -> None:
    categories = np.array([7, 8, 7, 8, 8], dtype=np.int32)
    model = RecentPopularity(half_life_days=None).fit(SALES, at_day=100.0, categories=categories)

    products, _ = model.popular(k=1, category=7, allowed=np.arange(5) > 0)

    assert products.tolist() == [[2]]


def test_categories_come_back_from_the_arrays() -> None:
    model = RecentPopularity().fit(SALES, at_day=100.0, categories=np.zeros(5, np.int32))

    again = RecentPopularity.from_arrays(model.params(), model.arrays())

    assert again.popular(k=2, category=0)[0].tolist() == model.popular(k=2)[0].tolist()


def test_a_category_cannot_be_told_where_none_were_given() -> None:
    model = RecentPopularity().fit(SALES, at_day=100.0)

    with pytest.raises(ValueError, match="No categories were given"):
        model.popular(k=3, category=1)


def test_categories_of_other_products_are_refused() -> None:
    with pytest.raises(ValueError, match="one row for each of 5 products"):
        RecentPopularity().fit(SALES, at_day=100.0, categories=np.zeros(4, np.int32))
