import numpy as np
from scipy.sparse import csr_array

from retention.learning.recommend.selection import known_rows, top_dense, top_sparse


def test_the_best_of_a_long_row_are_those_of_sorting_all_of_it() -> None:
    scores = np.random.default_rng(0).normal(size=(3, 70_001)).astype(np.float32)

    products, best = top_dense(scores.copy(), k=20)

    order = np.argsort(-scores, axis=1, kind="stable")[:, :20]
    assert np.array_equal(products, order)
    assert np.array_equal(best, np.take_along_axis(scores, order, axis=1))


def test_equal_scores_rank_by_row_number() -> None:
    scores = np.ones((1, 5000), np.float32)

    assert top_dense(scores, k=4)[0].tolist() == [[0, 1, 2, 3]]


def test_the_last_columns_are_found_too() -> None:
    scores = np.zeros((1, 6403), np.float32)
    scores[0, -1] = 1

    assert top_dense(scores, k=1)[0].tolist() == [[6402]]


def test_a_score_of_minus_infinity_never_appears() -> None:
    scores = np.array([[-np.inf, -3.0, -np.inf]], np.float32)

    assert top_dense(scores, k=2)[0].tolist() == [[1, -1]]


def test_sparse_and_dense_choose_the_same() -> None:
    rng = np.random.default_rng(1)
    dense = (rng.random((6, 90)) * (rng.random((6, 90)) < 0.4)).astype(np.float32)
    exclude = csr_array((rng.random((6, 90)) < 0.2).astype(np.float32))
    allowed = rng.random(90) < 0.7

    sparse = top_sparse(csr_array(dense), k=8, exclude=exclude, allowed=allowed)
    whole = top_dense(np.where(dense > 0, dense, -np.inf), k=8, exclude=exclude, allowed=allowed)

    assert np.array_equal(sparse[0], whole[0])


def test_sparse_scores_of_zero_are_no_recommendation() -> None:
    scores = csr_array((np.array([0, 2], np.float32), [0, 1], [0, 2]), shape=(1, 3))

    assert top_sparse(scores, k=2)[0].tolist() == [[1, -1]]


def test_unknown_rows_may_be_indexed_with_but_are_marked() -> None:
    rows, known = known_rows(np.array([2, -1, 3], dtype=np.int32), 3)

    assert rows.tolist() == [2, 0, 0]
    assert known.tolist() == [True, False, False]
