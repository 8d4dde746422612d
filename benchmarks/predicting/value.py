"""PRED-4: BG/NBD, Pareto/NBD and Gamma-Gamma against the published figures and `lifetimes`."""

import statistics
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.special import betaln, gammaln

from benchmarks.bars import Bars
from benchmarks.predicting import lifetimes
from benchmarks.predicting.data import day, panel_of
from benchmarks.predicting.lifetimes import PAIRS, Known, Pair
from retention.learning.panel import FloatArray, Panel
from retention.learning.recommend.threads import one_blas_thread
from retention.learning.value.bgnbd import BgNbd
from retention.learning.value.buying import Buying, buying
from retention.learning.value.rivals import NAMES, Moment, learn_rivals
from retention.learning.value.training import ValueShortage, train_value

MOMENT: Final = 1 / 86_400
"""A cut-off so long after a day's beginning counts the orders that a file dates by day."""
WEEK: Final = 7.0
FASTER: Final = 3.0
NEARLY: Final = 1e-3
"""Both searches stop where the likelihood is as flat as this in the parameters."""


@dataclass(frozen=True)
class Case:
    """Orders up to a day forecast those of so many days after it; rmse is the bar of the corrected
    forecast. told : the parameters are determined by the data."""

    words: str
    data: str
    until: str
    days: float
    rmse: float | None = None
    told: bool = True

    @property
    def cut_off(self) -> float:
        return day(self.until) + MOMENT


CDNOW = Case("CDNOW, a tenth of its customers", "cdnow-sample", "1997-09-30", 39 * WEEK, rmse=1.6)
CASES = (
    CDNOW,
    Case("CDNOW, all", "cdnow", "1997-09-30", 39 * WEEK),
    # Hardly anybody is seen to leave: a falls to 0, and b may be anything.
    Case("Online Retail", "online-retail", "2011-06-09", 26 * WEEK, told=False),
)


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """For each shop the parameters, the time of a fit, and what it forecasts."""
    with one_blas_thread(), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # The peer's search divides by zero.
        for case in CASES:
            panel = panel_of(case.data, folder)
            known = _known(panel, case.cut_off)
            bars.say(f"\n{case.words}: {len(known.again):,} customers until {case.until}")
            for pair in PAIRS:
                _raced(bars, case, pair, known, rounds=1 if quick else 5)
            _forecast(bars, case, panel, known)
        _hard(bars, panel)


def _raced(bars: Bars, case: Case, pair: Pair, known: Known, *, rounds: int) -> None:
    """Interleaved fits of the same customers: the median of the ratios, and the parameters."""
    own, peer = [], []
    for _ in range(rounds):
        began = time.process_time()
        try:
            theirs: Any = pair.theirs(known)
        except (lifetimes.raises(), ValueError) as error:
            bars.say(f"  {pair.name:12} lifetimes raises {type(error).__name__}")
            return
        middle = time.process_time()
        ours = pair.ours(known)
        own.append(time.process_time() - middle)
        peer.append(middle - began)
    ratio = statistics.median(b / a for a, b in zip(own, peer, strict=True))
    bars.say(
        f"  {pair.name:12} ours      {_listed(ours)} in {statistics.median(own):.4f} s\n"
        f"  {'':12} lifetimes {_listed(tuple(theirs.params_))} in {statistics.median(peer):.4f} s"
    )
    label = f"PRED-4-{case.data}-{pair.name}"
    if case is CDNOW:
        off = max(abs(a - b) for a, b in zip(ours, pair.published, strict=True))
        bars.say(f"  {'':12} published {_listed(pair.published)}")
        bars.at_most(f"{label}-off-the-published", off, pair.half)
    if case.told:
        gap = max(abs(a / b - 1) for a, b in zip(ours, theirs.params_, strict=True))
        bars.at_most(f"{label}-off-lifetimes", gap, NEARLY)
    bars.at_least(f"{label}-times-as-fast", ratio, FASTER)


