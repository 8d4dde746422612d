"""Several answers to the same questions, at several cut-offs, with intervals over customers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.random import Generator

from benchmarks.predicting.windows import Window
from retention.learning.measure import classification as measure
from retention.learning.measure.intervals import Estimate
from retention.learning.panel import FloatArray

Metric = Callable[[measure.Ranked, FloatArray], float]


def level(ranked: measure.Ranked, weights: FloatArray) -> float:
    """How many more were expected to be lost than were, as a share of all."""
    total = weights.sum()
    return float(weights @ (ranked.score - ranked.lost) / total) if total else float("nan")


METRICS: Final[dict[str, Metric]] = {
    "auc": measure.auc,
    "pr_auc": measure.pr_auc,
    "log_loss": measure.log_loss,
    "brier": measure.brier,
    "ece": measure.ece,
    "lift": measure.lift,
    "level": level,
}
_RANK: Final = ("auc", "pr_auc", "lift")
"""What a score that is no probability can be asked."""
_RESAMPLES: Final = 200


@dataclass(frozen=True)
class Contest:
    """figures : (answers, metrics), means over the cut-offs; drawn : the same of each resample."""

    names: tuple[str, ...]
    figures: FloatArray
    drawn: FloatArray

    @classmethod
    def of(
        cls,
        asked: Sequence[Window],
        said: Sequence[dict[str, FloatArray]],
        n_customers: int,
        rng: Generator,
    ) -> Self:
        """asked : windows; said : of each window, what each answer says of its customers."""
        names = tuple(said[0])
        ranked = [
            [measure.Ranked(window.lost, answers[name]) for name in names]
            for window, answers in zip(asked, said, strict=True)
        ]

        def all_figures(weights: FloatArray) -> FloatArray:
            each = [
                [_figures(one, weights[window.customers]) for one in answers]
                for window, answers in zip(asked, ranked, strict=True)
            ]
            mean: FloatArray = np.mean(each, axis=0)
            return mean

        whole = all_figures(np.ones(n_customers))
        drawn = [all_figures(again(n_customers, rng)) for _ in range(_RESAMPLES)]
        return cls(names, whole, np.array(drawn))

    def figure(self, name: str, metric: str) -> Estimate:
        """A metric of one answer."""
        at = self.names.index(name), list(METRICS).index(metric)
        return estimate(self.figures[at], self.drawn[:, *at])

    def over(self, ours: str, theirs: str, metric: str) -> Estimate:
        """Our metric minus theirs, on the same draws."""
        a, b, m = self.names.index(ours), self.names.index(theirs), list(METRICS).index(metric)
        return estimate(
            self.figures[a, m] - self.figures[b, m], self.drawn[:, a, m] - self.drawn[:, b, m]
        )

    def table(self, against: str) -> Iterator[str]:
        """A row an answer, best AUC last, with what one answer is better or worse than it."""
        heads = " ".join(f"{metric:>8}" for metric in METRICS)
        yield f"{'':34} {heads}   {against} against it: auc, log loss"
        for row in np.argsort(self.figures[:, 0], kind="stable").tolist():
            name = self.names[row]
            cells = " ".join(_cell(figure) for figure in self.figures[row])
            gaps = (
                ""
                if name == against
                else "   ".join(
                    _signed(self.over(against, name, metric)) for metric in ("auc", "log_loss")
                )
            )
            yield f"{name:34} {cells}   {gaps}"


def again(n: int, rng: Generator) -> FloatArray:
    """How often each customer is drawn, (n,)."""
    return np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)


def _figures(ranked: measure.Ranked, weights: FloatArray) -> list[float]:
    """Every metric; nan for those that need a probability where the score is none."""
    true = ranked.score.min() >= 0 and ranked.score.max() <= 1
    return [
        metric(ranked, weights) if true or name in _RANK else float("nan")
        for name, metric in METRICS.items()
    ]


def estimate(value: float, drawn: FloatArray) -> Estimate:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))


def _cell(figure: float) -> str:
    return f"{'–':>8}" if np.isnan(figure) else f"{figure:8.4f}"


def _signed(gap: Estimate) -> str:
    if np.isnan(gap.value):
        return f"{'–':>27}"
    return f"{gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
