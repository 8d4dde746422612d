"""Baskets whose answers are known, and the slow obvious way to count them."""

from itertools import combinations

import numpy as np
from scipy.sparse import csr_array

from retention.learning.basket.fpgrowth import Itemsets, frequent_sets
from retention.learning.basket.holders import Holders
from retention.learning.basket.orders import Baskets
from retention.learning.basket.rules import Rules, rules_of
from retention.learning.interactions import Csr
from retention.learning.panel import Kind, Panel

PRODUCTS = 12
Sets = dict[tuple[int, ...], int]


def table(*baskets: tuple[int, ...], n_products: int = PRODUCTS) -> Csr:
    """Baskets written out."""
    rows = [row for row, products in enumerate(baskets) for _ in products]
    columns = [product for products in baskets for product in products]
    cells = (np.ones(len(rows), np.float32), (rows, columns))
    return csr_array(cells, shape=(len(baskets), n_products))


def crowd(seed: int = 1, n: int = 400) -> Csr:
    """Baskets of all widths; 0 and 1 stand together often, 2 joins them, 3 is in every other."""
    rng = np.random.default_rng(seed)
    chance = rng.uniform(0.05, 0.4, PRODUCTS) * rng.uniform(0.3, 2.0, n)[:, None]
    holds = rng.random((n, PRODUCTS)) < chance
    holds[:, 1] |= holds[:, 0] & (rng.random(n) < 0.7)
    holds[:, 2] |= holds[:, 0] & holds[:, 1] & (rng.random(n) < 0.8)
    holds[:, 3] = np.arange(n) % 2 == 0
    return csr_array(holds.astype(np.float32))


def counted(baskets: Csr, *, least: int, largest: int) -> Sets:
    """Every set, by looking at each one in every basket."""
    holds = baskets.toarray() > 0
    sets = {}
    for size in range(1, largest + 1):
        for products in combinations(range(holds.shape[1]), size):
            count = int(holds[:, products].all(axis=1).sum())
            if count >= least:
                sets[products] = count
    return sets


def as_dict(sets: Itemsets) -> Sets:
    """The same from what was found."""
    return {
        tuple(sorted(sets.items[places].tolist())): count
        for size, level in enumerate(sets.levels, start=1)
        for places, count in zip(sets.places(size), level.count.tolist(), strict=True)
    }


def learned(baskets: Csr, *, least: int = 10, largest: int = 3) -> Rules:
    """The rules of baskets that are each somebody's own."""
    sets = frequent_sets(baskets, least=least, largest=largest)
    owner = np.arange(baskets.shape[0])
    return rules_of(sets, Holders.of(sets, baskets, owner=owner))


def said(rules: Rules) -> set[tuple[tuple[int, ...], int]]:
    """Antecedent and consequent of each."""
    return {
        (tuple(sorted(p for p in antecedent if p >= 0)), consequent)
        for antecedent, consequent in zip(
            rules.antecedent.tolist(), rules.consequent.tolist(), strict=True
        )
    }


def orders(*lines: tuple[int, float, int], n_products: int = PRODUCTS) -> Baskets:
    """Orders written out: (customer, day, product); the lines of one moment are one order."""
    customer, day, product = (np.array(column) for column in zip(*lines, strict=True))
    _, order = np.unique(np.stack([customer, day]), axis=1, return_inverse=True)
    panel = Panel.of(
        n_customers=int(customer.max()) + 1,
        customer=customer,
        kind=np.full(len(lines), Kind.PURCHASE),
        day=day,
        product=product,
        order=order,
    )
    return Baskets.of(panel, n_products=n_products)
