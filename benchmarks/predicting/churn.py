"""PRED-1 and PRED-2: the served churn model against boosting, rules of thumb and BG/NBD.

All learn from the same windows, choose their settings on the same last one of them, and are asked
about a later one; three of those a shop. Intervals are over customers, who are drawn whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy.special import expit, logit

from benchmarks.bars import Bars
from benchmarks.predicting import boosters, ebm, groups, reasons
from benchmarks.predicting.contest import Contest
from benchmarks.predicting.data import people_of
from benchmarks.predicting.windows import ALIVE, PARETO_ALIVE, SILENT, Task, Window, rows, task_of
from retention.learning.churn.classifiers import AdditiveLogit
from retention.learning.churn.labels import ChurnDefinition, Outcome
from retention.learning.churn.model import ChurnModel
from retention.learning.churn.quality import evaluate, rules_of_thumb
from retention.learning.churn.training import fit_churn
from retention.learning.panel import FloatArray, Panel
from retention.learning.recommend.threads import one_blas_thread

SERVED: Final = "served: additive"
WITH_ALIVE: Final = "additive, BG/NBD as features"
TOGETHER: Final = "additive and BG/NBD together"
BGNBD: Final = "BG/NBD: no order in H"
RFM: Final = "RFM"
STEP_DAYS: Final = 28
TESTS: Final = 3
TRUE_ENOUGH: Final = 0.03


@dataclass(frozen=True)
class Shop:
    """A data set, what leaving means there, and which bars it is held to."""

    words: str
    data: str
    horizon: int
    steady: bool = True
    """Seasons move little, so that what was true of the window before is true."""
    better: bool = False
    """Boosting is to be beaten beyond its interval, not only to be reached."""

    groups: bool = False
    """It is known of what age and income some customers are."""

    @property
    def definition(self) -> ChurnDefinition:
        return ChurnDefinition(horizon_days=self.horizon)


SHOPS: Final = (
    Shop("Online Retail", "online-retail", 60, steady=False, better=True),
    Shop(
        "Complete Journey (origin disputed, it may be simulated)",
        "complete-journey",
        21,
        groups=True,
    ),
    Shop("CDNOW", "cdnow", 90),
)


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Every shop at three cut-offs; quickly, the first at one."""
    rng = np.random.default_rng(1)
    with one_blas_thread():
        for shop in SHOPS[:1] if quick else SHOPS:
            people, panel = people_of(shop.data, folder)
            tasks = _tasks(panel, shop.definition, 1 if quick else TESTS)
            said = _held(bars, shop, panel, tasks, rng=rng, quick=quick)
            if shop.groups:
                tests = [task.test for task in tasks]
                groups.run(bars, folder, people=people, tests=tests, said=said, rng=rng)
            if shop is SHOPS[0]:
                reasons.run(bars, tasks[-1], shop.definition)


def _tasks(panel: Panel, definition: ChurnDefinition, tests: int) -> list[Task]:
    """The latest tests, 28 days apart, the earliest first."""
    latest = float(np.floor((panel.second.max() + 1) / 86_400)) - definition.horizon_days
    days = [latest - STEP_DAYS * back for back in range(tests - 1, -1, -1)]
    return [task_of(panel, definition, test=day) for day in days]


def _held(
    bars: Bars,
    shop: Shop,
    panel: Panel,
    tasks: list[Task],
    *,
    rng: np.random.Generator,
    quick: bool,
) -> list[FloatArray]:
    """Each bar of a shop; what the served model said at each test."""
    rates = " · ".join(f"{task.test.lost.mean():.2f}" for task in tasks)
    many = " · ".join(f"{len(task.test.lost):,}" for task in tasks)
    bars.say(f"\n{shop.words}: {many} customers asked about, lost {rates} (H {shop.horizon} days)")
    tried = 2 if quick else boosters.TRIED
    settings = {
        library: boosters.tuned(library, tasks[0], tried=tried) for library in boosters.GRIDS
    }
    for library, chosen in settings.items():
        bars.say(f"  {library} tuned before the first test: {chosen}")
    said, alarms = [], []
    for task in tasks:
        model, _ = fit_churn(
            *rows(task.train),
            task.choose.table,
            task.choose.lost,
            definition=shop.definition,
            rng=rng,
        )
        peers = _boosted(task, settings) | ({} if quick else ebm.said(task))
        said.append(_rules(task.test) | _ours(task, model, rng) | peers)
        alarms.append(_alarmed(model, panel, task, rng))
    reasons.told(bars, tasks[-1], model)
    contest = Contest.of([task.test for task in tasks], said, panel.n_customers, rng)
    for line in contest.table(SERVED):
        bars.say(f"  {line}")
    _bars(bars, shop, contest, alarms)
    return [answers[SERVED] for answers in said]


