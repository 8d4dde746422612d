import numpy as np
import pytest

from retention.learning.interactions import FloatArray
from retention.learning.recommend.content import (
    Descriptions,
    describe,
    predict_factors,
    words_of,
)

TEAS = Descriptions(
    titles=["Green tea", "Black tea", "Red mug", "Blue mug", ""],
    categories=["Drinks > Tea", "Drinks > Tea", "Kitchen > Mugs", "Kitchen > Mugs", ""],
    brands=["Leaf", "Leaf", "Clay", "Clay", ""],
)


def cosines(vectors: FloatArray) -> FloatArray:
    return vectors @ vectors.T


def test_products_of_one_kind_are_more_alike_than_products_of_two() -> None:
    alike = cosines(describe(TEAS))

    assert min(alike[0, 1], alike[2, 3]) > max(alike[0, 2], alike[0, 3], alike[1, 2])


def test_vectors_have_length_one_and_a_product_without_words_has_none() -> None:
    lengths = np.linalg.norm(describe(TEAS), axis=1)

    assert lengths.tolist() == pytest.approx([1, 1, 1, 1, 0])


def test_words_pairs_levels_of_the_category_and_the_brand_are_counted() -> None:
    assert words_of(TEAS, 0) == [
        "green", "tea", "green tea", "category:Drinks", "category:Drinks > Tea", "brand:Leaf",
    ]  # fmt: skip


def test_products_of_one_price_band_are_alike_where_nothing_else_is_known() -> None:
    prices = np.array([1.0, 1.0, 99.0, 98.0, np.nan])

    alike = cosines(describe(Descriptions(prices=prices)))

    assert alike[0, 1] == pytest.approx(1)
    assert alike[0, 2] == pytest.approx(0, abs=1e-6)


def test_pictures_a_shop_supplies_part_what_words_do_not() -> None:
    same = Descriptions(titles=["mug"] * 4)
    pictures = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], np.float32)

    seen = cosines(describe(Descriptions(titles=["mug"] * 4, vectors={"picture": pictures})))

    assert np.allclose(cosines(describe(same)), 1)
    assert min(seen[0, 1], seen[2, 3]) > seen[0, 2] > 0


def test_words_and_pictures_lie_in_one_space_as_their_cosines_weighed() -> None:
    pictures = np.eye(5, dtype=np.float32)[[0, 0, 1, 2, 3]]
    both = Descriptions(titles=TEAS.titles, vectors={"picture": pictures})

    alike = cosines(describe(both, dimensions=50))

    words = cosines(describe(Descriptions(titles=TEAS.titles), dimensions=50))
    seen = cosines(pictures)
    np.testing.assert_allclose(alike[:4, :4], (words + seen)[:4, :4] / 2, atol=1e-5)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert describe(TEAS).tobytes() == describe(TEAS).tobytes()


def test_nothing_said_of_any_product_is_no_vector() -> None:
    assert describe(Descriptions(titles=["", "", ""])).shape == (3, 0)


def test_fields_of_different_lengths_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"one entry a product .*'titles': 2, 'brands': 1"):
        describe(Descriptions(titles=["a", "b"], brands=["c"]))


def test_factors_of_a_new_product_follow_its_content() -> None:
    rng = np.random.default_rng(0)
    content = rng.normal(size=(200, 5)).astype(np.float32)
    factors = (content @ rng.normal(size=(5, 3)) + 2).astype(np.float32)
    known = np.arange(200) < 150

    foretold = predict_factors(content, np.where(known[:, None], factors, 0), known, ridge=1e-6)

    np.testing.assert_allclose(foretold[150:], factors[150:], atol=1e-3)


def test_of_a_product_of_which_nothing_is_said_the_mean_is_foretold() -> None:
    content = np.array([[1, 0], [-1, 0], [0, 0]], np.float32)
    factors = np.array([[4.0], [2.0], [0.0]], np.float32)

    foretold = predict_factors(content, factors, np.array([True, True, False]))

    assert foretold[2, 0] == pytest.approx(3.0)


def test_without_a_known_product_nothing_is_foretold() -> None:
    content, factors = np.ones((2, 2), np.float32), np.ones((2, 3), np.float32)

    assert not predict_factors(content, factors, np.zeros(2, np.bool_)).any()


def test_a_ridge_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="ridge must be above 0"):
        predict_factors(
            np.ones((2, 2), np.float32), np.ones((2, 2), np.float32), np.ones(2, np.bool_), ridge=0
        )
