import numpy as np
import pytest
from scipy.special import expit

from retention.learning.churn.calibration import TooFewRows, fit_isotonic, fit_platt
from retention.learning.panel import BoolArray, FloatArray


def overconfident(n: int = 20_000) -> tuple[FloatArray, BoolArray]:
    """Scores twice as sure as they should be, and too high by one."""
    rng = np.random.default_rng(0)
    true = rng.normal(size=n)
    return 2 * true + 1, rng.random(n) < expit(true)


def test_platt_undoes_a_stretch_and_a_shift() -> None:
    platt = fit_platt(*overconfident())

    assert platt.slope == pytest.approx(0.5, abs=0.03)
    assert platt.shift == pytest.approx(-0.5, abs=0.05)


def test_calibrated_predictions_have_the_mean_of_what_happened() -> None:
    raw, lost = overconfident()

    said = fit_platt(raw, lost).probability(raw)

    assert said.mean() == pytest.approx(lost.mean(), abs=1e-3)


def test_platt_stays_finite_where_scores_separate_perfectly() -> None:
    raw = np.array([-1.0, -0.5, 0.5, 1.0])

    platt = fit_platt(raw, raw > 0)

    assert 0 < platt.probability(raw)[0] < platt.probability(raw)[-1] < 1


def test_isotonic_rises_and_is_true_in_the_middle() -> None:
    raw, lost = overconfident()
    curve = fit_isotonic(raw, lost)

    said = curve.probability(np.array([-3.0, 1.0, 5.0]))

    np.testing.assert_allclose(said, expit(np.array([-2.0, 0.0, 2.0])), atol=0.06)
    assert (np.diff(curve.happened) >= 0).all()


def test_isotonic_refuses_a_few_hundred_rows() -> None:
    raw, lost = overconfident(300)

    with pytest.raises(TooFewRows, match="use fit_platt"):
        fit_isotonic(raw, lost)