def _rules(test: Window) -> dict[str, FloatArray]:
    """What needs no learning, or only BG/NBD."""
    recency, rfm = rules_of_thumb(test.table)
    return {
        "days since the last order": recency,
        RFM: rfm,
        BGNBD: test.said.column(SILENT),
        "BG/NBD: not alive": 1 - test.said.column(ALIVE),
        "Pareto/NBD: not alive": 1 - test.said.column(PARETO_ALIVE),
    }


def _ours(task: Task, model: ChurnModel, rng: np.random.Generator) -> dict[str, FloatArray]:
    """The served model, alone and helped by BG/NBD."""
    later, test = task.choose, task.test
    helped, _ = fit_churn(
        *rows(task.train, alive=True),
        later.with_alive,
        later.lost,
        definition=model.definition,
        rng=rng,
    )
    silent = np.concatenate([_odds(window) for window in task.known])[:, None]
    lost = np.concatenate([window.lost for window in task.known])
    curve = AdditiveLogit().fit(silent, lost, rng=rng)
    bgnbd = curve.log_odds(_odds(test)[:, None])
    both = expit((model.log_odds(test.table) + bgnbd) / 2)
    return {
        BGNBD + ", calibrated": expit(bgnbd),
        TOGETHER: both,
        WITH_ALIVE: helped.probability(test.with_alive),
        SERVED: model.probability(test.table),
    }


def _boosted(task: Task, settings: Mapping[str, boosters.Settings]) -> dict[str, FloatArray]:
    found = {}
    for library, chosen in settings.items():
        found[f"{library} default"] = boosters.probabilities(library, task, None)
        found[f"{library} tuned"] = boosters.probabilities(library, task, chosen)
    return found


def _alarmed(model: ChurnModel, panel: Panel, task: Task, rng: np.random.Generator) -> bool:
    """Its probabilities are true enough, or it says that they are not."""
    test = Outcome(task.test.cut_off, task.test.customers, task.test.lost)
    quality = evaluate(model, panel, test, rng=rng, resamples=20)
    return quality.overall.ece.value <= TRUE_ENOUGH or bool(quality.alarms)


def _odds(window: Window) -> FloatArray:
    """Of no order within the horizon, by BG/NBD, (n,)."""
    odds: FloatArray = logit(np.clip(window.said.column(SILENT), 1e-6, 1 - 1e-6))
    return odds


def _bars(bars: Bars, shop: Shop, contest: Contest, alarmed: list[bool]) -> None:
    label = f"PRED-1-{shop.data}"
    for library in boosters.GRIDS:
        tuned, default = f"{library} tuned", f"{library} default"
        over = contest.over(SERVED, tuned, "auc")
        if shop.better and library == "LightGBM":
            bars.at_least(f"{label}-auc-over-{library}-tuned-low", over.low, 0.0)
        bars.at_least(f"{label}-auc-over-{library}-tuned-high", over.high, 0.0)
        for metric in ("log_loss", "brier"):
            worse = contest.over(SERVED, tuned, metric)
            if shop.better and library == "LightGBM":
                bars.at_most(f"{label}-{metric}-over-{library}-tuned-high", worse.high, 0.0)
            bars.at_most(f"{label}-{metric}-over-{library}-tuned-low", worse.low, 0.0)
        above = contest.over(SERVED, default, "auc").value
        bars.at_least(f"{label}-auc-over-{library}-default", above, 0.0)
    bars.at_least(f"{label}-auc-over-RFM", contest.over(SERVED, RFM, "auc").value, 0.01)
    bars.at_least(f"{label}-auc-over-BG/NBD", contest.over(SERVED, BGNBD, "auc").value, 0.0)
    label = f"PRED-2-{shop.data}"
    if shop.steady:
        bars.at_most(f"{label}-ece", contest.figure(SERVED, "ece").value, TRUE_ENOUGH)
    bars.at_least(f"{label}-true-or-alarmed", float(np.mean(alarmed)), 1.0)
