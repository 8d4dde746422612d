"""The chance that a customer buys from a category within 30 days, on the last days of a shop."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.bars import Bars
from benchmarks.predicting.data import categories_of, panel_of, product_ids
from retention.learning.measure.intervals import Estimate
from retention.learning.panel import IntArray, Kind, Panel
from retention.learning.timing.bought import Bought
from retention.learning.timing.chances import DAYS, Shortage, chances_at, train_chances

MOST: Final = 60
GOODS: Final = 40
"""So many products of Online Retail, which has no categories, stand in for them."""
LAST: Final = 3
"""Moments, a month apart, at which the last 30 days are asked about."""
TRUE: Final = 0.03


def run(bars: Bars, folder: Path, *, people: int) -> None:
    """Two public shops, and the time it takes."""
    for name, words, panel, n in _shops(folder):
        bars.say(f"\n{words}: {n} categories")
        bought = Bought.of(panel, n_categories=n)
        ends = float(bought.order_day.max() + 1)
        for back in range(LAST):
            _asked(bars, f"TIMING-{name}-{back}", bought, ends - back * DAYS)
    _scale(bars, people)


def _asked(bars: Bars, label: str, bought: Bought, cut_off: float) -> None:
    past = bought.before(cut_off)
    found = train_chances(past, cut_off=cut_off, rng=np.random.default_rng(1))
    if isinstance(found, Shortage):
        raise SystemExit(found.words)
    exam = found.exam
    bars.say(
        f"  {exam.customers:,} customers: log loss {exam.log_loss:.4f}, "
        f"{_gap(exam.over_base)} against everyone's share, "
        f"{_gap(exam.over_own)} against their own past rate, ECE {exam.ece:.4f}"
    )
    bars.at_most(f"{label}-over-base-high", exam.over_base.high, 0.0)
    bars.at_most(f"{label}-over-own-high", exam.over_own.high, 0.0)
    bars.at_most(f"{label}-ece", exam.ece, TRUE)


def _shops(folder: Path) -> Iterator[tuple[str, str, Panel, int]]:
    journey = panel_of("complete-journey", folder)
    ids = product_ids(folder)
    for level, words in ((1, "departments"), (2, "the most bought product categories")):
        path_of = categories_of(folder, level=level)
        paths, place = np.unique([path_of.get(one, "") for one in ids], return_inverse=True)
        # The first is "": of no category.
        place = np.where(paths[place] == "", -1, place)
        panel, n = _most_bought(journey, place, most=MOST)
        yield f"complete-journey-{level}", f"Complete Journey, {words}", panel, n
    retail = panel_of("online-retail", folder)
    panel, n = _most_bought(retail, np.arange(retail.product.max() + 1), most=GOODS)
    yield "online-retail", "Online Retail, its most bought products as categories", panel, n


def _most_bought(panel: Panel, place: IntArray, *, most: int) -> tuple[Panel, int]:
    """The places with the most buyers as categories. place : (products,), -1 for none."""
    category = place[panel.product]
    bought = (panel.kind == Kind.PURCHASE) & (category >= 0)
    size = int(place.max()) + 1
    pairs = np.unique(panel.customer[bought] * size + category[bought])
    buyers = np.bincount(pairs % size, minlength=size)
    best = np.argsort(-buyers, kind="stable")[:most]
    number = np.full(size + 1, -1)
    number[best] = np.arange(len(best))
    return replace(panel, category=number[category]), len(best)


def _scale(bars: Bars, people: int) -> None:
    """Ten lines a customer over 400 days in 20 categories, drawn: from lines to chances."""
    rng, n = np.random.default_rng(1), 10 * people
    panel = Panel.of(
        n_customers=people,
        customer=rng.integers(people, size=n),
        kind=np.full(n, Kind.PURCHASE),
        day=rng.uniform(0, 400, n),
        category=rng.integers(20, size=n),
    )
    began = time.process_time()
    bought = Bought.of(panel, n_categories=20)
    found = train_chances(bought, cut_off=400.0, rng=rng)
    if isinstance(found, Shortage):
        raise SystemExit(found.words)
    told = sum(len(who) for who, _, _ in chances_at(found.model, bought, cut_off=400.0))
    spent = time.process_time() - began
    bars.say(f"\n{told:,} customers and 20 categories, {n:,} lines: {spent:.1f} s of one core")
    bars.at_most("TIMING-chances-seconds-per-100k", spent * 100_000 / people, 30.0)


def _gap(gap: Estimate) -> str:
    return f"{gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
