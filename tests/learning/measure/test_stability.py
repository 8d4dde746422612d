from math import isnan, log

import numpy as np
import pytest

from retention.learning.measure.stability import Reference
from retention.learning.panel import FloatArray


def of(*columns: FloatArray) -> FloatArray:
    return np.column_stack(columns)


def slow_index(before: list[float], after: list[float]) -> float:
    """By Siddiqi's table, a row at a time."""
    known = sorted(value for value in before if not isnan(value))
    edges = [float(np.quantile(known, tenth / 10)) for tenth in range(1, 10)]

    def row(value: float) -> int:
        return 10 if isnan(value) else sum(edge < value for edge in edges)

    rows = sorted({row(value) for value in before + after})
    index = 0.0
    for one in rows:
        p = sum(row(value) == one for value in before) + 0.5
        q = sum(row(value) == one for value in after) + 0.5
        p, q = p / (len(before) + len(rows) / 2), q / (len(after) + len(rows) / 2)
        index += (q - p) * log(q / p)
    return index


def test_the_index_is_that_of_the_slow_table_with_missing_and_equal_values() -> None:
    rng = np.random.default_rng(0)
    before, after = rng.poisson(1.0, 300).astype(float), rng.poisson(1.6, 200).astype(float)
    before[:30], after[:60] = np.nan, np.nan

    (found,) = Reference.of(of(before)).against(of(after))

    assert found.index == pytest.approx(slow_index(before.tolist(), after.tolist()), abs=1e-12)


def test_the_figure_of_a_known_table() -> None:
    # Half of the upper half moves down: five bins of 10% become 15%, the other five 5%.
    before = np.arange(100_000.0)
    after = np.concatenate([np.arange(75_000) * 2 / 3, np.linspace(50_001, 99_999, 25_000)])

    (found,) = Reference.of(of(before)).against(of(after))

    assert found.index == pytest.approx(5 * 0.05 * log(1.5) + 5 * 0.05 * log(2), abs=1e-3)


def test_the_same_rows_in_any_order_and_on_any_rising_scale_have_not_moved() -> None:
    x = np.random.default_rng(0).lognormal(size=(500, 1))

    (same,) = Reference.of(x).against(x[::-1])
    (shifted,) = Reference.of(x).against(1.3 * x)
    (scaled,) = Reference.of(100 * x).against(130 * x)

    assert same.index == 0
    assert scaled.index == pytest.approx(shifted.index)
    assert shifted.index > 0


def test_chance_is_exceeded_once_in_a_thousand_nights() -> None:
    rng = np.random.default_rng(0)
    reference = Reference.of(rng.normal(size=(400, 1)))
    of_one_population = Reference.of(rng.normal(size=(400, 2_000)))

    found = of_one_population.against(rng.normal(size=(60, 2_000)))
    (few,) = reference.against(rng.normal(size=(20, 1)))

    assert sum(one.index > one.chance for one in found) <= 8
    assert few.chance > 0.25


def test_what_became_unknown_has_moved() -> None:
    x = np.random.default_rng(0).normal(size=(1_000, 2))
    reference = Reference.of(x)
    x[:300, 0] = np.nan

    gone, kept = reference.against(x)

    assert gone.moved_much
    assert not kept.moved


def test_it_comes_back_from_its_arrays_and_of_older_models_there_is_none() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    x[:, 1] = np.nan

    again = Reference.from_arrays(Reference.of(x).arrays())

    assert again is not None
    assert [one.index for one in again.against(x)] == [0, 0, 0]
    assert np.isnan(again.median).tolist() == [False, True, False]
    assert again.missing.tolist() == [0, 1, 0]
    assert Reference.from_arrays({}) is None


def test_other_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="3 columns"):
        Reference.of(np.zeros((4, 3))).against(np.zeros((4, 2)))
