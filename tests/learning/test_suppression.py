"""What of some counts must be hidden, where some are sums of others."""

from retention.learning.suppression import suppressed


def hidden(
    counts: list[int], sums: list[tuple[int, list[int]]], known: tuple[int, ...] = ()
) -> set[int]:
    return set(suppressed(counts, sums, fewest=10, known=known).nonzero()[0].tolist())


def test_a_small_count_takes_the_smallest_beside_it_with_it() -> None:
    assert hidden([4, 30, 20, 54], [(3, [0, 1, 2])]) == {0, 2}


def test_two_that_come_to_few_take_a_third_with_them() -> None:
    assert hidden([4, 5, 30, 20, 59], [(4, [0, 1, 2, 3])]) == {0, 1, 3}


def test_a_sum_that_is_told_elsewhere_hides_nothing() -> None:
    counts, sums = [4, 30, 34, 50, 84], [(2, [0, 1]), (4, [2, 3])]

    assert hidden(counts, sums) == {0, 1}
    assert hidden(counts, sums, known=(1,)) == {0, 2, 3}


def test_what_follows_only_from_two_tables_together_is_hidden_in_both() -> None:
    # 4 is hidden of a column that is told (0 to 2), its sum is that of a row beside (4 and 5).
    counts, column, row = [4, 30, 20, 54, 24, 30], (3, [0, 1, 2]), (3, [4, 5])

    assert hidden(counts, [column, row]) == {0, 2}
    assert hidden(counts, [column, row], known=(1, 2)) == {0, 3, 4}


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    assert hidden([10, 0, 25, 35], [(3, [0, 1, 2])]) == set()
