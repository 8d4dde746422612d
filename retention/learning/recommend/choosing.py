"""Which settings suit a shop, chosen on an earlier window than those the choice is judged on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from numpy.random import Generator

from retention.learning.interactions import DoubleArray, FloatArray, IntArray, Interactions
from retention.learning.measure.exam import ASKED_FOR, Marks, Paper, sit
from retention.learning.measure.intervals import Estimate
from retention.learning.recommend.candidates import Candidates
from retention.learning.recommend.hybrid import Hybrid
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.popularity import RecentPopularity
from retention.learning.recommend.protocol import Params, options

TRIAL_ROWS: Final = 20_000
"""Examples that a ranker learns from where recipes are only compared with each other."""


def rhythm(times: float) -> dict[str, Params]:
    """Options of models that remember so many times as long as the standard ones."""
    fading = ("half_life_days", "history_half_life_days")
    return {
        name: {key: getattr(kind(), key) * times for key in fading if hasattr(kind(), key)}
        for name, kind in Hybrid.KINDS.items()
        if name != "popularity"
    }


RECIPES: Final[Mapping[str, dict[str, Params]]] = {
    "standard": {},
    "quick": rhythm(1 / 3),
    "slow": rhythm(3.0),
}
"""What is tried, as options of LearnedHybrid: how fast what people did stops counting."""


def settings(recipe: Params | None = None) -> Params:
    """A recipe with every option in it, so that two can be held against each other."""
    model = LearnedHybrid(**(recipe or {}))
    own = {name: kind(**model.options.get(name, {})) for name, kind in Hybrid.KINDS.items()}
    return options(model) | {"options": {name: options(each) for name, each in own.items()}}


@dataclass(frozen=True, eq=False)
class Source:
    """What a shop's models learn from. content, prices : as LearnedHybrid takes them."""

    events: Interactions
    content: FloatArray | None = None
    prices: DoubleArray | None = None

    def candidates(self, recipe: Params) -> Candidates:
        """Candidate models of a recipe, to be shared by several fits."""
        return Candidates.of(self.events, self.content, recipe)

    def learn(self, recipe: Params, candidates: Candidates, *, at_day: float) -> LearnedHybrid:
        """A recipe taught what came before a day."""
        return LearnedHybrid(**recipe).fit(
            self.events,
            at_day=at_day,
            content=self.content,
            prices=self.prices,
            candidates=candidates,
        )

    def examine(self, recipe: Params, candidates: Candidates, papers: list[Paper]) -> Marks:
        """What a recipe scores on windows, taught anew before each."""

        def lists(paper: Paper) -> IntArray:
            model = self.learn(recipe, candidates, at_day=paper.cutoff.at_day)
            return model.recommend(paper.asked.customers, k=ASKED_FOR)[0]

        return sit(papers, lists, content=self.content)

    def floor(self, papers: list[Paper]) -> Marks:
        """What recent popularity scores on them: the same list for everyone."""

        def lists(paper: Paper) -> IntArray:
            model = RecentPopularity().fit(self.events, at_day=paper.cutoff.at_day)
            return model.recommend(paper.asked.customers, k=ASKED_FOR)[0]

        return sit(papers, lists, content=self.content)


@dataclass(frozen=True)
class Trial:
    """What a recipe scored where recipes were chosen. ahead : of the one to beat, paired."""

    name: str
    ndcg: Estimate
    ahead: Estimate


@dataclass(frozen=True)
class Choice:
    """The recipe that was chosen, and all that were tried, the one to beat first."""

    name: str
    trials: tuple[Trial, ...]


def choose(
    source: Source,
    recipes: Mapping[str, Params],
    shared: Candidates,
    paper: Paper,
    *,
    rng: Generator,
) -> Choice:
    """The best of those that are ahead of the first by more than chance; else the first.

    recipes : whole, as `settings` gives them. shared : the candidates of the first.
    """
    first, *_ = recipes
    marks = {
        name: source.examine(
            recipe | {"max_rows": TRIAL_ROWS},
            shared if name == first else source.candidates(recipe),
            [paper],
        )
        for name, recipe in recipes.items()
    }
    trials = tuple(
        Trial(name, each.report(rng).ndcg, each.ahead_of(marks[first], rng))
        for name, each in marks.items()
    )
    better = [trial for trial in trials if trial.ahead.above_zero]
    best = max(better, key=lambda trial: trial.ndcg.value, default=trials[0])
    return Choice(best.name, trials)
