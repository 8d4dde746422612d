"""A small shop whose right answers are known."""

import numpy as np

from retention.learning.interactions import Csr, Interactions

AT = 100.0
GROUPS, CUSTOMERS, PRODUCTS = 3, 60, 30


def shop(*, seed: int = 0) -> Interactions:
    """Customer c and product p belong to group c % 3 and p % 3; everyone buys only in the group.

    Each buys seven of the group's ten products, some of them again. Customer 60 buys nothing.
    """
    rng = np.random.default_rng(seed)
    customers, products = [], []
    for customer in range(CUSTOMERS):
        group = np.arange(customer % GROUPS, PRODUCTS, GROUPS)
        taken = rng.choice(group, size=7, replace=False)
        again = rng.choice(taken, size=3)
        products += [*taken, *again]
        customers += [customer] * 10
    return Interactions.of(
        customers,
        products,
        times=rng.uniform(0, AT, size=len(products)),
        n_customers=CUSTOMERS + 1,
        n_products=PRODUCTS,
    )


def bought(
    *events: tuple[int, int, float], n_customers: int = 4, n_products: int = 5
) -> Interactions:
    """Events written out: (customer, product, day)."""
    customers, products, times = zip(*events, strict=True)
    return Interactions.of(
        customers, products, times=times, n_customers=n_customers, n_products=n_products
    )


def seen(interactions: Interactions, *, rows: list[int]) -> Csr:
    """What some customers had taken by the cut-off."""
    return interactions.matrix(AT)[rows]
