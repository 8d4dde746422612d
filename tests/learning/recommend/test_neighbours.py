from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from retention.learning import together
from retention.learning.interactions import Csr, DoubleArray, Interactions
from retention.learning.recommend.cooccurrence import nearest
from retention.learning.recommend.neighbours import ItemNeighbours, summed
from retention.learning.recommend.protocol import silent
from retention.learning.recommend.weighting import Weighting, weighted
from tests.learning.recommend.made import AT, PRODUCTS, bought, shop

EVERY = np.arange(PRODUCTS, dtype=np.int32)


def crowd() -> Interactions:
    """300 customers, 30 products, everything overlaps: no ties, no empty row."""
    rng = np.random.default_rng(2)
    return Interactions.of(
        rng.integers(0, 300, 4000),
        (30 * rng.random(4000) ** 2).astype(int),
        times=rng.uniform(0, AT, 4000),
        n_customers=300,
        n_products=30,
    )


@pytest.mark.parametrize("weighting", ["bm25", "tfidf", "cosine"])
def test_neighbours_are_those_of_the_dense_cosine(weighting: Weighting) -> None:
    model = ItemNeighbours(neighbours=6, weighting=weighting, half_life_days=None)

    near = model.fit(crowd(), at_day=AT).similar(EVERY, k=6)

    cosine = dense_cosine(weighted(crowd().matrix(AT), weighting))
    assert np.array_equal(near.products, np.argsort(-cosine, axis=1)[:, :6])
    np.testing.assert_allclose(near.scores, -np.sort(-cosine, axis=1)[:, :6], rtol=1e-5)


def test_neighbours_come_with_how_many_customers_had_both() -> None:
    # Of three who had product 0, two had product 1 and one had product 2.
    near = ItemNeighbours().fit(
        bought((0, 0, 1.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 2.0), (2, 0, 3.0), (2, 2, 3.0)),
        at_day=AT,
    )

    found = near.similar(np.array([0], dtype=np.int32), k=3)

    assert found.products.tolist() == [[1, 2, -1]]
    assert found.together.tolist() == [[2, 1, 0]]
    assert found.first.tolist() == [3]


def test_buying_a_pair_twice_is_one_customer_who_had_both() -> None:
    events = bought((0, 0, 1.0), (0, 1, 1.0), (0, 0, 50.0), (0, 1, 50.0))

    found = ItemNeighbours().fit(events, at_day=AT).similar(np.array([0], dtype=np.int32), k=1)

    assert (found.together[0, 0], found.first[0]) == (1, 1)


def test_counts_agree_with_counting() -> None:
    taken = (crowd().matrix(AT).toarray() > 0).astype(int)

    found = ItemNeighbours(neighbours=8).fit(crowd(), at_day=AT).similar(EVERY, k=8)

    together = taken.T @ taken
    assert np.array_equal(found.together, np.take_along_axis(together, found.products, axis=1))
    assert np.array_equal(found.first, taken.sum(axis=0))


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ItemNeighbours(neighbours=6).fit(crowd(), at_day=AT).arrays()
    monkeypatch.setattr(together, "BLOCK_CELLS", 70)

    blocks = ItemNeighbours(neighbours=6).fit(crowd(), at_day=AT).arrays()

    assert all(whole[name].tobytes() == blocks[name].tobytes() for name in whole)


def test_recommendations_sum_the_similarities_to_what_was_taken() -> None:
    options: dict[str, Any] = {
        "neighbours": 29,
        "half_life_days": None,
        "history_half_life_days": None,
    }
    model = ItemNeighbours(**options, own=0.5).fit(crowd(), at_day=AT)

    _, scores = model.recommend(np.array([5], dtype=np.int32), k=30)

    taken = crowd().matrix(AT)
    cosine = dense_cosine(weighted(taken, "tfidf"))
    np.fill_diagonal(cosine, 0.5)
    expected = taken[[5]].toarray()[0] @ cosine
    np.testing.assert_allclose(scores[0], -np.sort(-expected), rtol=1e-4)


