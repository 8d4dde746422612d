import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.learning.measure.experiments import (
    CONTROL,
    assign,
    assign_all,
    assign_among,
    split_check,
    uniform,
)
from retention.learning.measure.intervals import share_difference
from retention.learning.measure.power import (
    customers_needed,
    detectable_share,
)


@pytest.mark.parametrize(
    ("key", "salt", "at"),
    [
        ("C-1", "autumn", 0.2544386950073524),
        ("C-2", "autumn", 0.9838771127549065),
        ("C-1", "winter", 0.06504841571589781),
        ("", "autumn", 0.5048182292757372),
        ("Łukasz 🛒", "autumn", 0.835748996070986),
    ],
)
def test_the_hash_never_changes(key: str, salt: str, at: float) -> None:
    assert uniform(key, salt) == at


def test_salt_and_key_do_not_run_into_each_other() -> None:
    assert uniform("c1", "ab") != uniform("bc1", "a")


def test_the_hash_is_uniform_and_salts_are_independent() -> None:
    one = np.array([uniform(f"C-{n}", "one") for n in range(10_000)])
    two = np.array([uniform(f"C-{n}", "two") for n in range(10_000)])

    assert np.histogram(one, bins=10, range=(0, 1))[0] == pytest.approx(1_000, abs=120)
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.04


def test_assignment_carries_its_probability() -> None:
    arms = [assign(f"C-{n}", salt="s", control_share=0.2) for n in range(5_000)]

    assert np.mean([one.name == CONTROL for one in arms]) == pytest.approx(0.2, abs=0.02)
    assert {(one.name, one.probability) for one in arms} == {("control", 0.2), ("treated", 0.8)}


@given(key=st.text(), small=st.floats(0, 0.5), more=st.floats(0, 0.4))
def test_a_larger_control_keeps_everyone_of_the_smaller(
    key: str, small: float, more: float
) -> None:
    before = assign(key, salt="s", control_share=small)
    after = assign(key, salt="s", control_share=small + more)

    assert before.name != CONTROL or after.name == CONTROL


def test_several_arms_get_their_shares() -> None:
    shares = {"control": 0.5, "five": 0.3, "none": 0.0, "ten": 0.2}

    arms = [assign_among(f"C-{n}", salt="s", shares=shares).name for n in range(5_000)]

    found = {name: arms.count(name) / 5_000 for name in shares}
    assert found == pytest.approx(shares, abs=0.02)
    assert found["none"] == 0


def test_two_arms_are_the_same_either_way() -> None:
    shares = {"control": 0.2, "treated": 0.8}

    assert all(
        assign_among(f"C-{n}", salt="s", shares=shares)
        == assign(f"C-{n}", salt="s", control_share=0.2)
        for n in range(500)
    )


@pytest.mark.parametrize("shares", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}])
def test_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        assign_among("C-1", salt="s", shares=shares)


def test_nobody_treated_is_no_experiment() -> None:
    with pytest.raises(ValueError, match="below 1"):
        assign("C-1", salt="s", control_share=1.0)


def test_two_equal_arms_differ_in_one_of_twenty_experiments() -> None:
    rng = np.random.default_rng(0)
    alarms = sum(
        bool(found.above_zero or found.below_zero)
        for a, b in rng.binomial(500, 0.3, size=(1_500, 2)).tolist()
        for found in [share_difference(a, 500, b, 500)]
    )

    assert alarms / 1_500 == pytest.approx(0.05, abs=0.02)


def test_fair_splits_alarm_as_rarely_as_they_should() -> None:
    rng = np.random.default_rng(0)
    shares = {"treated": 0.8, "control": 0.2}

    chances = [
        split_check({"treated": 1_000 - int(c), "control": int(c)}, shares)
        for c in rng.binomial(1_000, 0.2, size=2_000)
    ]

    assert np.mean(np.array(chances) < 0.05) == pytest.approx(0.05, abs=0.015)


def test_anyone_in_an_arm_of_no_share_is_a_broken_split() -> None:
    assert split_check({"treated": 10, "control": 1}, {"treated": 1.0, "control": 0.0}) == 0.0


def test_the_detectable_effect_is_found_with_its_power() -> None:
    rng = np.random.default_rng(0)
    effect = detectable_share(1_000, 500, base=0.3)
    treated = rng.binomial(1_000, 0.3 + effect, size=800)
    control = rng.binomial(500, 0.3, size=800)

    found = [
        share_difference(a, 1_000, b, 500).above_zero
        for a, b in zip(treated.tolist(), control.tolist(), strict=True)
    ]

    assert np.mean(found) == pytest.approx(0.8, abs=0.04)


def test_the_customers_needed_detect_the_rise_they_are_needed_for() -> None:
    needed = customers_needed(base=0.3, rise=0.05, control_share=0.2)

    rise = detectable_share(round(0.8 * needed), round(0.2 * needed), base=0.3)

    assert rise == pytest.approx(0.05, rel=0.01)


def test_four_times_the_customers_see_half_the_difference() -> None:
    few, many = (detectable_share(n, n, base=0.3) for n in (100, 400))

    assert many == pytest.approx(few / 2)


def test_nobody_detects_nothing() -> None:
    assert np.isnan(detectable_share(0, 10, base=0.5))


@pytest.mark.parametrize("shares", [[0.2, 0.3, 0.5], [0.2, 0.0, 0.8], [0.1, 0.9, 0.0], [0.1] * 10])
def test_many_drawn_at_once_are_as_each_drawn_alone(shares: list[float]) -> None:
    keys = [f"C-{n}" for n in range(2_000)]
    named = {str(place): share for place, share in enumerate(shares)}

    arms, probabilities = assign_all(keys, salt="s", shares=shares)

    alone = [assign_among(key, salt="s", shares=named) for key in keys]
    assert arms.tolist() == [int(arm.name) for arm in alone]
    assert probabilities.tolist() == [arm.probability for arm in alone]
