"""What each customer is like, for good: rates, tastes, patience. Hidden from the shop."""

from dataclasses import dataclass

import numpy as np

from retention.learning.simulate.arrays import FloatArray, IntArray
from retention.learning.simulate.catalogue import Catalogue
from retention.learning.simulate.people import People
from retention.learning.simulate.seasons import draw_hours, draw_weekdays
from retention.learning.simulate.spec import ShopSpec
from retention.learning.simulate.tastes import N_TOPICS

NEVER = 1 << 40


@dataclass(frozen=True, kw_only=True)
class Habits:
    """Latent traits of n customers, one a row.

    rate : orders a day in a plain week; browse : visits without an order for each order;
    season_lean : exponent on the season's demand (the Christmas-only buyer has a large one);
    basket : expected lines an order beyond the first; thrift : how often the cheaper of two
    products is taken; typical_order : minor units an order is usually worth to them;
    leaving : a day's chance of leaving for no reason; drift_day, fade : from when on, and how
    fast a day, the shop loses its interest; grievance : how hard a bad experience hits.
    Answers to coupons: attention (chance that one is noticed), deal (how much a discount
    moves them), nudge (orders a day that a reminder alone adds), irritable (how readily a
    coupon drives them off).
    taste, later_taste : cumulative topic shares (n, topics), before and after the drift.
    hour, weekday : when they like to come, local time and Monday 0; punctual, weekly : the share
    of their visits and orders that keep to it, 0 for who comes whenever everybody does.
    """

    rate: FloatArray
    browse: FloatArray
    season_lean: FloatArray
    basket: FloatArray
    thrift: FloatArray
    typical_order: FloatArray
    leaving: FloatArray
    drift_day: IntArray
    fade: FloatArray
    grievance: FloatArray
    attention: FloatArray
    deal: FloatArray
    nudge: FloatArray
    irritable: FloatArray
    pace: FloatArray
    kindness: FloatArray
    taste: FloatArray
    later_taste: FloatArray
    hour: FloatArray
    weekday: IntArray
    punctual: FloatArray
    weekly: FloatArray


def make_habits(
    spec: ShopSpec, people: People, catalogue: Catalogue, rng: np.random.Generator
) -> Habits:
    """Draw everyone's traits; what a shop can see hints at what it cannot."""
    n = len(people)
    rate = rng.gamma(1.1, spec.orders_a_year / 365 / 1.1, n) + 0.3 / 365
    deal = _deal(people, rng)
    basket = rng.gamma(2.5, 0.55, n)
    kindness = rng.normal(0.0, 1.0, n)
    thrift = np.clip(0.15 + 0.75 * deal + rng.normal(0.0, 0.08, n), 0.0, 1.0)
    return Habits(
        rate=rate,
        browse=rng.gamma(6.0, 0.4, n) * (0.35 + 1.6 * deal),
        season_lean=np.where(rng.random(n) < 0.12, 3.2, rng.gamma(4.0, 0.22, n)),
        basket=basket,
        thrift=thrift,
        typical_order=_typical_order(catalogue, basket, thrift),
        leaving=rng.gamma(1.2, 1 / (1.2 * 1_600), n),
        drift_day=_drift_days(people, rng),
        fade=rng.gamma(4.0, 1 / (4.0 * 50), n),
        grievance=rng.gamma(2.0, 0.5, n),
        attention=_attention(people, rng),
        deal=deal,
        nudge=rng.gamma(2.0, 0.24, n) * deal,
        irritable=_irritable(kindness, rng),
        pace=rng.lognormal(0.0, 0.25, n),
        kindness=kindness,
        taste=_topic_shares(n, rng),
        later_taste=_topic_shares(n, rng),
        hour=draw_hours(n, rng),
        weekday=draw_weekdays(n, rng),
        punctual=_regular(n, rng, share=0.45),
        weekly=_regular(n, rng, share=0.25),
    )


def _typical_order(catalogue: Catalogue, basket: FloatArray, thrift: FloatArray) -> FloatArray:
    mean_price = np.average(catalogue.price, weights=catalogue.popularity)
    usual: FloatArray = mean_price * (1.0 + basket) * (1.1 - 0.3 * thrift)
    return usual


def _deal(people: People, rng: np.random.Generator) -> FloatArray:
    """Two in five hunt for bargains, on the marketplace three in four; the rest hardly care."""
    n = len(people)
    hunts = rng.random(n) < np.where(people.main_source == 2, 0.75, 0.35)
    return np.where(hunts, rng.beta(6.0, 3.0, n), rng.beta(1.5, 8.0, n))


def _drift_days(people: People, rng: np.random.Generator) -> IntArray:
    """Most drift away one day, half of those within their first eight months."""
    n = len(people)
    wait = rng.weibull(1.3, n) * 300
    drifts = rng.random(n) < 0.85
    return np.where(drifts, people.first_seen_day + 20 + wait.astype(np.int64), NEVER)


def _attention(people: People, rng: np.random.Generator) -> FloatArray:
    """Most coupons go unread; the app's push messages do better than mail."""
    uses_app = (people.main_source == 1) | (people.second_source == 1)
    read: FloatArray = np.clip(rng.beta(5.0, 2.5, len(people)) + 0.12 * uses_app, 0.05, 0.97)
    return read


def _irritable(kindness: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A fifth cannot stand being written to, the grumpy raters among them more often."""
    touchy = rng.random(kindness.size) < np.clip(0.18 - 0.12 * kindness, 0.02, 0.6)
    return np.where(touchy, rng.beta(3.0, 3.0, kindness.size), 0.01)


def _topic_shares(n: int, rng: np.random.Generator) -> FloatArray:
    shares = np.cumsum(rng.dirichlet(np.full(N_TOPICS, 0.10), n), axis=1)
    shares[:, -1] = 1.0
    return shares


def _regular(n: int, rng: np.random.Generator, *, share: float) -> FloatArray:
    """How firmly each keeps to their own time: some to half or more of it, the rest hardly."""
    firm = rng.random(n) < share
    return np.where(firm, rng.beta(4.0, 3.0, n), rng.beta(1.0, 12.0, n))
