import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from retention.learning.churn.basis import Hats, Knots, choose_knots, roughness
from retention.learning.churn.classifiers import AdditiveLogit, OneClass
from retention.learning.panel import BoolArray, FloatArray


def a_problem(n: int = 4_000, seed: int = 0) -> tuple[FloatArray, BoolArray]:
    """Risk rises with the first feature, bends with the second, jumps where it is unknown."""
    rng = np.random.default_rng(seed)
    x = rng.gamma(1.0, 20.0, size=(n, 3))
    x[rng.random(n) < 0.2, 1] = np.nan
    odds = 0.03 * x[:, 0] - 1 + np.where(np.isnan(x[:, 1]), 1.5, -np.abs(x[:, 1] - 20) / 20)
    return x, rng.random(n) < expit(odds)


def fitted(smoothing: float = 5.0) -> AdditiveLogit:
    x, lost = a_problem()
    return AdditiveLogit(smoothing=smoothing).fit(x, lost, rng=np.random.default_rng(0))


def test_hats_are_one_everywhere_and_interpolate() -> None:
    values = np.array([[0.0], [1.5], [4.0], [9.0], [np.nan]])
    knots = Knots(np.array([0.0, 1.0, 2.0, 8.0]), np.array([0, 4]))

    dense = Hats(values, knots).chunk(slice(0, 5))

    np.testing.assert_allclose(dense.sum(axis=1), 1)
    heights = np.array([10.0, 20.0, 40.0, 70.0, -3.0])
    np.testing.assert_allclose(dense @ heights, [10, 30, 50, 70, -3])


def test_hats_multiply_as_their_dense_matrix_does() -> None:
    x, _ = a_problem(n=5_000)
    hats = Hats(x, Knots.of(x, most=8))
    dense = hats.chunk(slice(0, len(x)))
    rng = np.random.default_rng(1)
    heights, values = rng.normal(size=hats.width), rng.normal(size=len(x))

    np.testing.assert_allclose(hats.times(heights), dense @ heights, atol=1e-9)
    np.testing.assert_allclose(hats.turned(values), dense.T @ values, atol=1e-9)


def test_few_different_values_are_all_knots() -> None:
    assert choose_knots(np.array([3.0, 1.0, np.nan, 1.0]), most=8).tolist() == [1, 3]


def test_knots_are_values_that_occur_and_keep_zero() -> None:
    counts = np.arange(-5.0, 300.0)

    knots = choose_knots(counts, most=8)

    assert set(knots) <= set(counts)
    assert 0 in knots
    assert len(knots) <= 10


def test_a_feature_that_is_never_known_has_one_knot() -> None:
    assert choose_knots(np.full(3, np.nan), most=8).tolist() == [0]


def test_roughness_is_the_sum_of_squared_slopes_and_bends() -> None:
    knots = Knots(np.array([0.0, 1.0, 2.0]), np.array([0, 3]))
    heights = np.array([1.0, 4.0, 2.0, 7.0])

    penalty = heights @ roughness(knots, slope=2.0, bend=3.0) @ heights

    assert penalty == 2 * (3**2 + 2**2 + 7**2) + 3 * 5**2


def test_it_finds_the_same_curves_as_a_general_solver_of_the_same_problem() -> None:
    x, lost = a_problem(n=800)
    ours = AdditiveLogit(smoothing=2.0).fit(x, lost, rng=np.random.default_rng(0))
    knots = Knots.of(x, most=8)
    dense = Hats(x, knots).chunk(slice(0, len(x)))
    penalty = roughness(knots, slope=2.0, bend=10.0) + 0.1 * np.eye(dense.shape[1])
    # Ridge regression on a rotated basis is penalised regression on this one.
    rotation = np.linalg.inv(np.linalg.cholesky(penalty)).T
    design = (dense - dense.mean(axis=0)) @ rotation

    peer = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10).fit(design, lost)

    theirs = peer.decision_function(design)
    np.testing.assert_allclose(ours.log_odds(x), theirs, atol=1e-4)


def test_a_sample_first_ends_where_all_rows_at_once_end(monkeypatch: pytest.MonkeyPatch) -> None:
    x, lost = a_problem()
    at_once = AdditiveLogit().fit(x, lost, rng=np.random.default_rng(0))
    monkeypatch.setattr("retention.learning.churn.classifiers._SAMPLE", 500)

    in_two = AdditiveLogit().fit(x, lost, rng=np.random.default_rng(0))

    np.testing.assert_allclose(in_two.log_odds(x), at_once.log_odds(x), atol=1e-3)


def test_it_finds_the_shape_that_made_the_data() -> None:
    x, lost = a_problem(n=40_000)
    model = AdditiveLogit(smoothing=1.0).fit(x, lost, rng=np.random.default_rng(0))

    at = model.effects(np.array([[10.0, 30.0, 1.0], [60.0, 70.0, 1.0], [50.0, np.nan, 1.0]]))

    assert at[1, 0] - at[0, 0] == pytest.approx(1.5, abs=0.15)
    assert at[1, 1] - at[0, 1] == pytest.approx(-2.0, abs=0.3)
    assert at[2, 1] - at[0, 1] == pytest.approx(2.0, abs=0.3)


def test_effects_are_zero_on_average_over_the_training() -> None:
    x, _ = a_problem()

    np.testing.assert_allclose(fitted().effects(x).mean(axis=0), 0, atol=1e-6)


def test_more_smoothing_makes_flatter_curves() -> None:
    x, _ = a_problem()

    assert np.ptp(fitted(500.0).effects(x)) < np.ptp(fitted(1.0).effects(x))


def test_a_batch_of_one_equals_one_of_the_batch() -> None:
    x, _ = a_problem()
    model = fitted()

    assert model.log_odds(x[17:18])[0] == model.log_odds(x)[17]


def test_the_arrays_alone_give_the_same_scores_bit_for_bit() -> None:
    x, _ = a_problem()
    model = fitted()

    again = AdditiveLogit.from_arrays(model.arrays())

    assert again.log_odds(x).tobytes() == model.log_odds(x).tobytes()


def test_the_same_seed_gives_the_same_bytes() -> None:
    x, lost = a_problem()

    one, two = (
        AdditiveLogit(max_rows=500).fit(x, lost, rng=np.random.default_rng(3)).effects_
        for _ in range(2)
    )

    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("lost", [np.zeros(10, dtype=bool), np.ones(10, dtype=bool)])
def test_one_class_is_refused(lost: NDArray[np.bool_]) -> None:
    with pytest.raises(OneClass, match="body was lost"):
        AdditiveLogit().fit(np.zeros((10, 2)), lost, rng=np.random.default_rng(0))


def test_infinity_is_refused_with_its_column() -> None:
    x, lost = a_problem(n=20)
    x[3, 2] = np.inf

    with pytest.raises(ValueError, match="Column 2"):
        AdditiveLogit().fit(x, lost, rng=np.random.default_rng(0))


def test_perfect_separation_stays_finite() -> None:
    x = np.linspace(0, 1, 200)[:, None]

    model = AdditiveLogit(smoothing=1.0).fit(x, x[:, 0] > 0.5, rng=np.random.default_rng(0))

    assert np.isfinite(model.log_odds(x)).all()
