from datetime import date

import pytest

from retention.insights.models import ChurnScore
from retention.insights.wording_value import about, next_order_in_words, value_in_words
from tests.make import NOW


def said(**fields: object) -> list[str]:
    given = {"predicted_clv": 12_345, "churn_probability": 0.2, "currency": "GBP"}
    given |= {"computed_at": NOW}
    return list(value_in_words(ChurnScore(**(given | fields))))


def test_a_risk_says_of_how_many_days_it_is() -> None:
    score = ChurnScore(churn_band="LOW", horizon_days=28)

    assert score.meaning == "Lower risk of no order within 28 days"
    assert ChurnScore(churn_band="LOW").meaning == "Lower risk"


def test_a_value_is_told_with_its_bounds() -> None:
    assert said(predicted_clv_low=4_010, predicted_clv_high=26_400) == [
        "About £120 in the coming year, likely between £40 and £260."
    ]


def test_who_most_likely_spends_nothing_is_told_so() -> None:
    assert said(predicted_clv=812, predicted_clv_low=0, predicted_clv_high=0) == [
        "About £8.10 in the coming year on average; nine of ten such customers spend nothing more."
    ]


def test_who_is_not_expected_to_order_again_has_no_date_of_an_order() -> None:
    due = date(2026, 6, 20)

    assert next_order(due=due, predicted_clv_high=0) == "no further order expected"
    assert not any(
        "next order" in words
        for words in said(
            predicted_clv_low=0, predicted_clv_high=0, expected_date_of_next_order=due
        )
    )


def next_order(*, due: date | None, **fields: object) -> str:
    given = {"churn_probability": 0.2, "computed_at": NOW, "horizon_days": 60}
    return next_order_in_words(
        ChurnScore(expected_date_of_next_order=due, currency="GBP", **(given | fields))
    )


@pytest.mark.parametrize(
    ("risk", "due", "words"),
    [
        (
            0.867,
            date(2026, 6, 20),
            "most likely no order within 60 days; if they order, about 20 June 2026",
        ),
        (0.5, date(2026, 5, 20), "most likely no order within 60 days"),
        (0.867, None, "most likely no order within 60 days"),
        (0.2, date(2026, 6, 20), "next order about 20 June 2026"),
        (0.2, date(2026, 12, 24), "most likely an order within 60 days"),
        (0.2, date(2026, 5, 20), "the next order is overdue"),
        (0.2, None, "ordered once so far"),
    ],
)
def test_the_next_order_agrees_with_the_risk(risk: float, due: date | None, words: str) -> None:
    assert next_order(due=due, churn_probability=risk) == words


def test_without_bounds_there_is_the_mean_alone() -> None:
    assert said() == ["About £120 in the coming year."]


def test_the_chance_to_be_a_customer_and_the_next_order_are_told_where_they_are_known() -> None:
    told = said(probability_of_order=0.84, expected_date_of_next_order=date(2026, 6, 20))

    assert told[1:] == [
        "Probability of an order within the year: 84%.",
        "Next order about 20 June 2026.",
    ]


@pytest.mark.parametrize(
    ("minor", "words"),
    [(0, "£0"), (7, "£0.07"), (812, "£8.10"), (4_010, "£40"), (998_700, "£10,000")],
)
def test_a_forecast_has_two_figures(minor: float, words: str) -> None:
    assert about(minor, "GBP") == words