def test_shrinkage_trusts_what_many_say_more_than_what_one_says() -> None:
    # Products 0 and 1 share four customers of many, 2 and 3 their only one.
    pairs = [(c, p, 1.0) for c in range(4) for p in (0, 1)]
    loners = [(4 + c, c % 2, 1.0) for c in range(8)]
    events = bought(*pairs, *loners, (20, 2, 1.0), (20, 3, 1.0), n_customers=21)

    plain = ItemNeighbours(weighting="cosine").fit(events, at_day=AT)
    shrunk = ItemNeighbours(weighting="cosine", shrinkage=5.0).fit(events, at_day=AT)

    asked = np.array([0, 2], dtype=np.int32)
    assert np.argmax(plain.similar(asked, k=1).scores) == 1
    assert np.argmax(shrunk.similar(asked, k=1).scores) == 0


def test_the_reason_is_what_the_customer_bought_that_is_nearest() -> None:
    model = ItemNeighbours(neighbours=29).fit(shop(), at_day=AT)
    customers = np.array([3, 60], dtype=np.int32)
    products, _ = model.recommend(customers, k=4)

    reasons = model.because(customers, products)

    assert set(reasons[0]) <= set(shop().matrix(AT)[[3]].indices)
    assert reasons[1].tolist() == [-1, -1, -1, -1]


def test_an_unknown_product_has_no_neighbours() -> None:
    found = ItemNeighbours().fit(shop(), at_day=AT).similar(np.array([-1, 99], np.int32), k=2)

    assert found.products.tolist() == [[-1, -1], [-1, -1]]
    assert found.first.tolist() == [0, 0]


def test_a_filter_is_honoured_among_neighbours() -> None:
    allowed = np.arange(PRODUCTS) >= 15

    found = ItemNeighbours().fit(shop(), at_day=AT).similar(EVERY, k=3, allowed=allowed)

    assert found.products.min() >= 15


def test_a_customer_of_narrow_taste_says_more_than_one_who_buys_everything() -> None:
    weights = bought((0, 0, 1.0), *[(1, p, 1.0) for p in range(5)]).matrix(AT)

    tfidf = weighted(weights, "tfidf").toarray()

    assert tfidf[0, 0] > tfidf[1, 0] > 0


def test_an_unknown_weighting_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="bm25, tfidf or cosine, not 'idf'"):
        ItemNeighbours(weighting="idf").fit(shop(), at_day=AT)  # type: ignore[arg-type]  # on purpose


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="neighbours must be 1 or more"):
        ItemNeighbours(neighbours=0).fit(shop(), at_day=AT)


def test_products_nobody_bought_have_no_neighbours() -> None:
    found = nearest(
        bought((0, 0, 1.0), (0, 1, 1.0)).matrix(AT),
        keep=3,
        shrinkage=0.0,
        threads=1,
        progress=silent,
    )

    assert np.diff(found.similarity.indptr).tolist() == [1, 1, 0, 0, 0]


def dense_cosine(weights: Csr) -> DoubleArray:
    """Cosine of the columns, -inf on the diagonal."""
    dense = weights.toarray().astype(np.float64)
    unit = dense / np.linalg.norm(dense, axis=0)
    cosine: DoubleArray = unit.T @ unit
    np.fill_diagonal(cosine, -np.inf)
    return cosine


def test_few_rows_are_summed_to_the_byte_as_all_columns_would_be() -> None:
    rng = np.random.default_rng(4)
    near, rows = drawn(5_000, 0.01, rng), drawn(3, 0.004, rng)
    assert near[rows.indices].nnz < 5_000

    wide = (rows @ near).tocsr()
    wide.sort_indices()

    found = summed(rows, near)
    assert found.indices.tolist() == wide.indices.tolist()
    assert found.indptr.tolist() == wide.indptr.tolist()
    assert found.data.tobytes() == wide.data.tobytes()


def drawn(rows: int, density: float, rng: np.random.Generator) -> Csr:
    return csr_array(random_array((rows, 5_000), density=density, dtype=np.float32, rng=rng))
