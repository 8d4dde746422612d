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


def test_each_group_has_its_own_best_sellers() -> None:
    model = RecentPopularity(half_life_days=None).fit(SALES, at_day=100.0)
    groups = np.array([0, 1, 0, 1, -1], dtype=np.int32)

    products, scores = model.best_of(groups, n_groups=3, k=2)

    # What nobody bought is no best seller.
    assert products.tolist() == [[0, 2], [1, -1], [-1, -1]]
    assert scores[0].tolist() == [3, 1]


def test_a_group_and_a_filter_both_hold() -> None:
    model = RecentPopularity(half_life_days=None).fit(SALES, at_day=100.0)

    products, _ = model.best_of(
        np.zeros(5, np.int32), n_groups=1, k=2, allowed=np.array([False, True, True, True, True])
    )

    assert products.tolist() == [[1, 2]]


def test_groups_of_other_products_are_refused() -> None:
    model = RecentPopularity().fit(SALES, at_day=100.0)

    with pytest.raises(ValueError, match="one row for each of 5 products"):
        model.best_of(np.zeros(4, np.int32), n_groups=1, k=1)
