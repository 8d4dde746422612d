import numpy as np
import pytest

from retention.learning.decide.priority import ResponsePrior, priority


def test_it_is_risk_by_value_by_response() -> None:
    score = priority(risk=np.array([0.5]), value=np.array([10_000.0]))

    assert score.tolist() == pytest.approx([0.5 * 10_000 * 0.06])


def test_the_surest_loss_is_not_the_first_to_write_to() -> None:
    risk = np.linspace(0, 1, 101)

    kept = priority(risk=risk, value=np.ones(101))

    assert risk[np.argmax(kept)] == pytest.approx(0.62, abs=0.02)
    assert kept[-1] < kept[40]


def test_among_customers_at_risk_value_decides() -> None:
    risk, value = np.array([0.9, 0.5]), np.array([5_000.0, 10_000.0])

    score = priority(risk=risk, value=value)

    assert score[1] > score[0]


def test_the_response_falls_from_one_end_to_the_other() -> None:
    prior = ResponsePrior(at_no_risk=0.2, at_full_risk=0.1)

    assert prior.of(np.array([0.0, 0.5, 1.0])).tolist() == pytest.approx([0.2, 0.15, 0.1])


def test_unknown_and_negative_value_is_worth_nothing() -> None:
    score = priority(risk=np.array([0.5, 0.5]), value=np.array([np.nan, -3.0]))

    assert score.tolist() == [0, 0]


def test_a_risk_that_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match=r"none is 1\.2"):
        priority(risk=np.array([0.5, 1.2]), value=np.ones(2))


def test_a_rising_response_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got 0\.1 and 0\.3"):
        ResponsePrior(at_no_risk=0.1, at_full_risk=0.3)


def test_a_deeper_discount_keeps_more_but_less_than_in_proportion() -> None:
    deeper = ResponsePrior(at_depth=0.1).deeper(np.array([0.0, 0.1, 0.4]))

    assert deeper.tolist() == pytest.approx([0, 1, 2])
