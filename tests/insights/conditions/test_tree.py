"""Rules as JSON: read, refused with the place of each mistake, written back, said in words."""

from typing import Any

import pytest
from hypothesis import given, settings

from retention.insights.conditions.tree import (
    DEEPEST,
    MOST_CONDITIONS,
    NotSound,
    conditions_of,
    read_rule,
    written_rule,
)
from retention.insights.conditions.wording import in_words
from tests import make
from tests.insights.conditions.rules import rules
from tests.insights.conditions.test_asking import SAME

pytestmark = pytest.mark.django_db
RECENT: dict[str, Any] = {"is": "orders", "at_least": 1, "days": 30}


@pytest.fixture
def tea() -> None:
    make.category("Tea")


def wrongs(rule: Any) -> list[str]:
    with pytest.raises(NotSound) as refused:
        read_rule(rule)
    return [str(wrong) for wrong in refused.value.wrongs]


@settings(max_examples=60, **SAME)
@given(rule=rules())
def test_what_is_written_is_read_as_the_same(rule: Any) -> None:
    node = read_rule(rule, look_up=False) if _needs_no_segment(rule) else None

    assert node is None or read_rule(written_rule(node), look_up=False) == node


def _needs_no_segment(rule: Any) -> bool:
    return "segment" not in str(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"is": "orders", "at_least": float("inf")},
        {"is": "orders", "at_least": float("nan")},
        {"is": "orders", "at_least": 10**400},
        {"is": "risk", "above": 10**400},
        {"is": "risk", "above": float("nan")},
        {"is": "source", "source": "a\x00"},
        {"is": "bought_category", "at_least": 1, "category": "\ud800"},
        {"is": "orders", "at_least": 1, "\ud800": 1},
    ],
)
def test_what_no_number_or_text_is_is_refused_in_words_that_can_be_shown(rule: Any) -> None:
    (said,) = wrongs(rule)

    assert said.encode()


@pytest.mark.usefixtures("tea")
@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ([], "rule: Expected an object with all, any, not or is."),
        ({"schema": 2, **RECENT}, "schema: 2: this version reads rules of schema 1."),
        ({"all": []}, "all: Empty: put at least one condition into it, or remove it."),
        ({"all": [RECENT], "any": [RECENT]}, "rule: Expected one of all"),
        ({"all": [RECENT, {"not": {"is": "tall"}}]}, "all[1].not.is: There is no condition 'tall'"),
        ({"any": [{**RECENT, "days": 0}]}, "any[0].days: 0: expected a whole number from 1"),
        ({"any": [{**RECENT, "day": 9}]}, "any[0].day: orders has only at_least, at_most, days."),
        ({"is": "orders"}, "at_least: Say how much: at least or at most."),
        ({"is": "orders", "at_least": 3, "at_most": 2}, "at_most: 2 is less than the 3 before it."),
        ({"is": "coupon"}, "days: coupon needs it."),
        ({"is": "risk", "above": True}, "above: True: expected a number from 0 to 1."),
        ({"is": "risk", "above": 60}, "above: 60: expected a number from 0 to 1."),
        ({"is": "spent", "at_least": 1.5}, "at_least: 1.5: expected an amount in minor units"),
        ({"is": "band", "bands": ["HUGE"]}, "bands: 'HUGE': expected one of HIGH, MEDIUM, LOW."),
        ({"is": "first_order", "after": "June"}, "after: 'June': expected a day such as"),
        (
            {"is": "bought_category", "category": "Te", "at_least": 1},
            "category: There is no category 'Te'.",
        ),
        ({"is": "segment", "segment": "RFM/X"}, "segment: 'RFM/X': expected one of nothing"),
    ],
)
def test_each_mistake_is_told_with_its_place(rule: Any, said: str) -> None:
    assert [one for one in wrongs(rule) if one.startswith(said)]


def test_all_mistakes_are_told_at_once() -> None:
    rule = {"all": [{"is": "coupon"}, {"not": {"is": "tall"}}, {"any": []}]}

    assert [one.partition(":")[0] for one in wrongs(rule)] == [
        "all[0].days",
        "all[1].not.is",
        "all[2].any",
    ]


def test_a_rule_is_bounded_in_depth_and_in_breadth() -> None:
    deep: dict[str, Any] = RECENT
    for _ in range(DEEPEST + 1):
        deep = {"not": deep}

    assert "Nested more than" in wrongs(deep)[0]
    assert "More than 25 conditions" in wrongs({"all": [RECENT] * (MOST_CONDITIONS + 1)})[0]
    assert len(list(conditions_of(read_rule({"all": [RECENT] * MOST_CONDITIONS})))) == 25


def test_a_stored_rule_may_name_what_is_gone() -> None:
    gone = {"is": "bought_category", "category": "Gone", "at_least": 1}

    assert in_words(read_rule(gone, look_up=False)) == "bought from Gone"


TEA_TWICE: dict[str, Any] = {"is": "bought_category", "category": "Tea", "at_least": 2, "days": 90}
AGREED: dict[str, Any] = {"is": "agreed", "purpose": "ANALYTICS"}
RISK: dict[str, Any] = {"is": "risk", "above": 0.6}


@pytest.mark.usefixtures("tea")
@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (TEA_TWICE, "bought from Tea at least twice in the last 90 days"),
        ({"not": TEA_TWICE}, "did not buy from Tea at least twice in the last 90 days"),
        (RECENT, "ordered in the last 30 days"),
        ({**RECENT, "at_least": 2}, "has at least 2 orders in the last 30 days"),
        ({"is": "orders", "at_most": 0, "days": 1}, "did not order in the last day"),
        (RISK, "has a risk of leaving above 60%"),
        ({"not": {"is": "coupon", "days": 30}}, "got no coupon in the last 30 days"),
        ({"is": "spent", "at_least": 5000, "at_most": 8000}, "spent £50.00 to £80.00"),
        ({"is": "last_order", "at_least": 60}, "last ordered at least 60 days ago"),
        ({"is": "country", "countries": ["GB", "FR", "DE"]}, "is from GB, FR or DE"),
        ({"is": "viewed", "at_most": 0, "days": 7}, "did not look at products in the last 7 days"),
    ],
)
def test_a_condition_is_said_in_words(rule: Any, words: str) -> None:
    assert in_words(read_rule(rule)) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"all": [RECENT, {"all": [RISK, AGREED]}]}, "A and B and C"),
        ({"all": [RECENT, {"any": [RISK, AGREED]}]}, "A and (B or C)"),
        ({"all": [RECENT, {"not": {"all": [RISK, AGREED]}}]}, "A and (not B or not C)"),
        ({"all": [RECENT, {"not": {"any": [RISK, AGREED]}}]}, "A and not B and not C"),
        ({"not": {"not": {"any": [RECENT, {"all": [RISK]}]}}}, "A or B"),
    ],
)
def test_joined_conditions_stand_in_brackets_where_it_matters(rule: Any, words: str) -> None:
    said = in_words(read_rule(rule))

    for letter, one in zip("ABC", (RECENT, RISK, AGREED), strict=True):
        yes, no = next(conditions_of(read_rule(one))).kind.words(one)
        said = said.replace(yes, letter).replace(no, f"not {letter}")
    assert said == words
