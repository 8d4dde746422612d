import os
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.models import Offer
from campaigns.money import divide, portion, split, split_within
from retention.present.amounts import NotAnAmount, typed, written

AMOUNTS = st.integers(0, 10**13)
LINES = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)
CARTS = 1_000_000 if os.environ.get("FAULTS") == "whole" else 5_000


@settings(deadline=None)
@given(AMOUNTS, st.integers(1, 100))
def test_a_percentage_is_the_exact_fraction_rounded_half_to_even(amount: int, percent: int) -> None:
    assert portion(amount, percent) == round(Fraction(amount * percent, 100))


@given(st.integers(-(10**13), 10**13), st.integers(1, 10**6))
def test_dividing_rounds_as_fractions_do(amount: int, by: int) -> None:
    assert divide(amount, by) == round(Fraction(amount, by))


@settings(deadline=None)
@given(LINES, st.integers(1, 100))
def test_lines_add_up_to_the_discount_and_none_is_overdrawn(lines: list[int], percent: int) -> None:
    discount = portion(sum(lines), percent)

    parts = split(discount, lines)

    assert sum(parts) == discount
    assert all(0 <= part <= line for part, line in zip(parts, lines, strict=True))


@given(LINES, AMOUNTS)
def test_no_line_is_a_whole_unit_away_from_its_exact_share(lines: list[int], amount: int) -> None:
    total = sum(lines) or 1

    parts = split(amount, lines)

    assert all(
        abs(part - Fraction(amount * line, total)) < 1
        for part, line in zip(parts, lines, strict=True)
        if sum(lines)
    )


@given(LINES, st.data())
def test_no_line_carries_more_than_it_may_and_together_they_carry_all_they_can(
    lines: list[int], data: st.DataObject
) -> None:
    rooms = [data.draw(st.integers(0, line)) for line in lines]
    amount = data.draw(st.integers(0, sum(lines)))

    parts = split_within(amount, lines, rooms)

    assert sum(parts) == min(amount, sum(rooms))
    assert all(0 <= part <= room for part, room in zip(parts, rooms, strict=True))
    if all(exact <= room for exact, room in zip(split(amount, lines), rooms, strict=True)):
        assert parts == split(amount, lines)


def test_a_line_without_room_that_would_get_nothing_changes_nothing_for_the_others() -> None:
    assert split(3, [1, 1, 1, 3]) == [1, 1, 0, 1]
    assert split_within(3, [1, 1, 1, 3], [1, 1, 0, 3]) == [1, 1, 0, 1]


def test_what_one_line_cannot_carry_the_others_do_by_weight() -> None:
    assert split_within(300, [1000, 1000, 2000], [25, 1000, 2000]) == [25, 92, 183]


def test_random_carts_never_differ_from_exact_fractions() -> None:
    chance, differences = random.Random(1), 0

    for _ in range(CARTS):
        lines = [chance.randrange(1, 100_000) for _ in range(chance.randrange(1, 8))]
        percent, total = chance.randrange(1, 101), sum(lines)
        off = portion(total, percent)
        parts = split(off, lines)
        exact = round(Fraction(total * percent, 100))
        differences += off != exact or sum(parts) != exact or min(parts) < 0

    assert differences == 0


def test_the_lines_that_lost_most_get_what_is_left_over() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(5, [100, 300, 100]) == [1, 3, 1]
    assert split(0, []) == []


@settings(deadline=None)
@given(
    st.sampled_from(Offer.Benefit.values),
    st.integers(1, 100),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    AMOUNTS,
)
def test_a_discount_is_never_negative_or_above_its_worst_case(
    benefit: str, percent: int, amount: int, most: int, goods: int
) -> None:
    offer = Offer(benefit=benefit, percent=percent, amount=amount, maximum_discount=most)

    assert 0 <= offer.discount_on(goods) <= most


@given(st.sampled_from(["PERCENT", "AMOUNT"]), st.integers(1, 100), AMOUNTS, AMOUNTS)
def test_a_discount_on_goods_never_exceeds_them(
    benefit: str, percent: int, amount: int, goods: int
) -> None:
    offer = Offer(benefit=benefit, percent=percent, amount=amount, maximum_discount=10**15)

    assert offer.discount_on(goods) <= goods


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "GBP", 1250),
        ("12", "GBP", 1200),
        (".5", "GBP", 50),
        ("1,250.00", "EUR", 125_000),
        ("£ 1,000", "GBP", 100_000),
        ("GBP 3", "GBP", 300),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
    ],
)
def test_amounts_are_read_as_people_type_them(text: str, currency: str, minor: int) -> None:
    assert typed(text, currency) == minor


@pytest.mark.parametrize(
    "text", ["", "-5", "12,50", "1.234", "ten", "1e3", "1 2 x", "NaN", "9" * 40, "12.5.0"]
)
def test_what_could_be_read_wrong_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        typed(text, "GBP")


@pytest.mark.parametrize(
    ("text", "currency", "way_out"),
    [
        ("5.000", "GBP", "'5.000' may mean 5.00 or 5,000. Write 5.00, or 5000 without a point."),
        ("12.500", "JPY", "'12.500' may mean 12 or 12,500. Write 12, or 12500 without a point."),
    ],
)
def test_a_point_that_may_group_thousands_is_refused_with_the_way_out(
    text: str, currency: str, way_out: str
) -> None:
    with pytest.raises(NotAnAmount) as refused:
        typed(text, currency)

    assert str(refused.value) == way_out


@given(st.integers(0, 10**15), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    assert typed(written(minor, currency), currency) == minor
