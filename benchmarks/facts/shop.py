"""Events of a made shop: few customers buy much, few products sell well, orders have lines."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from customers.messages import EventMessage

START = datetime(2020, 1, 1, tzinfo=UTC)
CUSTOMERS, PRODUCTS = 20_000, 3_000


def messages(count: int, *, seed: int) -> list[EventMessage]:
    """Purchases in the order they happened. Another seed shares customers and products only.

    A greater seed is a later time, as a shop's feed goes on: its customers are seen later again.
    """
    return list(itertools.islice(_lines(random.Random(seed), seed), count))


def _lines(rng: random.Random, seed: int) -> Iterator[EventMessage]:
    for order in itertools.count(1):
        customer = int(rng.paretovariate(0.6) * 3) % CUSTOMERS + 1
        occurred_at = START + timedelta(days=20 * seed, minutes=order)
        for line in range(rng.randint(1, 8)):
            yield EventMessage(
                kind="PURCHASE",
                source="till",
                message_id=f"{seed}-{rng.getrandbits(64):016x}-{line}",
                occurred_at=occurred_at,
                customer=f"c{customer}",
                product=f"p{int(rng.paretovariate(0.7) * 2) % PRODUCTS}",
                quantity=rng.randint(1, 5),
                unit_price=rng.randint(100, 5000),
                order_id=f"{seed}-{order}",
            )
