import numpy as np
import pytest

from retention.learning.recommend.diversity import capped, spread

# Products 0, 1, 2 are alike, 3 and 4 too; 5 is alone.
CONTENT = np.eye(3, dtype=np.float32)[[0, 0, 0, 1, 1, 2]]
LISTS = np.array([[0, 1, 2, 3, 5], [4, 3, -1, -1, -1]], np.int32)
SCORES = np.array([[5, 4, 3, 2, 1], [2, 1, np.nan, np.nan, np.nan]], np.float32)


def test_no_strength_keeps_the_order() -> None:
    products, scores = spread(LISTS, SCORES, CONTENT, k=3, strength=0.0)

    assert products.tolist() == [[0, 1, 2], [4, 3, -1]]
    assert scores[0].tolist() == [5, 4, 3]


def test_full_strength_takes_one_of_each_kind_first() -> None:
    products, _ = spread(LISTS, SCORES, CONTENT, k=3, strength=1.0)

    assert products[0].tolist() == [0, 3, 5]


def test_a_little_strength_lets_a_good_second_of_a_kind_stay() -> None:
    scores = np.array([[1.0, 0.99, 0.2, 0.1, 0.0]], np.float32)

    products, _ = spread(LISTS[:1], scores, CONTENT, k=3, strength=0.4)

    assert products[0].tolist() == [0, 1, 3]


def test_a_cap_holds_for_each_category() -> None:
    categories = np.array([7, 7, 7, 8, 8, -1], np.int32)

    products, scores = capped(LISTS, SCORES, categories, k=4, most=1)

    assert products.tolist() == [[0, 3, 5, -1], [4, -1, -1, -1]]
    assert scores[0, :3].tolist() == [5, 2, 1]


def test_products_without_a_category_are_not_capped() -> None:
    products, _ = capped(LISTS, SCORES, np.full(6, -1, np.int32), k=5, most=1)

    assert products.tolist() == LISTS.tolist()


def test_a_strength_beyond_one_and_a_cap_of_none_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        spread(LISTS, SCORES, CONTENT, k=3, strength=1.5)
    with pytest.raises(ValueError, match="1 or more"):
        capped(LISTS, SCORES, np.zeros(6, np.int32), k=3, most=0)
