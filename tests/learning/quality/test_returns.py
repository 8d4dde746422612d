import numpy as np

from retention.learning.panel import Kind
from retention.learning.quality.returns import returns, without_purchase
from tests.learning.quality.logs import MONDAY, log


def test_they_are_what_looking_for_each_purchase_finds() -> None:
    rng, n = np.random.default_rng(3), 500
    events = log(
        customer=rng.integers(0, 12, n),
        product=rng.integers(0, 8, n),
        kind=rng.choice([Kind.PURCHASE, Kind.RETURN], n),
        second=MONDAY * 86_400 + rng.integers(0, 50, n),
    )
    bought, back = (events.of(kind) for kind in (Kind.PURCHASE, Kind.RETURN))

    slow = [
        not any((bought.customer == who) & (bought.product == what) & (bought.second <= when))
        for who, what, when in zip(back.customer, back.product, back.second, strict=True)
    ]

    assert without_purchase(bought, back).tolist() == slow


def test_what_came_back_early_may_be_older_than_the_data() -> None:
    back = {"kind": Kind.RETURN, "product": 2, "amount": 500}

    (found,) = returns(log({}, back | {"day": 3}, back | {"day": 200}))

    assert (found.count, found.of, found.evidence["early"]) == (2, 2, 1)
    assert found.share == 1.0


def test_a_return_of_what_was_bought_is_none() -> None:
    assert returns(log({}, {"kind": Kind.RETURN, "day": 1})) == []
