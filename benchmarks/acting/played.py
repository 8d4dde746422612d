"""A year of one simulated shop with twelve campaigns, under a way to choose who gets a coupon."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from benchmarks.predicting.simulated import opened, panel_of
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import ChurnDefinition, DataShortage, audience
from retention.learning.churn.model import ChurnModel
from retention.learning.churn.training import train_churn
from retention.learning.features import FeatureTable
from retention.learning.panel import BoolArray, FloatArray, IntArray
from retention.learning.simulate import Coupons, EventBatch, Kind, Offer, Shop, margin_by_customer
from retention.learning.value.buying import Buying, buying
from retention.learning.value.model import ValueModel
from retention.learning.value.rivals import Moment, learn_rivals

CUSTOMERS, HISTORY, MONTH, MONTHS = 3_000, 480, 30, 12
OFFER: Final = Offer(percent=15, valid_days=30)
DEPTH, CONTACT = 0.15, 25
"""Of an order; minor units a message."""
PART: Final = 0.2
"""So large a part of the audience may get a coupon each month, by whichever way but everyone."""
DEFINITION: Final = ChurnDefinition()
NOBODY: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Learned:
    """What a shop knows after its history, before its first campaign. margin : of a sale."""

    shop: Shop
    history: EventBatch
    churn: ChurnModel
    value: ValueModel
    margin: float

    @classmethod
    def of(cls, seed: int) -> "Learned":
        shop = opened(CUSTOMERS, seed=seed)
        history = shop.advance(shop.day + HISTORY)
        panel = panel_of([history], CUSTOMERS)
        trained = train_churn(panel, DEFINITION, rng=np.random.default_rng(seed), resamples=2)
        if isinstance(trained, DataShortage):
            raise SystemExit(str(trained))
        sold = history.of_kind(Kind.PURCHASE)
        paid = sold.quantity * sold.unit_price - sold.discount
        cost = sold.quantity * shop.catalogue.cost[sold.product]
        value = learn_rivals(panel, Moment.of(panel, shop.day))["pareto"]
        return cls(shop, history, trained.model, value, 1 - float(cost.sum() / paid.sum()))


@dataclass(frozen=True)
class Morning:
    """Whom a campaign may reach, (n,) each. order : minor units of their usual one."""

    day: int
    customers: IntArray
    table: FeatureTable
    buying: Buying
    risk: FloatArray
    value: FloatArray
    order: FloatArray
    margin: float

    @property
    def most(self) -> int:
        return int(PART * len(self.customers))


@dataclass
class Sent:
    """A campaign: rows of its morning, their arm, and what came of it so far."""

    day: int
    customers: IntArray
    x: FloatArray
    risk: FloatArray
    treated: BoolArray
    probability: FloatArray
    kept: BoolArray
    used: BoolArray


@dataclass(frozen=True)
class Drawn:
    """Rows of a morning that get a coupon, and those held back by lot."""

    treated: IntArray
    control: IntArray = field(default_factory=lambda: NOBODY)
    probability: float = 1.0


Policy = Callable[[Shop, Morning, list[Sent], np.random.Generator], Drawn]


@dataclass(frozen=True)
class Year:
    """profit : minor units, margin net of discounts, parcels and messages. kept : customers with
    an order in the last sixty days. coupons : sent."""

    profit: int
    kept: int
    coupons: int


def play(learned: Learned, policy: Policy, *, seed: int) -> Year:
    """Twelve campaigns in a fork of the shop; with the same chances as every other policy."""
    shop, parts, past = learned.shop.fork(), [learned.history], list[Sent]()
    rng, profit, coupons = np.random.default_rng(seed), 0, 0
    for _ in range(MONTHS):
        now = morning(learned, shop, parts)
        drawn = policy(shop, now, past, rng)
        who = now.customers[drawn.treated]
        given = Coupons.of(OFFER, customers=who, from_day=shop.day) if len(who) else None
        past.append(_sent(now, drawn))
        batch = shop.advance(shop.day + MONTH, coupons=given)
        parts.append(batch)
        _answered(past, batch)
        profit += _margin(shop, batch) - CONTACT * len(who)
        coupons += len(who)
    last = buyers_in(parts[-2]) | buyers_in(parts[-1])
    return Year(profit, int(last.sum()), coupons)


def morning(learned: Learned, shop: Shop, parts: list[EventBatch]) -> Morning:
    panel, people = panel_of(parts, CUSTOMERS), shop.people
    who = audience(panel, DEFINITION, cut_off=shop.day)
    who = who[(people.allows_marketing & people.allows_analytics)[who]]
    table = behaviour(panel, cut_off=shop.day, customers=who)
    known = buying(panel, cut_off=shop.day).take(who)
    worth = learned.value.money.expected(known.order_days, known.spend)
    return Morning(
        day=shop.day,
        customers=who,
        table=table,
        buying=known,
        risk=learned.churn.probability(table),
        value=learned.value.expected_orders(known, table) * worth / learned.value.per_day,
        order=worth / learned.value.per_day,
        margin=learned.margin,
    )


def _sent(now: Morning, drawn: Drawn) -> Sent:
    rows = np.concatenate([drawn.treated, drawn.control])
    nothing = np.zeros(len(rows), dtype=bool)
    return Sent(
        day=now.day,
        customers=now.customers[rows],
        x=now.table.values[rows],
        risk=now.risk[rows],
        treated=np.arange(len(rows)) < len(drawn.treated),
        probability=np.full(len(rows), drawn.probability),
        kept=nothing,
        used=nothing,
    )


def _answered(past: list[Sent], batch: EventBatch) -> None:
    """Of campaigns whose days to measure still run: who ordered, who used a coupon."""
    came, used = buyers_in(batch), buyers_in(batch.take(batch.coupon >= 0))
    for sent in past[-(DEFINITION.horizon_days // MONTH) :]:
        sent.kept = sent.kept | came[sent.customers]
        sent.used = sent.used | (used[sent.customers] & sent.treated)


def buyers_in(batch: EventBatch) -> BoolArray:
    came = np.zeros(CUSTOMERS, dtype=bool)
    came[batch.of_kind(Kind.PURCHASE).customer] = True
    return came


def _margin(shop: Shop, batch: EventBatch) -> int:
    by_customer = margin_by_customer(
        batch, shop.catalogue, n_customers=CUSTOMERS, order_cost=shop.spec.order_cost
    )
    return int(by_customer.sum())
