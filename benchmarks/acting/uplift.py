"""ACT-5: whom to mail, on Hillstrom's two randomised experiments, against causalml and sklift."""

import csv
import gzip
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.special import expit

from benchmarks.bars import Bars
from retention.learning.churn.classifiers import AdditiveLogit
from retention.learning.decide.uplift import Experiment, fit_uplift
from retention.learning.measure.targeting import effect_scores, qini, qini_difference
from retention.learning.panel import FloatArray
from retention.learning.recommend.threads import one_blas_thread

ARMS: Final = {"women's mail": "Womens E-Mail", "men's mail": "Mens E-Mail"}
OURS, RESPONSE, RISK = "ours", "response", "risk: least likely to come first"
THOUSAND: Final = 1_000
Targeting = Callable[[Experiment, FloatArray], dict[str, FloatArray]]


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Half learned from, half judged on, ten times; the same effects for every targeting."""
    with one_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The peers' dependencies warn.
        for words, arm in ARMS.items():
            _contest(bars, words, _read(folder / "hillstrom_email.csv.gz", arm), quick=quick)


def _contest(bars: Bars, words: str, seen: Experiment, *, quick: bool) -> None:
    splits = 1 if quick else 10
    areas: dict[str, list[float]] = {}
    gaps = []
    for split in range(splits):
        rng = np.random.default_rng(split)
        half = rng.random(len(seen)) < 0.5
        effects = _effects(seen, rng)[~half]
        said = _said(seen.of(half), seen.x[~half], rng)
        for name, score in said.items():
            areas.setdefault(name, []).append(THOUSAND * qini(score, effects).value)
        gap = qini_difference(said[OURS], said[RESPONSE], effects)
        gaps.append((THOUSAND * gap.value, THOUSAND * (gap.high - gap.value)))
        noise = THOUSAND * (qini(said[OURS], effects).high - qini(said[OURS], effects).value)
    bars.say(f"\nHillstrom, {words} against none, {len(seen):,} customers, {splits} splits")
    bars.say(f"  Qini x 1,000 of visits on the half held out; ± {noise:.1f} on one split")
    for name, found in sorted(areas.items(), key=lambda item: -float(np.mean(item[1]))):
        spread = f", sd between splits {np.std(found):.2f}" if splits > 1 else ""
        bars.say(f"  {name:44} {np.mean(found):6.2f}{spread}")
    peers = [float(np.mean(found)) for name, found in areas.items() if ":" in name and name != RISK]
    bars.at_least(
        f"ACT-5 {words}: Qini x 1,000 (best peer's)", float(np.mean(areas[OURS])), max(peers)
    )
    behind, allowed = np.mean(gaps, axis=0)
    bars.at_least(f"ACT-5 {words}: against response, x 1,000", float(behind), -float(allowed))


def _effects(seen: Experiment, rng: np.random.Generator) -> FloatArray:
    """Doubly robust effects of everyone, by models of two folds that are nobody's own."""
    base, offered = np.empty(len(seen)), np.empty(len(seen))
    fold = rng.integers(5, size=len(seen))
    for number in range(5):
        out = fold == number
        for arm, into in ((~seen.treated, base), (seen.treated, offered)):
            rows = arm & ~out
            model = AdditiveLogit().fit(seen.x[rows], seen.kept[rows], rng=rng)
            into[out] = expit(model.log_odds(seen.x[out]))
    return effect_scores(
        seen.kept.astype(np.float64),
        seen.treated,
        seen.probability,
        expected=offered,
        expected_control=base,
    )


def _said(known: Experiment, x: FloatArray, rng: np.random.Generator) -> dict[str, FloatArray]:
    model = fit_uplift(known, rng=rng)
    base, offered = model.arms.shares(x)
    return {OURS: model.score(x), RESPONSE: offered, RISK: -base} | _peers(known, x)


def _peers(known: Experiment, x: FloatArray) -> dict[str, FloatArray]:
    """Their learners on boosting, set by hand against overfitting, and on logistic regression."""
    from causalml.inference.meta import BaseTClassifier, BaseXClassifier
    from lightgbm import LGBMClassifier, LGBMRegressor
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklift.models import ClassTransformation, SoloModel, TwoModels

    def boosted() -> Any:
        return LGBMClassifier(
            n_estimators=100, learning_rate=0.05, num_leaves=7, min_child_samples=200, verbose=-1,
            n_jobs=1, random_state=0,
        )  # fmt: skip

    def line() -> Any:
        return LogisticRegression(max_iter=1_000)

    centre, scale = known.x.mean(axis=0), known.x.std(axis=0)
    ours, theirs = (known.x - centre) / scale, (x - centre) / scale
    kept, treated = known.kept.astype(int), known.treated.astype(int)
    said = {}
    for name, learner, regressor in (
        ("boosting", boosted, LGBMRegressor(n_estimators=100, learning_rate=0.05, num_leaves=7,
                                            min_child_samples=200, verbose=-1, n_jobs=1)),
        ("logistic", line, LinearRegression()),
    ):  # fmt: skip
        t = BaseTClassifier(learner=learner(), control_name=0)
        t.fit(ours, treated, kept)
        said[f"causalml: T, {name}"] = t.predict(theirs)[:, 0]
        both = BaseXClassifier(outcome_learner=learner(), effect_learner=regressor, control_name=0)
        chance = np.full(len(ours), 0.5)
        both.fit(ours, treated, kept, p=chance)
        said[f"causalml: X, {name}"] = both.predict(theirs, p=np.full(len(theirs), 0.5))[:, 0]
        for label, peer in (
            ("solo", SoloModel(learner())),
            ("two models", TwoModels(learner(), learner())),
            ("class transformation", ClassTransformation(learner())),
        ):
            peer.fit(ours, kept, treated)
            said[f"sklift: {label}, {name}"] = peer.predict(theirs)
    return said


def _read(file: Path, arm: str) -> Experiment:
    with gzip.open(file, "rt") as text:
        rows = [row for row in csv.DictReader(text) if row["segment"] in (arm, "No E-Mail")]
    x = np.array([
        [
            float(row["recency"]), float(row["history"]), float(row["mens"]),
            float(row["womens"]), float(row["newbie"]),
            row["zip_code"] == "Rural", row["zip_code"] == "Urban",
            row["channel"] == "Phone", row["channel"] == "Web",
        ]
        for row in rows
    ], dtype=np.float64)  # fmt: skip
    treated = np.array([row["segment"] == arm for row in rows])
    kept = np.array([row["visit"] == "1" for row in rows])
    return Experiment(x, treated, np.full(len(rows), 0.5), kept)
