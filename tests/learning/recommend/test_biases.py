import numpy as np
from scipy.sparse import csr_array

from retention.learning.interactions import Csr, DoubleArray
from retention.learning.recommend.biases import CUSTOMER_PRIOR, PRODUCT_PRIOR, Biases


def given(customers: int = 12, products: int = 9) -> Csr:
    rng = np.random.default_rng(3)
    stars = rng.integers(1, 6, (customers, products)) * (rng.random((customers, products)) < 0.5)
    return csr_array(stars.astype(np.float32))


def test_stars_are_foretold_as_one_loop_after_another_would() -> None:
    stars = given()
    table = stars.toarray()
    level = table[table > 0].mean()
    liked = [
        sum(s - level for s in column if s) / (PRODUCT_PRIOR + np.count_nonzero(column))
        for column in table.T
    ]
    slowly = []
    for row in table:
        left = [s - level - liked[p] for p, s in enumerate(row) if s]
        own = sum(left) / (CUSTOMER_PRIOR + len(left))
        slowly.append([level + own + each for each in liked])

    rows, products = np.divmod(np.arange(table.size), table.shape[1])
    said = Biases.of(stars).foretell(stars, rows, products)
    np.testing.assert_allclose(said.reshape(table.shape), slowly, rtol=1e-5)


def test_who_rated_nothing_gives_what_is_usual() -> None:
    model = Biases.of(given())
    nobody = csr_array(np.zeros((1, 9), dtype=np.float32))
    usual: DoubleArray = model.level + model.products

    said = model.foretell(nobody, np.zeros(9, dtype=int), np.arange(9))
    np.testing.assert_allclose(said, usual, rtol=1e-6)


def test_the_same_comes_back_from_its_arrays() -> None:
    model, stars = Biases.of(given()), given()
    again = Biases.from_arrays(model.params(), model.arrays())

    asked = stars, np.arange(9), np.arange(9)
    assert again.foretell(*asked).tobytes() == model.foretell(*asked).tobytes()
