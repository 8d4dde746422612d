from itertools import product

import numpy as np
import pytest

from retention.learning.segment.rfm import WORDS, RfmName, RfmScores, rfm_scores, segment_of

FIFTHS = range(1, 6)


def scored(values: list[float]) -> list[int]:
    same = np.zeros(len(values))
    scores = rfm_scores(days_since_order=same, orders=np.array(values), spend=same)
    return [int(score) for score in scores.f]


def test_every_combination_has_exactly_one_name() -> None:
    everything = np.array(list(product(FIFTHS, repeat=3)))
    scores = RfmScores(*everything.T)

    names = scores.names()

    assert len(names) == 125
    assert all(isinstance(name, RfmName) for name in names)
    assert set(names) == set(RfmName)


def test_every_name_has_words_for_people() -> None:
    assert set(WORDS) == set(RfmName)
    assert all(words.label and words.who and words.advice for words in WORDS.values())


@pytest.mark.parametrize(
    ("r", "f", "m", "name"),
    [
        (5, 5, 5, RfmName.CHAMPIONS),
        (4, 4, 4, RfmName.LOYAL),
        (5, 2, 2, RfmName.POTENTIAL_LOYALISTS),
        (5, 1, 1, RfmName.NEW),
        (4, 1, 1, RfmName.PROMISING),
        (3, 3, 3, RfmName.NEEDS_ATTENTION),
        (3, 1, 1, RfmName.ABOUT_TO_SLEEP),
        (2, 3, 3, RfmName.AT_RISK),
        (1, 5, 5, RfmName.CANNOT_LOSE),
        (2, 1, 1, RfmName.HIBERNATING),
        (1, 1, 1, RfmName.LOST),
    ],
)
def test_the_corners_are_called_what_the_field_calls_them(
    r: int, f: int, m: int, name: RfmName
) -> None:
    assert RfmScores(np.array([r]), np.array([f]), np.array([m])).names() == [name]


def test_names_depend_on_frequency_and_money_alike() -> None:
    assert segment_of(1, (5 + 1) / 2) == RfmName.AT_RISK


def test_five_equal_fifths_get_one_score_each() -> None:
    assert scored([10, 20, 30, 40, 50]) == [1, 2, 3, 4, 5]


def test_equal_customers_get_equal_scores() -> None:
    scores = scored([1, 1, 1, 1, 1, 1, 2, 2, 3, 9])

    assert scores == [2, 2, 2, 2, 2, 2, 4, 4, 5, 5]


def test_all_alike_are_average() -> None:
    assert scored([7, 7, 7]) == [3, 3, 3]


def test_the_most_recent_is_the_best() -> None:
    same = np.ones(5)
    days = np.array([1.0, 50, 10, 300, 100])

    assert rfm_scores(days_since_order=days, orders=same, spend=same).r.tolist() == [5, 3, 4, 1, 2]


def test_scores_only_depend_on_order() -> None:
    spend = np.random.default_rng(0).lognormal(5, 2, size=200)

    assert scored(spend.tolist()) == scored(np.log(spend).tolist())


def test_who_never_ordered_is_refused() -> None:
    with pytest.raises(ValueError, match="leave out those who have not"):
        scored([1.0, float("nan")])


def test_nobody_has_no_scores() -> None:
    assert scored([]) == []
