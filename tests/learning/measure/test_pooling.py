import numpy as np
import pytest

from retention.learning.measure.pooling import pooled

# Tuberculosis after BCG and without: cases and healthy of the vaccinated, of the others (Colditz
# and others 1994), on which random effects have been shown since.
BCG = np.array([
    [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
    [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892],
    [29, 7470, 45, 7232], [17, 1699, 65, 1600], [186, 50448, 141, 27197], [5, 2493, 3, 2338],
    [27, 16886, 29, 17825],
])  # fmt: skip


def test_the_published_figures_of_the_bcg_trials() -> None:
    ill, well, ill_without, well_without = BCG.T
    n, n_without = ill + well, ill_without + well_without
    ratio = np.log(ill / n) - np.log(ill_without / n_without)
    error = np.sqrt(1 / ill - 1 / n + 1 / ill_without - 1 / n_without)

    found = pooled(ratio, error)

    assert found.value == pytest.approx(-0.7141, abs=1e-4)
    # tau2 0.3088 and a standard error of 0.1787; t with 11 degrees of freedom.
    half = 2.2010 * np.sqrt(0.3088 + 0.1787**2)
    assert found.high - found.value == pytest.approx(half, rel=1e-3)


def test_the_next_experiment_lies_in_the_interval_about_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(1), []
    for _ in range(1_000):
        errors, truth = rng.uniform(0.1, 0.4, 9), rng.normal(0.5, 0.3, 9)
        effects = truth + errors * rng.normal(size=9)
        found = pooled(effects[:8], errors[:8])
        hits.append(found.low <= truth[8] <= found.high)

    assert 0.87 < np.mean(hits) < 0.97


def test_one_experiment_says_of_the_next_what_it_says_of_itself() -> None:
    found = pooled(np.array([2.0]), np.array([0.5]))

    assert found.value == 2.0
    assert found.low == pytest.approx(2 - 1.96 * 0.5, abs=1e-3)


def test_an_experiment_without_an_error_is_refused() -> None:
    with pytest.raises(ValueError, match="standard error above 0"):
        pooled(np.array([1.0]), np.array([0.0]))
