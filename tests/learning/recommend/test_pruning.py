import numpy as np
import pytest
from scipy.sparse import csr_array

from retention.learning.interactions import FloatArray, IntArray
from retention.learning.recommend.pruning import Lengths, top_pruned
from retention.learning.recommend.selection import top_dense


def table(*, products: int = 60_000, seed: int = 0) -> FloatArray:
    """Lengths fall like those of trained factors: a few long, most short."""
    rng = np.random.default_rng(seed)
    lengths = 1 / (1 + rng.permutation(products)[:, None] ** 0.6)
    return (rng.normal(size=(products, 16)) * lengths).astype(np.float32)


def people(n: int) -> FloatArray:
    return np.random.default_rng(9).normal(size=(n, 16)).astype(np.float32)


def whole(factors: FloatArray, goods: FloatArray, k: int) -> IntArray:
    found: IntArray = top_dense(factors @ goods.T, k=k)[0]
    return found


@pytest.mark.parametrize("flat", [False, True])
def test_the_best_are_those_of_looking_at_everything(flat: bool) -> None:
    goods = table()
    if flat:
        # Nothing can be left out: every product is as long as the others.
        goods /= np.linalg.norm(goods, axis=1, keepdims=True)

    products, scores = top_pruned(people(20), goods, Lengths.of(goods), k=20)

    assert products.tolist() == whole(people(20), goods, 20).tolist()
    expected = np.take_along_axis(people(20) @ goods.T, products, axis=1)
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


def test_what_is_excluded_or_not_allowed_makes_room_for_the_next() -> None:
    goods, factors = table(), people(2)
    order = whole(factors, goods, 40)
    exclude = csr_array((np.ones(10, np.float32), order[1, :10], [0, 0, 10]), (2, len(goods)))
    allowed = np.ones(len(goods), np.bool_)
    allowed[order[1, 10:20]] = False

    products, _ = top_pruned(
        factors, goods, Lengths.of(goods), k=20, exclude=exclude, allowed=allowed
    )

    assert products[1].tolist() == order[1, 20:40].tolist()
    assert products[0].tolist() == [p for p in order[0].tolist() if allowed[p]][:20]


def test_equal_scores_rank_by_row_number() -> None:
    goods = np.ones((90_000, 2), np.float32)

    products, _ = top_pruned(np.ones((1, 2), np.float32), goods, Lengths.of(goods), k=3)

    assert products.tolist() == [[0, 1, 2]]


def test_a_catalogue_shorter_than_the_list_ends_it() -> None:
    goods = table(products=3)

    products, scores = top_pruned(people(1), goods, Lengths.of(goods), k=5)

    assert sorted(products[0, :3].tolist()) == [0, 1, 2]
    assert products[0, 3:].tolist() == [-1, -1]
    assert np.isnan(scores[0, 3:]).all()


def test_a_customer_without_taste_gets_nothing() -> None:
    goods = table(products=50)

    products, _ = top_pruned(np.zeros((1, 16), np.float32), goods, Lengths.of(goods), k=2)

    assert products.tolist() == [[-1, -1]]
