import numpy as np
import pytest

from retention.learning.vocabulary import Vocabulary


def test_ids_become_rows_and_rows_become_ids_again() -> None:
    vocabulary = Vocabulary.of([70, 5, 31, 5])

    rows = vocabulary.rows([31, 70, 5])

    assert rows.tolist() == [1, 2, 0]
    assert vocabulary.ids_of(rows).tolist() == [31, 70, 5]


def test_an_unknown_id_is_minus_one_both_ways() -> None:
    vocabulary = Vocabulary.of([5, 31])

    assert vocabulary.rows([4, 5, 6, 99]).tolist() == [-1, 0, -1, -1]
    assert vocabulary.ids_of(np.array([1, -1], dtype=np.int32)).tolist() == [31, -1]


def test_lists_of_lists_keep_their_shape() -> None:
    vocabulary = Vocabulary.of([8, 9])

    assert vocabulary.rows([[8, 1], [9, 8]]).tolist() == [[0, -1], [1, 0]]


def test_an_empty_vocabulary_knows_nobody() -> None:
    empty = Vocabulary.of([])

    assert len(empty) == 0
    assert empty.rows([1, 2]).tolist() == [-1, -1]


def test_ids_may_be_as_large_as_the_database_s() -> None:
    largest = 2**63 - 1

    assert Vocabulary.of([largest]).rows([largest, 1]).tolist() == [0, -1]


def test_stored_ids_must_rise() -> None:
    with pytest.raises(ValueError, match="ids must rise and not repeat"):
        Vocabulary(ids=np.array([3, 3], dtype=np.int64))


def test_stored_ids_must_be_whole_numbers() -> None:
    with pytest.raises(ValueError, match="one row of int64"):
        Vocabulary(ids=np.array([1.5]))


def test_a_row_beyond_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rows must lie in -1\.\.1, found 0\.\.2"):
        Vocabulary.of([5, 31]).ids_of(np.array([0, 2], dtype=np.int32))
