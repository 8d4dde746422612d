"""A till that buys every day steers every model, until an operator leaves it out."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from customers.models import Customer
from retention.insights.datasets import Facts, read_facts
from retention.insights.families.family import Learned
from retention.insights.families.registry import FAMILIES
from retention.insights.models import Kind
from retention.insights.quality.effect import Proposal
from retention.insights.services.decide_cleaning import decide_cleaning
from retention.insights.services.train import train
from retention.insights.services.undo_cleaning import undo_cleaning
from tests.insights import world
from tests.insights.families.candidates import learn, only
from tests.insights.quality.bookings import book_a_till
from tests.make import NOW

pytestmark = pytest.mark.django_db


def facts(kind: str) -> Facts:
    """All of the shop; a few months where learning takes long."""
    found = read_facts(purpose=FAMILIES[kind].purpose, before=world.END)
    lately = found.second >= (world.END - timedelta(days=150)).timestamp()
    return only(found, lately) if kind == Kind.FACTORIZATION else found


def leave_out(customer: Customer) -> Any:
    return decide_cleaning(Proposal("EXCLUDE", customer=customer), by="ada", at=NOW)


def same(one: Learned, other: Learned) -> bool:
    """To the last bit, and without a trace in any figure."""
    arrays = one.arrays.keys() == other.arrays.keys() and all(
        np.array_equal(one.arrays[name], other.arrays[name], equal_nan=True)
        if np.issubdtype(one.arrays[name].dtype, np.number)
        else np.array_equal(one.arrays[name], other.arrays[name])
        for name in one.arrays
    )
    return arrays and (one.parameters, one.row_counts) == (other.parameters, other.row_counts)


def columns(facts: Facts) -> list[bytes]:
    """All that a family is given to learn from."""
    arrays = [value for value in vars(facts).values() if isinstance(value, np.ndarray)]
    return [array.tobytes() for array in (*arrays, facts.customers.ids, facts.products.ids)]


# This shop has too few ratings to learn from; they are read by the same reader.
@pytest.mark.parametrize(
    "kind", [kind for kind in Kind.values if kind not in {Kind.RATINGS, Kind.UPLIFT}]
)
def test_a_till_that_is_left_out_steers_no_model_and_taken_back_steers_it_again(
    kind: str, shop: dict[int, Customer]
) -> None:
    before = learn(FAMILIES[kind], facts(kind))
    till = book_a_till()
    steered = facts(kind)

    decision = leave_out(till)

    assert steered.customers.rows([till.pk]) >= 0
    assert facts(kind).left_out.customers == 1
    assert same(learn(FAMILIES[kind], facts(kind)), before)

    undo_cleaning(decision, by="ada", at=NOW)

    assert columns(facts(kind)) == columns(steered)


@pytest.mark.parametrize("kind", [Kind.CHURN, Kind.RFM, Kind.CLUSTERS])
def test_in_a_till_that_is_not_left_out_each_model_learns_another_shop(
    kind: str, shop: dict[int, Customer]
) -> None:
    """Or the test above would see nothing. Recommending is slow to learn: see test_no_person."""
    before = learn(FAMILIES[kind], facts(kind))

    book_a_till()

    assert not same(learn(FAMILIES[kind], facts(kind)), before)


def test_a_training_says_what_was_left_out(models: Any, shop: dict[int, Customer]) -> None:
    leave_out(book_a_till())

    assert train(Kind.RFM, at=world.END).left_out == {"customers": 1, "events": 1200}