def _forecast(bars: Bars, case: Case, panel: Panel, known: Known) -> None:
    """Order days in the time after it, by each rival and the peer, and by the one chosen before."""
    moment = Moment.of(panel, case.cut_off)
    came = moment.came(panel, days=case.days)
    said = {
        key: model.orders.expected(moment.buying, days=case.days, rate=model.rate(moment.table))
        for key, model in learn_rivals(panel, moment).items()
    }
    theirs = lifetimes.expected(lifetimes.bgnbd(known), known, case.days / WEEK)
    bars.say(f"  orders in the next {case.days:.0f} days: {came.sum():,.0f} came")
    for key, expected in said.items():
        bars.say(f"    {NAMES[key]:54} {_judged(expected, came)}")
    bars.say(f"    {'lifetimes: BG/NBD':54} {_judged(theirs, came)}")
    before = panel.before(case.cut_off)
    served = train_value(before, cut_off=case.cut_off, rng=np.random.default_rng(1))
    if isinstance(served, ValueShortage):
        raise SystemExit(f"{case.words}: {served.words}")
    bars.say(f"    chosen beforehand, by its own exams: {served.chosen.name}")
    rmse = _rmse(said[served.chosen.key], came)
    bars.at_most(f"PRED-4-{case.data}-served-rmse", rmse, _rmse(theirs, came))
    corrected = said["by_orders"]
    if case.rmse:
        bars.at_most(f"PRED-4-{case.data}-corrected-rmse", _rmse(corrected, came), case.rmse)
    off = abs(float(corrected.sum() / came.sum()) - 1)
    bars.at_most(f"PRED-4-{case.data}-corrected-in-all", off, 0.05)


def _hard(bars: Bars, panel: Panel) -> None:
    """A shop where hardly anybody is seen to leave, week by week; a customer of 5,000 orders."""
    raised, lower, weeks = 0, 0, 20
    for week in range(weeks):
        known = _known(panel, day("2011-04-01") + week * WEEK + MOMENT)
        ours = BgNbd.fit(known.orders)
        try:
            theirs = BgNbd(*lifetimes.bgnbd(known).params_)
        except lifetimes.raises():
            raised += 1
        else:
            lower += _likelihood(ours, known) < _likelihood(theirs, known) - NEARLY
    bars.say(
        f"\nOnline Retail at {weeks} ends of a week: lifetimes raises ConvergenceError at {raised};"
        f" ours never, and its likelihood is lower than theirs at {lower}"
    )
    bars.at_most("PRED-4-likelihood-below-lifetimes", lower, 0)
    heavy = Buying(*(np.array([one]) for one in (5_001.0, 39.0, 0.005, 5_001.0, 1.0)))
    expected = float(BgNbd(*PAIRS[0].published).expected(heavy, days=39.0)[0])
    bars.say(f"After 5,000 orders in 39 weeks: {expected:,.0f} in the next 39")
    bars.at_least("PRED-4-finite-at-5000-orders", float(np.isfinite(expected)), 1.0)


def _likelihood(model: BgNbd, known: Known) -> float:
    """Log likelihood of these customers."""
    again = known.again
    stays = -(model.r + again) * np.log(model.alpha + known.orders.tenure)
    gone = np.log(model.a / (model.b + np.maximum(again, 1) - 1))
    left = gone - (model.r + again) * np.log(model.alpha + known.last)
    both = np.where(again > 0, np.logaddexp(stays, left), stays)
    clock = gammaln(model.r + again) - gammaln(model.r) + model.r * np.log(model.alpha)
    chance = betaln(model.a, model.b + again) - betaln(model.a, model.b)
    return float((clock + chance + both).sum())


def _known(panel: Panel, cut_off: float) -> Known:
    """Everyone who had ordered by then."""
    dates = panel.second // 86_400
    first = np.full(panel.n_customers, np.iinfo(np.int64).max)
    np.minimum.at(first, panel.customer, dates)
    opening = buying(panel.take(dates == first[panel.customer]), cut_off=cut_off)
    whole = buying(panel, cut_off=cut_off)
    who = np.flatnonzero(whole.order_days > 0)
    some = whole.take(who)
    weeks = replace(some, tenure=some.tenure / WEEK, silence=some.silence / WEEK)
    return Known(weeks, (some.spend - opening.spend[who]).clip(0) / 100)


def _rmse(said: FloatArray, came: FloatArray) -> float:
    return float(np.sqrt(np.mean((said - came) ** 2)))


def _judged(said: FloatArray, came: FloatArray) -> str:
    most = np.argsort(-said, kind="stable")[: len(said) // 10]
    return (
        f"RMSE {_rmse(said, came):.4f}   MAE {np.abs(said - came).mean():.4f}   "
        f"in all {said.sum() / came.sum() - 1:+.1%}   "
        f"top tenth {came[most].sum() / came.sum():.1%}"
    )


def _listed(figures: tuple[float, ...]) -> str:
    return " · ".join(f"{one:,.4g}" for one in figures)
