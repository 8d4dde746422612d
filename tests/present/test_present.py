"""How numbers, money and times are written for people."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template

from retention.present.templatetags import present
from retention.present.templatetags.present import MINUS, NOTHING

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def rendered(source: str, **values: object) -> str:
    return Template("{% load present %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123450, "GBP", "£1,234.50"),
        (5, "EUR", "€0.05"),
        (-123450, "USD", f"{MINUS}$1,234.50"),
        (123450, "CHF", "CHF\u00a01,234.50"),
        (123450, "JPY", "JPY\u00a0123,450"),
        (123450, "KWD", "KWD\u00a0123.450"),
        (-0.4, "GBP", "£0.00"),
        (None, "GBP", NOTHING),
    ],
)
def test_money_is_written_in_the_units_of_its_currency(
    minor: float | None, currency: str, text: str
) -> None:
    assert present.money(minor, currency) == text


def test_money_without_a_currency_is_the_shops() -> None:
    assert rendered("{{ amount|money }}", amount=250) == "£2.50"


def test_a_headline_sum_keeps_two_figures_and_small_sums_their_pence() -> None:
    assert present.compact_money(1_240_000, "GBP") == "£12k"
    assert present.compact_money(-124_000, "GBP") == f"{MINUS}£1.2k"
    assert present.compact_money(99_999, "GBP") == "£999.99"
    assert present.compact_money(5_000, "GBP") == "£50"


def test_a_difference_in_money_says_its_direction() -> None:
    assert present.signed_money(120, "GBP") == "+£1.20"
    assert present.signed_money(-120, "GBP") == f"{MINUS}£1.20"
    assert present.signed_money(0, "GBP") == "£0.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7.25, "7.2"),
        (999, "999"),
        (999.6, "1k"),
        (1234, "1.2k"),
        (9_960, "10k"),
        (34_400, "34k"),
        (999_600, "1m"),
        (-5_600_000, f"{MINUS}5.6m"),
        (7_000_000_000_000, "7,000bn"),
    ],
)
def test_compact_numbers_move_to_the_next_unit_when_they_round_to_it(
    value: float, text: str
) -> None:
    assert present.compact(value) == text


def test_numbers_have_thousands_separators_and_a_real_minus() -> None:
    assert present.number(-1234567) == f"{MINUS}1,234,567"
    assert present.number(1234.567, 1) == "1,234.6"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.1234, "12.3%"),
        (0, "0.0%"),
        (0.0004, "<0.1%"),
        (-0.05, f"{MINUS}5.0%"),
        (12.5, "1,250.0%"),
    ],
)
def test_a_share_is_a_percentage_and_a_tiny_one_is_not_called_none(share: float, text: str) -> None:
    assert present.percent(share) == text


def test_signs_are_shown_unless_the_number_rounds_to_zero() -> None:
    assert present.signed(0.314) == "+0.31"
    assert present.signed(-0.314) == f"{MINUS}0.31"
    assert present.signed(-0.001) == "0.00"
    assert present.points(0.021) == "+2.1\u00a0pts"


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(days=100), "3 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(hours=-3), "in 3 hours"),
    ],
)
def test_a_time_is_told_by_its_distance(gap: timedelta, words: str) -> None:
    assert f">{words}</time>" in present.ago(NOW - gap, NOW)


def test_a_time_keeps_its_exact_moment_for_whoever_hovers() -> None:
    text = present.ago(NOW, NOW + timedelta(hours=3))

    assert 'datetime="2026-11-25T12:00:00+00:00"' in text
    assert 'title="25 November 2026, 12:00 GMT"' in text


def test_a_date_counts_in_whole_days() -> None:
    assert ">today<" in present.ago(date(2026, 11, 25), NOW)
    assert ">1 day ago<" in present.ago(date(2026, 11, 24), NOW)


def test_what_never_happened_says_so() -> None:
    assert present.ago(None, NOW) == "never"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.34, "340\u00a0ms"),
        (12, "12\u00a0s"),
        (72, "1\u00a0min 12\u00a0s"),
        (7500, "2\u00a0h 5\u00a0min"),
    ],
)
def test_a_duration_uses_the_two_largest_units(seconds: float, text: str) -> None:
    assert present.duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    "write", [present.number, present.compact, present.percent, present.signed, present.points]
)
def test_an_unknown_number_is_a_dash_and_never_a_zero(write: Callable[[None], str]) -> None:
    assert write(None) == NOTHING


def test_a_state_has_the_tone_of_its_meaning() -> None:
    assert present.tone("failed") == "bad"
    assert present.tone("PENDING_APPROVAL") == "warn"
    assert present.tone("something new") == "quiet"


def test_a_badge_escapes_what_it_says() -> None:
    assert present.badge("<b>", "good") == '<span class="badge good">&lt;b&gt;</span>'


def test_a_share_bar_is_as_long_as_its_share_and_never_longer_than_the_whole() -> None:
    assert 'width="25.00"' in present.share_bar(1, 4)
    assert 'width="100.00"' in present.share_bar(9, 4)
    assert 'width="0.00"' in present.share_bar(1, 0)


def test_signed_bars_grow_from_the_middle() -> None:
    assert 'class="signed-bar up"' in present.signed_bar(0.2, 0.4)
    assert 'x="50.00" width="25.00"' in present.signed_bar(0.2, 0.4)
    assert 'x="0.00" width="50.00"' in present.signed_bar(-0.4, 0.4)


def test_the_largest_of_nothing_is_zero() -> None:
    assert present.largest([{"effect": -3}, {"effect": 2}], "effect") == 3
    assert present.largest([], "effect") == 0


def test_lists_of_different_length_are_not_paired() -> None:
    with pytest.raises(ValueError, match="shorter"):
        present.paired([1, 2], [1])


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 events"), (1, "1 event"), (1234, "1,234 events")]
)
def test_one_is_said_as_one(count: int, words: str) -> None:
    assert present.counted(count, "event") == words


def test_reasons_are_signed_and_lead_with_what_raises_the_risk() -> None:
    reasons = [
        {"feature": "orders_365", "sentence": "9 orders in a year", "effect": -0.9},
        {"feature": "rest", "sentence": "everything else", "effect": 0.8},
        {"feature": "days_since_last_order", "sentence": "no order for 74 days", "effect": 0.3},
        {"label": "visits", "effect": 0.4},
    ]

    said = present.said_reasons(reasons, 3)

    assert said == f"visits (+0.40); no order for 74 days (+0.30); 9 orders in a year ({MINUS}0.90)"
