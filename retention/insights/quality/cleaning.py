"""What operators decided that learning leaves out."""

import numpy as np

from customers.models import Customer
from customers.querysets import CustomerQuerySet
from retention.insights.models import DataCleaning
from retention.learning.quality.cleaning import Cleaning


def cleaning_in_force() -> Cleaning:
    """The decisions that nobody took back. One query."""
    rows = DataCleaning.objects.in_force().exclude(kind=DataCleaning.Kind.KEEP)
    customers: set[int] = set()
    products: set[int] = set()
    whole: set[str] = set()
    cap: int | None = None
    for row in rows:
        if row.customer_id is not None:
            customers.add(row.customer_id)
        elif row.product_id is not None:
            products.add(row.product_id)
        else:
            whole.add(row.kind)
            cap = row.cap if row.kind == DataCleaning.Kind.LINES else cap
    return Cleaning(
        excluded=np.array(sorted(customers), dtype=np.int64),
        duplicates=DataCleaning.Kind.DUPLICATES in whole,
        repeats=DataCleaning.Kind.REPEATS in whole,
        all_prices=DataCleaning.Kind.PRICES in whole,
        products=np.array(sorted(products), dtype=np.int64),
        line_cap=cap,
    )


def learnable(purpose: str) -> CustomerQuerySet:
    """The customers whom insights are about: they may be processed, and are persons."""
    return Customer.objects.consenting(purpose).exclude(pk__in=DataCleaning.objects.excluded())
