from collections import defaultdict

import numpy as np
import pytest

from retention.learning.basket.orders import Baskets, usual_window
from retention.learning.basket.sequences import Sequences, then_buys
from retention.learning.panel import SECONDS_A_DAY, Kind, Panel
from tests.learning.basket.made import orders

PRINTER, INK, PAPER, LAMP = range(4)
WINDOW = 30


def learned(
    baskets: Baskets, *, until: float = 400.0, least: int = 5, q: float = 0.05
) -> Sequences:
    return then_buys(
        baskets,
        within_days=WINDOW,
        until_second=int(until * SECONDS_A_DAY),
        least=least,
        q=q,
    )


def pairs(found: Sequences) -> list[tuple[int, int]]:
    return list(zip(found.first.tolist(), found.then.tolist(), strict=True))


def office(*, late: bool = False) -> Baskets:
    """Sixty buy a printer, forty of them ink twelve days later; everyone buys lamps and paper."""
    rng = np.random.default_rng(2)
    lines: list[tuple[int, float, int]] = []
    for customer in range(300):
        day = float(rng.integers(0, 200))
        lines += [(customer, day, PRINTER if customer < 60 else LAMP), (customer, day, PAPER)]
        again = INK if customer < 40 else int(rng.integers(4, 12))
        lines.append((customer, day + (45 if late else 10 + customer % 5), again))
    return orders(*lines)


def test_who_bought_a_printer_buys_ink_about_twelve_days_later() -> None:
    found = learned(office())

    row = pairs(found).index((PRINTER, INK))

    assert (found.both[row], found.of[row], found.n_customers) == (40, 60, 300)
    assert found.gap[row].tolist() == [11, 12, 13]
    assert found.back[row] == 0
    # Ink is what 40 of the 300 came back for: of 60, eight would by chance.
    assert found.expected[row] == pytest.approx(60 * 40 / 300)


def test_what_comes_after_the_window_does_not_count() -> None:
    assert (PRINTER, INK) not in pairs(learned(office(late=True)))


def test_what_is_bought_in_the_same_order_is_no_later_order() -> None:
    baskets = orders(*((c, float(day), p) for c in range(40) for p, day in ((0, c), (1, c))))

    assert pairs(learned(baskets, q=1.0)) == []


def test_only_orders_whose_window_has_passed_are_asked_about() -> None:
    found = learned(office(), until=100.0)

    row = pairs(found).index((PRINTER, INK))

    assert found.of[row] < 60
    assert found.n_customers < 300


def random_orders(seed: int = 5) -> Baskets:
    rng = np.random.default_rng(seed)
    n = 4000
    customer = rng.integers(0, 150, n)
    product = (12 * rng.random(n) ** 2).astype(int)
    day = np.floor(rng.uniform(0, 365, n) / 3) * 3
    # Whoever bought 0 buys 7 four days later.
    after = (product == 0) & (rng.random(n) < 0.5)
    lines = [*zip(customer, day, product, strict=True)]
    lines += [(who, at + 4.0, 7) for who, at in zip(customer[after], day[after], strict=True)]
    return orders(*lines)


def counted(baskets: Baskets, until: float) -> dict[tuple[int, int], list[float]]:
    """Days to the next order with the other, of each customer's first order with the one."""
    bought = defaultdict(list)
    for row in range(len(baskets)):
        day = baskets.second[row] / SECONDS_A_DAY
        bought[int(baskets.customer[row])].append((day, set(baskets.held[[row]].indices.tolist())))
    gaps: dict[tuple[int, int], list[float]] = defaultdict(list)
    for history in bought.values():
        for one in range(12):
            first = next((day for day, held in history if one in held), None)
            if first is None or first + WINDOW > until:
                continue
            for other in range(12):
                later = [
                    d - first
                    for d, held in history
                    if first < d <= first + WINDOW and other in held
                ]
                gaps[one, other] += later[:1]
    return gaps


def test_counts_and_gaps_are_those_of_looking_at_every_customer() -> None:
    baskets = random_orders()

    found = learned(baskets, until=360.0, q=1.0)

    slow = counted(baskets, until=360.0)
    assert (0, 7) in pairs(found)
    for row, (one, other) in enumerate(pairs(found)):
        assert found.both[row] == len(slow[one, other])
        assert found.back[row] == len(slow[other, one])
        assert found.gap[row] == pytest.approx(np.quantile(slow[one, other], (0.25, 0.5, 0.75)))


def test_who_buys_much_comes_back_for_everything_and_that_is_no_rule() -> None:
    rng = np.random.default_rng(9)
    lines = [
        (customer, float(day), int(product))
        for customer in range(200)
        for day in range(0, 300, 3 if customer < 20 else 40)
        for product in rng.choice(12, size=5 if customer < 20 else 1)
    ]

    assert pairs(learned(orders(*lines))) == []


def test_the_window_is_three_times_what_customers_usually_take() -> None:
    def window(*days: float) -> int:
        n = len(days)
        return usual_window(
            Panel.of(n_customers=1, customer=[0] * n, kind=[Kind.PURCHASE] * n, day=list(days))
        )

    assert (window(0, 10, 20, 31), window(0, 1, 2), window(0, 300), window(0)) == (30, 14, 180, 180)


def test_without_orders_there_is_nothing() -> None:
    nobody = Panel.of(n_customers=0, customer=[], kind=[], day=[])

    assert pairs(learned(Baskets.of(nobody, n_products=3))) == []
