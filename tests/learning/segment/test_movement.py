import numpy as np

from retention.learning.panel import Panel
from retention.learning.segment.movement import NAMES, NOT_YET, rfm_history
from retention.learning.segment.rfm import segment_of
from tests.learning.churn.shops import DAY_0, Columns, columns, orders_on, panel_of
from tests.learning.churn.slow_features import features_of

CUT_OFFS = (DAY_0 + 3, DAY_0 + 120, DAY_0 + 200.25, DAY_0 + 390.3)


def fifth(value: float, among: list[float]) -> int:
    """A score read off the sorted list: by the middle of the places its equals take."""
    below = sum(other < value for other in among)
    equal = sum(other == value for other in among)
    return min(1 + int(5 * (below + equal / 2) / len(among)), 5)


def slow_names(given: Columns, cut_off: float, *, customers: int = 30) -> list[str | None]:
    known = [features_of(given, customer, cut_off) for customer in range(customers)]
    bought = [one for one in known if one["days_since_last_order"] == one["days_since_last_order"]]
    lately = [-one["days_since_last_order"] for one in bought]
    often = [one["order_days_total"] for one in bought]
    much = [one["spend_365"] for one in bought]
    names = iter(
        segment_of(fifth(r, lately), (fifth(f, often) + fifth(m, much)) / 2)
        for r, f, m in zip(lately, often, much, strict=True)
    )
    return [next(names) if one in bought else None for one in known]


def named(panel: Panel, *cut_offs: float) -> list[list[str | None]]:
    codes = rfm_history(panel, cut_offs=cut_offs)
    return [[None if c == NOT_YET else NAMES[c] for c in column] for column in codes.T.tolist()]


def test_names_of_the_past_are_what_a_slow_reading_of_the_events_before_it_says() -> None:
    given = columns(seed=5)

    assert named(panel_of(given), *CUT_OFFS) == [slow_names(given, day) for day in CUT_OFFS]


def test_what_came_later_changes_no_earlier_name() -> None:
    panel = panel_of(columns(seed=6))

    before = rfm_history(panel.before(CUT_OFFS[2]), cut_offs=CUT_OFFS[:3])

    assert before.tolist() == rfm_history(panel, cut_offs=CUT_OFFS)[:, :3].tolist()


def test_who_has_ordered_has_a_name_from_then_on() -> None:
    codes = rfm_history(panel_of(columns(seed=7)), cut_offs=CUT_OFFS)

    has_name = codes != NOT_YET
    assert (has_name[:, 1:] >= has_name[:, :-1]).all()


def test_nobody_has_a_name_before_the_first_order() -> None:
    panel = orders_on({0: [10], 1: [20]})

    assert rfm_history(panel, cut_offs=[DAY_0 + 10, DAY_0 + 15]).tolist()[0][0] == NOT_YET
    assert np.count_nonzero(rfm_history(panel, cut_offs=[DAY_0 + 15]) != NOT_YET) == 1
