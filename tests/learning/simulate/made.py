"""Shops played once and looked at by many tests; whoever plays on forks first."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from retention.learning.simulate import (
    Coupons,
    EventBatch,
    Kind,
    Offer,
    Shop,
    ShopSpec,
    Truth,
    margin_by_customer,
)
from retention.learning.simulate.arrays import BoolArray, FloatArray, IntArray

FIFTEEN = Offer(percent=15, valid_days=30)
WINDOW = 60
N_FUTURES = 16
ROUNDS = 5
CONTACT_COST = 25  # minor units a message


def small(*, seed: int = 0, n_customers: int = 200) -> Shop:
    """A shop that has not opened yet."""
    return Shop(ShopSpec(n_customers=n_customers, n_products=60, joining_days=90, seed=seed))


@cache
def played() -> tuple[Shop, EventBatch]:
    """A shop of 1,000 after 400 days, and what happened in it. Read only."""
    shop = Shop(ShopSpec(n_customers=1_000, n_products=150, joining_days=400, seed=3))
    return shop, shop.advance(shop.day + 400)


@cache
def busy() -> tuple[Shop, EventBatch]:
    """A shop of 2,500 after 300 days, and what happened in it. Read only."""
    shop = Shop(ShopSpec(n_customers=2_500, n_products=400, joining_days=400, seed=11))
    return shop, shop.advance(shop.day + 300)


def same(one: EventBatch, other: EventBatch) -> bool:
    """Are these the same bytes, column by column?"""
    return all(
        getattr(one, at.name).tobytes() == getattr(other, at.name).tobytes() for at in fields(one)
    )


def everyone(shop: Shop) -> IntArray:
    """Every customer row."""
    return np.arange(len(shop.people))


def given_to_all(shop: Shop, offer: Offer = FIFTEEN) -> Coupons:
    """The offer for everyone, from this morning on."""
    return Coupons.of(offer, customers=everyone(shop), from_day=shop.day)


def ordered(batch: EventBatch, n_customers: int) -> BoolArray:
    """Who placed an order in these events."""
    who = np.zeros(n_customers, dtype=np.bool_)
    who[batch.of_kind(Kind.PURCHASE).customer] = True
    return who


@dataclass(frozen=True)
class Futures:
    """What the played shop states, and the share of its futures in which it came true.

    ordered, gone, spent : for each customer; gone is having left without another order.
    """

    truth: Truth
    ordered: FloatArray
    gone: FloatArray
    spent: FloatArray


@cache
def futures(*, with_coupon: bool) -> Futures:
    """Many futures of the played shop, with the coupon for everyone or for nobody."""
    shop, _ = played()
    lived = [_future(shop.fork(seed=1_000 + seed), with_coupon) for seed in range(N_FUTURES)]
    came, gone, spent = np.mean(lived, axis=0)
    return Futures(shop.truth(window_days=WINDOW, offer=FIFTEEN), came, gone, spent)


def _future(shop: Shop, with_coupon: bool) -> tuple[BoolArray, BoolArray, BoolArray]:
    coupons = given_to_all(shop) if with_coupon else None
    batch = shop.advance(shop.day + WINDOW, coupons=coupons)
    came = ordered(batch, len(shop.people))
    spent = ordered(batch.take(batch.coupon >= 0), len(shop.people))
    return came, ~came & (shop.state.left_day <= shop.day), spent


def surprise(stated: FloatArray, seen: FloatArray) -> float:
    """How many standard errors the seen shares lie above the stated chances, all together."""
    variance = (stated * (1 - stated)).sum() / N_FUTURES
    return float((seen - stated).sum() / np.sqrt(variance))


Policy = Callable[[Shop], BoolArray]


@cache
def earned(policy: Policy) -> int:
    """Minor units that a monthly campaign adds to the busy shop, beside its twin without any."""
    shop, _ = busy()
    acting = shop.fork()
    gain = -unaided_margin()
    for _ in range(ROUNDS):
        who = np.flatnonzero(policy(acting) & acting.people.allows_marketing)
        coupons = Coupons.of(FIFTEEN, customers=who, from_day=acting.day)
        gain += _margin(acting, acting.advance(acting.day + 30, coupons=coupons))
        gain -= CONTACT_COST * who.size
    return gain


@cache
def unaided_margin() -> int:
    """What the busy shop earns in the same months without any campaign."""
    shop = busy()[0].fork()
    return _margin(shop, shop.advance(shop.day + 30 * ROUNDS))


def _margin(shop: Shop, batch: EventBatch) -> int:
    margin = margin_by_customer(
        batch,
        shop.catalogue,
        n_customers=len(shop.people),
        order_cost=shop.spec.order_cost,
    )
    return int(margin.sum())
