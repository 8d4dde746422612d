"""What one customer, or one visit, took: asked about now, and not when a model learned."""

from datetime import datetime

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from customers.messages import MOST_STARS
from customers.models import Customer, Event
from retention.insights.datasets import SECONDS_A_DAY, FloatArray, Taste, local_seconds
from retention.learning.interactions import Interactions
from retention.learning.vocabulary import Vocabulary

LONGEST_HISTORY = 1_000
"""So many of a customer's newest events are asked about at once: more change no list."""


def history_of(
    customer: Customer, *, products: Vocabulary, taste: Taste, before: datetime
) -> Interactions:
    """What one customer took, now and not when the model learned: as `Facts.interactions`."""
    rows = (
        Event.objects.filter(customer=customer, kind=taste.kind.name, occurred_at__lt=before)
        .exclude(product=None)
        .order_by("-occurred_at")
        .values_list("product_id", "occurred_at", "rating")[:LONGEST_HISTORY]
    )
    ids, moments, stars = zip(*rows, strict=True) if rows else ((), (), ())
    seconds = np.array([int(at.timestamp()) for at in moments], dtype=np.int64)
    given = (star is not None and 0 <= star <= MOST_STARS for star in stars)
    rating = np.where(list(given), np.array(stars, dtype=np.float64), np.nan)
    weights = taste.weights(np.full(len(ids), taste.kind, dtype=np.int64), rating)
    days = local_seconds(seconds, settings.TIME_ZONE) / SECONDS_A_DAY
    return of_one(products.rows(ids), weights, days, n_products=len(products))


def of_one(
    rows: NDArray[np.int32], weights: NDArray[np.float32], days: FloatArray, *, n_products: int
) -> Interactions:
    """The events of one customer, or one visit; rows : of a model's products, -1 for none."""
    said = (rows >= 0) & (weights > 0)
    return Interactions.of(
        np.zeros(int(said.sum()), dtype=np.int32),
        rows[said],
        weights=weights[said],
        times=days[said],
        n_customers=1,
        n_products=n_products,
    )
