import numpy as np
import pytest

from retention.learning.interactions import FloatArray, IntArray
from retention.learning.recommend.pruning import Lengths, top_one
from retention.learning.recommend.selection import top_dense

NOTHING = np.empty(0, np.int32)


def table(*, products: int = 30_000, seed: int = 0) -> FloatArray:
    """Lengths fall like those of trained factors: a few long, most short."""
    rng = np.random.default_rng(seed)
    lengths = 1 / (1 + rng.permutation(products)[:, None] ** 0.6)
    return (rng.normal(size=(products, 16)) * lengths).astype(np.float32)


def whole(factors: FloatArray, goods: FloatArray, k: int) -> IntArray:
    products, _ = top_dense((goods @ factors)[None], k=k)
    return products[0].astype(np.int32)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_are_those_of_looking_at_everything(seed: int) -> None:
    goods = table()
    factors = np.random.default_rng(seed).normal(size=16).astype(np.float32)

    products, scores = top_one(
        factors, goods, Lengths.of(goods), k=20, excluded=NOTHING, allowed=None
    )

    assert products.tolist() == whole(factors, goods, 20).tolist()
    np.testing.assert_allclose(scores, goods[products] @ factors, rtol=1e-4)


def test_what_is_excluded_or_not_allowed_makes_room_for_the_next() -> None:
    goods, factors = table(), np.ones(16, np.float32)
    order = whole(factors, goods, 40)
    allowed = np.ones(len(goods), np.bool_)
    allowed[order[10:20]] = False

    products, _ = top_one(
        factors, goods, Lengths.of(goods), k=20, excluded=order[:10], allowed=allowed
    )

    assert products.tolist() == order[20:40].tolist()


def test_equal_scores_rank_by_row_number() -> None:
    goods = np.ones((9000, 2), np.float32)

    products, _ = top_one(
        np.ones(2, np.float32), goods, Lengths.of(goods), k=3, excluded=NOTHING, allowed=None
    )

    assert products.tolist() == [0, 1, 2]


def test_a_catalogue_shorter_than_the_list_ends_it() -> None:
    goods = table(products=5)

    products, _ = top_one(
        np.ones(16, np.float32), goods, Lengths.of(goods), k=9, excluded=NOTHING, allowed=None
    )

    assert sorted(products.tolist()) == [0, 1, 2, 3, 4]
