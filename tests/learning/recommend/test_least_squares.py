import numpy as np
import pytest
from scipy.sparse import csr_array

from retention.learning.interactions import Csr, FloatArray
from retention.learning.recommend.least_squares import Equations, solve, solve_exactly, turn

FACTORS = 16


def table(rows: int, *, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    return rng.normal(scale=0.3, size=(rows, FACTORS)).astype(np.float32)


def observed(*lengths: int, products: int = 200) -> Csr:
    """One row of each length, with random products and weights."""
    rng = np.random.default_rng(3)
    starts = np.append(0, np.cumsum(lengths))
    columns = [np.sort(rng.choice(products, size=length, replace=False)) for length in lengths]
    data = rng.uniform(0.2, 3, size=starts[-1]).astype(np.float32)
    return csr_array((data, np.concatenate(columns), starts), shape=(len(lengths), products))


def equations(rows: int = 200, *, steps: int = 12, offset: float = 0.0) -> Equations:
    turned = table(rows)
    spectrum = turn(turned, np.zeros((0, FACTORS), np.float32))
    return Equations(turned, np.float32(0.3) * spectrum, offset, steps)


def solved(rows: Csr, given: Equations) -> FloatArray:
    out = np.zeros((rows.shape[0], FACTORS), np.float32)
    return solve(rows, given, penalties=penalties(rows), out=out)


def penalties(rows: Csr) -> FloatArray:
    return np.linspace(0.05, 0.5, rows.shape[0], dtype=np.float32)


@pytest.mark.parametrize("offset", [0.0, 0.7])
@pytest.mark.parametrize("length", [1, 2, 5, 15, 16, 17, 40, 97, 180])
def test_rows_of_any_length_agree_with_the_book(length: int, offset: float) -> None:
    rows, given = observed(length, length, length), equations(offset=offset)

    exact = solve_exactly(rows, given, penalties=penalties(rows))

    np.testing.assert_allclose(solved(rows, given), exact, atol=2e-4 * np.abs(exact).max())


def test_a_row_too_long_for_one_chunk_agrees_with_the_book() -> None:
    products = 40_000
    rows, given = observed(35_000, 12, products=products), equations(products)

    exact = solve_exactly(rows, given, penalties=penalties(rows))

    np.testing.assert_allclose(solved(rows, given), exact, atol=1e-3 * np.abs(exact).max())


def test_a_row_without_observations_is_zero_whatever_it_started_from() -> None:
    rows = observed(3, 0)
    out = np.ones((2, FACTORS), np.float32)

    solve(rows, equations(), penalties=penalties(rows), out=out)

    assert not out[1].any()


def test_a_row_s_answer_does_not_depend_on_the_rest_of_the_batch() -> None:
    rows, given = observed(21, 3, 22, 150, 23, 24, 7, 23, 60), equations(steps=2)
    out = np.zeros((1, FACTORS), np.float32)

    alone = solve(rows[[4]], given, penalties=penalties(rows)[4:5], out=out)

    assert alone.tobytes() == solved(rows, given)[4].tobytes()


def test_two_steps_from_a_near_start_are_nearly_exact() -> None:
    rows, given = observed(90, 120, 33), equations(steps=2)
    exact = solve_exactly(rows, given, penalties=penalties(rows))
    start = (exact * 1.05).astype(np.float32)

    found = solve(rows, given, penalties=penalties(rows), out=start.copy())

    assert np.abs(found - exact).max() < 0.1 * np.abs(start - exact).max()


def test_turning_two_tables_keeps_their_products_and_makes_the_gramian_diagonal() -> None:
    one, other = table(9000), table(30, seed=1)
    before = one[:50] @ other.T

    spectrum = turn(one, other)

    np.testing.assert_allclose(one[:50] @ other.T, before, atol=1e-4)
    np.testing.assert_allclose(one.T @ one, np.diag(spectrum), atol=1e-2)


def test_the_book_solves_the_equations_it_says() -> None:
    rows, given = observed(30, 60), equations(offset=0.4)

    found = solve_exactly(rows, given, penalties=np.full(2, 0.2, np.float32))

    dense = rows.toarray()
    left = found @ given.table.T * dense @ given.table + found * (given.spectrum + 0.2)
    np.testing.assert_allclose(left, (dense + 0.4 * (dense > 0)) @ given.table, atol=1e-4)
