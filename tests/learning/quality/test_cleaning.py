import numpy as np

from retention.learning.panel import Kind
from retention.learning.quality.cleaning import Cleaning, LeftOut, clean
from tests.learning.quality.logs import log
from tests.learning.quality.test_duplicates import drawn


def test_without_a_decision_everything_stays() -> None:
    events = drawn(1)

    done = clean(events, Cleaning())

    assert done.kept.tolist() == list(range(len(events)))
    assert done.amount.tolist() == events.amount.tolist()
    assert done.left_out == LeftOut()
    assert done.left_out.as_json() == {}


def test_a_customer_is_left_out_with_all_they_did() -> None:
    events = log({"customer": 1}, {"customer": 2}, {"customer": 2, "kind": Kind.VIEW})

    done = clean(events, Cleaning(excluded=np.array([2])))

    assert done.kept.tolist() == [0]
    assert done.left_out.as_json() == {"customers": 1, "events": 2}


def test_what_was_told_twice_counts_once_and_what_stands_twice_too_if_asked() -> None:
    line = {"order": 1, "delivery": 1}
    events = log(line, line, line | {"delivery": 2})

    assert clean(events, Cleaning(duplicates=True)).kept.tolist() == [0, 1]
    assert clean(events, Cleaning(duplicates=True, repeats=True)).kept.tolist() == [0]


def test_cleaning_what_is_clean_leaves_out_nothing() -> None:
    """Doing it again changes nothing."""
    rules = Cleaning(duplicates=True, repeats=True)
    once = drawn(2).take(clean(drawn(2), rules).kept)

    assert len(clean(once, rules).kept) == len(once)


def test_a_line_counts_no_more_than_its_cap_nor_does_its_return() -> None:
    events = log({"amount": 9000}, {"amount": 9000, "kind": Kind.RETURN}, {"amount": 10})

    done = clean(events, Cleaning(line_cap=500))

    assert done.amount.tolist() == [500, 500, 10]
    assert done.left_out == LeftOut(capped=2)


def test_prices_are_winsorised_of_the_named_products_only() -> None:
    amounts = [*[1000] * 9, 50_000]
    events = log(product=[1] * 10 + [2] * 10, amount=amounts * 2)

    assert clean(events, Cleaning(products=np.array([2]))).amount[[9, 19]].tolist() == [
        50_000,
        1000,
    ]
    assert clean(events, Cleaning(all_prices=True)).left_out.capped == 2
