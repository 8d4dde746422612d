"""One cut of the tree for all that tells branches apart: as deep as may be, by who bought."""

import numpy as np
import pytest

from retention.insights.branches import branches
from retention.learning.panel import Kind, Panel
from tests import make

pytestmark = pytest.mark.django_db


def bought(*paths: str, kind: Kind = Kind.PURCHASE) -> Panel:
    """One customer for each of these; of the same path one after the other."""
    keys = {path: make.category(path).pk for path in dict.fromkeys(paths)}
    return Panel.of(
        n_customers=len(paths),
        customer=np.arange(len(paths)),
        kind=np.full(len(paths), kind),
        day=np.full(len(paths), 20_000.0),
        category=[keys[path] for path in paths],
    )


def test_the_deepest_level_that_has_no_more_branches_is_told_apart() -> None:
    make.category("Home")
    for n in range(3):
        make.category(f"Home > Room {n}")
    panel = bought(*(f"Home > Room {n % 3} > Thing {n}" for n in range(7)))

    cut = branches(panel, most=6)

    assert cut.paths == ("Home > Room 0", "Home > Room 1", "Home > Room 2")
    assert cut.places(panel.category).tolist() == [n % 3 for n in range(7)]
    assert len(branches(panel, most=7).paths) == 7


def test_where_the_first_that_tells_two_has_more_those_with_most_buyers_are() -> None:
    make.category("Everything")
    panel = bought("Everything > Tea", "Everything > Jam", "Everything > Tea", "Everything > Oil")

    cut = branches(panel, most=2)

    assert cut.paths == ("Everything > Tea", "Everything > Jam")
    assert cut.places(panel.category).tolist() == [0, 1, 0, -1]


def test_who_only_looked_did_not_buy() -> None:
    assert branches(bought("Tea", "Jam", kind=Kind.VIEW), most=2).paths == ()


def test_a_branch_holds_all_that_lies_inside_it_and_is_not_beside_what_does() -> None:
    """Who bought from "Food" itself bought none of its parts; "Gifts" has no parts."""
    panel = bought("Food", *["Food > Tea", "Food > Jam"] * 10, "Gifts")

    cut = branches(panel, most=3)

    assert cut.paths == ("Food > Jam", "Food > Tea", "Gifts")
    assert cut.places(np.append(panel.category, -1)).tolist() == [-1, *[1, 0] * 10, 2, -1]


def test_a_level_above_which_much_is_filed_is_not_taken() -> None:
    panel = bought("Food", "Food > Tea", "Food > Jam", "Gifts")

    assert branches(panel, most=3).paths == ("Food", "Gifts")


def test_what_nobody_bought_yet_takes_nothing_from_the_branch_it_lies_in() -> None:
    panel = bought("Tea", "Jam", "Oil > Olive", "Oil > Nut")
    new = make.category("Tea > Green")

    cut = branches(panel, most=4)

    assert cut.paths == ("Jam", "Oil > Nut", "Oil > Olive", "Tea")
    assert cut.places(np.array([new.pk])).tolist() == [-1]
