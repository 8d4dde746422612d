"""Small made shops for tests: raw columns, so that a test may shuffle or cut them."""

import numpy as np
from numpy.typing import NDArray

from retention.learning.panel import Kind, Panel

Columns = dict[str, NDArray[np.int64] | NDArray[np.float64]]

DAY_0 = 19_000.0


def columns(*, seed: int = 0, n_customers: int = 30, n: int = 3_000, days: float = 400) -> Columns:
    """Events of every kind at random, many at the same second."""
    rng = np.random.default_rng(seed)
    customer = rng.integers(n_customers, size=n)
    second = rng.integers(int(days * 400), size=n) * 216
    # A third of the customers have few events, so that every "not known" is met.
    keep = (customer % 3 > 0) | (rng.random(n) < 0.03)
    made = {
        "customer": customer,
        "kind": rng.choice(6, size=n, p=[0.25, 0.1, 0.4, 0.1, 0.1, 0.05]),
        "day": DAY_0 + second / 86_400,
        "quantity": rng.integers(1, 5, size=n),
        "amount": rng.integers(0, 5_000, size=n),
        "discount": rng.integers(0, 500, size=n),
        "product": rng.integers(-1, 40, size=n),
        "category": rng.integers(-1, 6, size=n),
        # Orders of one customer gather lines; some purchases name no order.
        "order": np.where(rng.random(n) < 0.2, -1, customer * 50 + rng.integers(20, size=n)),
        "rating": np.where(rng.random(n) < 0.8, rng.integers(1, 6, size=n), np.nan),
    }
    return {name: values[keep] for name, values in made.items()}


def panel_of(given: Columns, *, n_customers: int = 30) -> Panel:
    """The columns as a panel."""
    return Panel.of(n_customers=n_customers, **given)


def orders_on(days: dict[int, list[float]], *, n_customers: int | None = None) -> Panel:
    """One order of 10.00 by each customer on each of these days."""
    who = [customer for customer, on in days.items() for _ in on]
    when = [DAY_0 + day for on in days.values() for day in on]
    return Panel.of(
        n_customers=n_customers or max(days) + 1,
        customer=who,
        kind=np.full(len(who), Kind.PURCHASE),
        day=when,
        amount=np.full(len(who), 1_000),
        order=np.arange(len(who)),
    )


def fading_shop(*, seed: int = 0, n_customers: int = 600, days: int = 420) -> Panel:
    """Customers with a rhythm of their own, who leave for good one day or stay."""
    rng = np.random.default_rng(seed)
    gap = rng.lognormal(3.0, 0.9, size=n_customers)
    gone = np.where(rng.random(n_customers) < 0.6, rng.uniform(0, days, n_customers), days)
    steps = rng.gamma(4.0, gap[:, None] / 4, size=(n_customers, 120))
    when = rng.uniform(0, 60, (n_customers, 1)) + np.cumsum(steps, axis=1)
    who, at = np.nonzero(when < np.minimum(gone, days)[:, None])
    return Panel.of(
        n_customers=n_customers,
        customer=who,
        kind=np.full(len(who), Kind.PURCHASE),
        day=DAY_0 + when[who, at],
        amount=rng.integers(500, 5_000, size=len(who)),
        product=rng.integers(50, size=len(who)),
        order=np.arange(len(who)),
    )
