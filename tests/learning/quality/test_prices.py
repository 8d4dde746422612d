from statistics import median

import numpy as np
import pytest

from retention.learning.panel import Kind
from retention.learning.quality.log import Log
from retention.learning.quality.prices import (
    currencies,
    huge_lines,
    no_price,
    outliers,
    prices,
    winsorised,
)
from tests.learning.quality.logs import log


def slow_winsorised(lines: Log) -> list[int]:
    """Line by line, by the words of the docstring."""
    piece = ((lines.amount + lines.discount) / lines.quantity).tolist()
    after = []
    for row, product in enumerate(lines.product.tolist()):
        alike = [piece[r] for r in np.flatnonzero((lines.product == product) & (lines.amount > 0))]
        amount, discount = int(lines.amount[row]), int(lines.discount[row])
        if product < 0 or not amount or len(alike) < 8:
            after.append(amount)
            continue
        usual = median(alike)
        believed = [price for price in alike if usual / 10 <= price <= 10 * usual]
        counts = min(max(piece[row], min(believed)), max(believed))
        same = counts == piece[row]
        after.append(
            amount if same else max(round(counts * int(lines.quantity[row])) - discount, 0)
        )
    return after


def after(lines: Log) -> list[int]:
    every = np.ones(len(lines), dtype=bool)
    columns = (lines.product, lines.quantity, lines.amount, lines.discount)
    return [int(amount) for amount in winsorised(*columns, priced=every)]


@pytest.mark.parametrize("seed", range(5))
def test_winsorising_is_what_going_through_line_by_line_gives(seed: int) -> None:
    rng, n = np.random.default_rng(seed), 300
    lines = log(
        product=rng.integers(-1, 9, n) ** 2 // 3,
        quantity=rng.integers(1, 5, n),
        amount=(100 * 10 ** rng.normal(0, 0.8, n)).astype(int) * rng.integers(0, 2, n),
        discount=rng.integers(0, 2, n) * 30,
    )

    assert after(lines) == slow_winsorised(lines)


def test_a_slipped_point_counts_as_the_dearest_believed_price() -> None:
    lines = log(amount=[*[900, 1000, 1100] * 3, 100_000, 3_000], quantity=[*[1] * 9, 1, 2])

    assert after(lines)[-2:] == [1500, 3000]


def test_odd_prices_are_told_with_the_usual_one() -> None:
    (found,) = prices(log(amount=[*[1000] * 19, 100_000], product=7))

    share = pytest.approx(99_000 / 119_000)
    assert found.evidence["worst"] == [
        {"product": 7, "lines": 1, "usual": 1000, "oddest": 100_000, "share": share}
    ]
    assert found.share == share


def test_prices_that_move_no_money_are_nobodys_business() -> None:
    cheap = log(product=[*[1] * 19, *[2] * 99], amount=[*[1] * 18, 15, *[100_000] * 99])

    assert prices(cheap) == []


def test_a_line_that_outweighs_a_thousand_is_found_and_that_it_came_back() -> None:
    bought = [{"customer": 1 + n % 50, "amount": 1000 + n % 7} for n in range(4999)]
    wholesale = {"customer": 99, "product": 2, "amount": 7_718_360, "quantity": 74_215}
    back = wholesale | {"kind": Kind.RETURN, "day": 1}

    (found,) = huge_lines(log(*bought, wholesale, back))

    assert found.evidence["events"] == [5000]
    assert (found.evidence["given_back"], found.evidence["cap"]) == (1, 1006)


def test_a_hundred_lines_have_no_outlier() -> None:
    assert outliers(np.array([*[1000] * 99, 10**9])) is None


def test_purchases_that_brought_nothing_are_found_but_no_gifts() -> None:
    (found,) = no_price(log({"amount": 0}, {"amount": 0, "discount": 500}, {}))

    assert found.evidence["events"] == [1]
    assert no_price(log({"amount": 0, "discount": 500}, {})) == []


def test_a_second_currency_is_found() -> None:
    (found,) = currencies(log({"currency": 3}, {"currency": 3}, {"currency": 4}))

    assert (found.count, found.evidence["lines"]) == (1, {"3": 2, "4": 1})
