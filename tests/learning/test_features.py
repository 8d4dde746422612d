import numpy as np
import pytest

from retention.learning.churn.wording import FREQUENCY, MONEY, RHYTHM
from retention.learning.features import FeatureTable

SPECS = {spec.name: spec for spec in (*RHYTHM, *FREQUENCY, *MONEY)}


def test_a_value_is_said_beside_the_customers_own_counter_fact() -> None:
    said = SPECS["days_since_last_order"].phrase(74.2, usual=31.0, typical=12.0)

    assert said == "no order for 74 days; usually every 31 days"


def test_without_a_fact_of_her_own_the_audience_is_the_measure() -> None:
    said = SPECS["days_since_last_order"].phrase(1.0, typical=12.0)

    assert said == "no order for 1 day; typical here is 12 days"


def test_what_reads_the_same_as_the_audience_is_called_typical_and_not_told_twice() -> None:
    said = SPECS["days_since_last_order"].phrase(12.2, typical=12.0)

    assert said == "no order for 12 days, as is typical here"


def test_an_unknown_value_says_why_it_is_unknown() -> None:
    said = SPECS["usual_gap_days"].phrase(float("nan"), typical=30.0)

    assert said == "ordered on one day only, so no usual gap yet"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (2.0, "2 orders more in the last 90 days than in the 90 before"),
        (-1.0, "1 order fewer in the last 90 days than in the 90 before"),
        (0.0, "as many orders in the last 90 days as in the 90 before"),
    ],
)
def test_a_difference_says_more_fewer_or_as_many(value: float, sentence: str) -> None:
    assert SPECS["orders_trend_90"].phrase(value, typical=0.0) == sentence
    assert SPECS["orders_trend_90"].say(value) in {"2 orders more", "1 order fewer", "as many"}


def test_money_is_formatted_by_whoever_knows_the_currency() -> None:
    said = SPECS["spend_90"].phrase(12_345, money=lambda minor: f"£{minor / 100:.2f}")

    assert said == "spent £123.45 in the last 90 days"


def test_a_share_is_a_percentage() -> None:
    said = SPECS["discount_share"].phrase(0.125, typical=0.5)

    assert said == "12% of the price was taken off over the last year; typical here is 50%"


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    table = FeatureTable(np.zeros((1, 2)), np.array([0]), RHYTHM[:2])

    with pytest.raises(KeyError, match="days_since_last_order"):
        table.column("shoe_size")


def test_columns_may_be_picked_in_any_order() -> None:
    table = FeatureTable(np.array([[1.0, 2.0]]), np.array([0]), RHYTHM[:2])

    turned = table.only(["days_since_first_order", "days_since_last_order"])

    assert turned.values.tolist() == [[2.0, 1.0]]
