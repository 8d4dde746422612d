from datetime import UTC, datetime

import numpy as np
import pytest

from retention.insights.families.family import Champion, Learned
from retention.insights.families.sanity import not_numbers, shrunk

WINDOW = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))


def learned(**counts: int) -> Learned:
    return Learned(parameters={}, arrays={}, metrics={}, row_counts=counts, window=WINDOW)


def champion(**counts: int) -> Champion:
    return Champion(number=7, parameters={}, arrays={}, metrics={}, row_counts=counts)


@pytest.mark.parametrize("name", ["events", "customers"])
def test_ten_times_fewer_rows_are_refused_with_both_numbers(name: str) -> None:
    verdict = shrunk(learned(**{name: 1_200}), champion(**{name: 12_000}))

    assert verdict
    assert not verdict.promote
    assert f"Learned from 1,200 {name} where version 7 had 12,000" in verdict.words


def test_a_little_less_is_no_reason() -> None:
    assert shrunk(learned(events=900, customers=90), champion(events=1000, customers=100)) is None


def test_rows_of_training_may_shrink_with_another_definition() -> None:
    assert shrunk(learned(training_rows=10), champion(training_rows=1000)) is None


def test_the_first_of_its_kind_has_nothing_to_shrink_from() -> None:
    assert shrunk(learned(events=1), None) is None


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_an_array_that_is_not_all_numbers_is_named(wrong: float) -> None:
    arrays = {"ids": np.array([1, 2]), "good": np.array([1.0]), "bad": np.array([0.0, wrong])}

    assert not_numbers(arrays) == "bad"
    assert not_numbers(arrays, unless=["bad"]) == ""
