"""What is wrong in every real shop's data, rarely enough to be overlooked, so that a look finds it.

None of it touches the simulated shop, only what reaches us of it: a file that was sent twice, a
price with two zeros too many, a weekend whose events were lost, a till booked as a customer, a
program that reads every page, people who registered twice.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from customers.messages import CustomerMessage, EventMessage
from customers.models import Purpose
from retention.learning.simulate.arrays import IntArray
from retention.learning.simulate.catalogue import Catalogue
from retention.learning.simulate.events import EventBatch, Kind
from retention.learning.simulate.people import People
from retention.learning.simulate.seasons import weekday

LOST_DAYS, SENT_TWICE_DAY, DEAR_DAY, BOT_DAYS = (380, 381), 415, 350, (440, 452)
"""Counted from the shop's opening."""
TILL_FROM_DAY, TILL_SALES = 300, 1 / 1_400
"""How many sales a day the till has for each customer of the shop, Sundays excepted."""
DEARER, BOT_VIEWS, BOT_PAUSE = 100, 220, 4
TILL, BOT = "till-1", "C9000001"
PAIRS = 3
_SUNDAY, _OPENS, _OPEN_SECONDS = 6, 9 * 3_600, 8 * 3_600


class Flaws:
    """What is wrong with the feed of one shop; the same shop always has the same flaws."""

    def __init__(
        self, *, opening: int, customers: int, catalogue: Catalogue, currency: str
    ) -> None:
        self.opening, self.customers = opening, customers
        self.catalogue, self.currency = catalogue, currency

    def arriving(self, batch: EventBatch) -> EventBatch:
        """What of these events reaches us, and with which price."""
        day = np.floor(batch.time).astype(np.int64) - self.opening
        reached = batch.take(~np.isin(day, LOST_DAYS))
        day = np.floor(reached.time).astype(np.int64) - self.opening
        dear = (day == DEAR_DAY) & (reached.kind == Kind.PURCHASE) & (reached.coupon < 0)
        lines = np.flatnonzero(dear)
        # Of the day's bestseller, whose usual price is well known.
        best = np.argsort(-self.catalogue.popularity[reached.product[lines]], kind="stable")[:1]
        price = reached.unit_price.copy()
        price[lines[best]] *= DEARER
        return replace(reached, unit_price=price)

    def sent_again(self, batch: EventBatch) -> EventBatch:
        """The orders of one day, which a second file holds under other message ids."""
        day = np.floor(batch.time).astype(np.int64) - self.opening
        return batch.take((day == SENT_TWICE_DAY) & (batch.kind == Kind.PURCHASE))

    def strangers(self) -> list[CustomerMessage]:
        """The two accounts that are no person, as the shop registered them."""
        consents = {Purpose.ANALYTICS.value: True, Purpose.MARKETING.value: False}
        return [
            CustomerMessage(external_id=TILL, name="High Street till", consents=consents),
            CustomerMessage(external_id=BOT, name="Price Watch", consents=consents),
        ]

    def strangers_did(self, first: int, last: int) -> list[EventMessage]:
        """What the two accounts did from a day to before another."""
        return [
            message
            for day in range(first, last)
            for message in (*self._sold_at_the_till(day), *self._read_by_the_bot(day))
        ]

    def _sold_at_the_till(self, day: int) -> Iterator[EventMessage]:
        if day - self.opening < TILL_FROM_DAY or weekday(day) == _SUNDAY:
            return
        rng = np.random.default_rng([day - self.opening, self.customers])
        for sale in range(int(rng.poisson(TILL_SALES * self.customers))):
            at = _moment(day, _OPENS + int(rng.integers(_OPEN_SECONDS)))
            for product in self._popular(1 + int(rng.integers(3)), rng).tolist():
                yield EventMessage(
                    kind=Kind.PURCHASE.name,
                    occurred_at=at,
                    customer=TILL,
                    product=self.catalogue.external_ids[product],
                    unit_price=int(self.catalogue.price[product]),
                    currency=self.currency,
                    order_id=f"T{day}-{sale}",
                    message_id=f"till-{day}-{sale}-{product}",
                )

    def _popular(self, n: int, rng: np.random.Generator) -> IntArray:
        share = self.catalogue.popularity / self.catalogue.popularity.sum()
        return rng.choice(len(share), size=n, replace=False, p=share)

    def _read_by_the_bot(self, day: int) -> Iterator[EventMessage]:
        if day - self.opening not in BOT_DAYS:
            return
        for view in range(BOT_VIEWS):
            product = (day + view) % len(self.catalogue)
            yield EventMessage(
                kind=Kind.VIEW.name,
                occurred_at=_moment(day, 3 * 3_600 + BOT_PAUSE * view),
                customer=BOT,
                product=self.catalogue.external_ids[product],
                message_id=f"bot-{day}-{view}",
            )


def registered_twice(people: People) -> People:
    """The same people, some of whom registered again under another id and the same address."""
    names, emails = list(people.names), list(people.emails)
    for pair in range(1, PAIRS + 1):
        first, second = (len(people) * place // 20 for place in (pair, pair + 10))
        names[second], emails[second] = names[first], emails[first]
    return replace(people, names=tuple(names), emails=tuple(emails))


def _moment(day: int, second: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=second)
