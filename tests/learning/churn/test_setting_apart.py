"""The reason shown first in a list tells a customer from the others there, and is a real one."""

import numpy as np

from retention.learning.churn.reasons import Reason
from retention.learning.churn.setting_apart import set_apart
from retention.learning.churn.wording_visits import BEHAVIOUR, THEMES

SPECS = {spec.name: spec for spec in BEHAVIOUR}


def reason(feature: str, effect: float, value: float = 90.0, sentence: str = "") -> Reason:
    spec = SPECS[feature]
    return Reason(feature, spec.label, spec.theme, value, effect, sentence or spec.phrase(value))


def visit(effect: float, value: float = 60.0) -> Reason:
    return reason("days_since_last_visit", effect, value)


def order(effect: float, value: float = 90.0) -> Reason:
    return reason("days_since_last_order", effect, value)


def first_of(*told: tuple[Reason, ...]) -> list[list[str]]:
    """The marked facts of customers who are listed together."""
    marked = set_apart(told, peers=np.zeros(len(told), dtype=np.int64))
    return [[one.feature for one in reasons if one.sets_apart] for reasons in marked]


ORDINARY = (visit(1.0), order(0.5))


def test_what_all_who_are_listed_share_is_not_shown_first() -> None:
    returns = (visit(1.0), order(0.5), reason("returned_share", 0.3, 0.4))

    assert first_of(returns, *[ORDINARY] * 9)[0] == ["returned_share"]


def test_each_is_held_against_their_own_peers() -> None:
    more_silent = (visit(1.3), order(0.6))
    others = [ORDINARY] * 5 + [(visit(1.6), order(0.2))] * 5

    marked = set_apart([more_silent, *others], peers=np.array([1] + [0] * 5 + [1] * 5))

    assert [one.feature for one in marked[0] if one.sets_apart] == ["days_since_last_order"]


def test_a_reason_shown_first_is_considerable_and_raises_the_risk() -> None:
    faint = (visit(1.0), order(0.5), reason("returned_share", 0.19, 0.4))
    small = (visit(1.0), order(0.5), reason("last_rating", -0.9, 5.0))

    firsts = first_of(faint, small, *[ORDINARY] * 9)

    assert firsts[0] == firsts[1] == firsts[2]


def test_a_small_reason_beside_a_great_one_is_not_shown_first() -> None:
    great = (visit(2.0), reason("returned_share", 0.4, 0.4))

    assert first_of(great, *[(visit(2.5),)] * 9)[0] == ["days_since_last_visit"]


def test_what_does_not_say_why_is_not_shown_first() -> None:
    """That somebody is a customer for long, or all facts together, tell nobody why they leave."""
    old = (visit(1.0), reason("days_since_first_order", 0.9, 500.0))
    vague = (visit(1.0), reason("returned_share", 0.9, 0.4, THEMES["basket"].together))

    assert first_of(old, vague, *[ORDINARY] * 9)[:2] == [["days_since_last_visit"]] * 2


def test_who_was_not_seen_since_their_order_is_silent_once() -> None:
    since_the_order = (visit(1.4, 90.0), order(0.5, 90.2))
    looked_later = (visit(1.4, 60.0), order(0.5, 90.2))

    firsts = first_of(since_the_order, looked_later, *[ORDINARY] * 9)

    assert firsts[:2] == [["days_since_last_order"], ["days_since_last_visit"]]


def test_where_nothing_is_plain_or_considerable_the_strongest_that_raises_is_shown() -> None:
    assert first_of((reason("weekend_share", 0.3, 0.9), order(0.1)))[0] == ["weekend_share"]


def test_who_has_nothing_against_them_is_not_marked() -> None:
    assert first_of((order(-0.5),), ()) == [[], []]


def test_nothing_else_of_the_reasons_changes() -> None:
    (marked,) = set_apart([ORDINARY], peers=np.array([2]))

    assert [(one.feature, one.effect) for one in marked] == [
        (one.feature, one.effect) for one in ORDINARY
    ]
