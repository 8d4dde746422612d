"""What each customer wants next: several models find it, a learned ranker puts it in order."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from catalog.models import Product
from customers.models import Purpose
from retention.insights.datasets import Facts, local_day
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.families.sanity import not_numbers
from retention.insights.families.smoke import Asked, ask, first_wrong
from retention.insights.families.taste_exam import Rival, duel, examine, papers
from retention.insights.goods import descriptions_of
from retention.insights.judged import in_brackets
from retention.insights.models import Kind
from retention.insights.serving import rival
from retention.learning.measure.ranking import TooLittleHistory
from retention.learning.recommend.choosing import Source, settings
from retention.learning.recommend.content import describe
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.neighbours import ItemNeighbours
from retention.learning.recommend.protocol import Params

TOGETHER: Params = {
    "neighbours": 12,
    "weighting": "cosine",
    "shrinkage": 5.0,
    "half_life_days": 365.0,
}
LEAST_ANSWERED: Final = 0.99
LEAST_COVERAGE: Final = 0.5
"""Of what the serving model shows: below it, most products would be shown to nobody any more."""


class FactorizationFamily:
    """What several models find, in the order a ranker learned; docs/algorithms/hybrid.md."""

    purpose = Purpose.RECOMMENDATION.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Choose settings on an early window, examine them on later ones, learn from everything."""
        source, until = source_of(facts), local_day(at)
        try:
            windows = papers(source, until_day=until)
        except TooLittleHistory as short:
            return TooLittle(str(short))
        found = examine(source, windows, _serving(rival(Kind.FACTORIZATION)), progress=progress)
        progress(3, 4, "Learning from everything")
        served = source.learn(found.recipe, found.candidates, at_day=until)
        return Learned(
            parameters={
                "hybrid": served.params(),
                "exam_day": windows.judged[-1].cutoff.at_day,
                "learned_from": {"kind": facts.taste.kind.name, "stars": facts.taste.stars},
            },
            arrays=served.arrays()
            | _baskets(facts, at)
            | {"products": facts.products.ids, "customers": facts.customers.ids},
            metrics=found.metrics,
            row_counts={
                "events": len(source.events),
                "customers": source.events.n_customers,
                "products": source.events.n_products,
                "test_customers": found.metrics["customers"],
            },
            window=facts.window,
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """Sound, right on the smoke questions, better than what everyone buys, and no worse than
        the serving recipe on one exam."""
        if broken := not_numbers(learned.arrays, unless={"goods"}):
            return Verdict(False, f"Its {broken} are not all numbers.")
        answers = ask(_asked(learned, facts, at))
        refusal = first_wrong(answers) or _unsound(learned, champion)
        verdict = Verdict(False, refusal) if refusal else _against(learned, champion, facts, at)
        return replace(verdict, evidence={"smoke": [each.as_json() for each in answers]})


def _asked(learned: Learned, facts: Facts, at: datetime) -> Asked:
    """The model as it would be read from the disk, and the facts that it is asked about."""

    def title(row: int) -> str:
        return str(Product.objects.get(pk=int(facts.products.ids[row])))

    model = hybrid_of(dict(learned.parameters), dict(learned.arrays))
    return Asked(model, facts.interactions(), local_day(at), title)


def _unsound(learned: Learned, champion: Champion | None) -> str:
    """Why its lists cannot be shown, "" where they can; nan counts as too little."""
    answered = learned.metrics["answered"]
    if not answered >= LEAST_ANSWERED:
        return f"Has nothing to show to {1 - answered:.0%} of the customers asked."
    shows = learned.metrics["coverage"]["value"]
    showed = (champion.metrics.get("coverage") or {}).get("value") if champion else None
    if champion and showed and not shows >= LEAST_COVERAGE * showed:
        words = f"{shows:.1%} of the catalogue where version {champion.number} shows {showed:.1%}"
        return f"Shows {words}."
    floor = learned.metrics["over_popularity"]
    if not floor["low"] > 0:
        return f"Not clearly better than recent popularity (nDCG@10 {in_brackets(floor)})."
    return ""


def _against(learned: Learned, champion: Champion | None, facts: Facts, at: datetime) -> Verdict:
    """Candidate against champion, by their recipes, taught the same days."""
    if champion is None:
        floor = learned.metrics["over_popularity"]
        return Verdict(
            True, f"The first of its kind, better than popularity (nDCG@10 {in_brackets(floor)})."
        )
    ours, theirs = (settings(each.parameters["hybrid"]) for each in (learned, champion))
    if ours == theirs:
        return Verdict(True, "The serving recipe, learned again with newer events.")
    gap = _gap(learned, champion, facts, at)
    words = f"than version {champion.number} (nDCG@10 {in_brackets(gap)})"
    better = gap["low"] > 0
    return Verdict(better, f"{'Better' if better else 'Not better'} {words}.")


def _gap(learned: Learned, champion: Champion, facts: Facts, at: datetime) -> Mapping[str, float]:
    """As the training found it; examined anew where another version has come to serve since."""
    against = learned.metrics.get("champion") or {}
    if against.get("number") == champion.number:
        found: Mapping[str, float] = learned.metrics["over_champion"]
        return found
    source = source_of(facts)
    windows = papers(source, until_day=local_day(at))
    ours, theirs = (settings(each.parameters["hybrid"]) for each in (learned, champion))
    return duel(source, windows, ours, theirs).as_json()


def _serving(champion: Champion | None) -> Rival | None:
    if champion is None:
        return None
    return Rival(champion.number, settings(champion.parameters["hybrid"]))


def source_of(facts: Facts) -> Source:
    """What the models learn from: what customers took, and what the products are."""
    said = descriptions_of(facts.products)
    return Source(facts.interactions(), describe(said), said.prices)


def _baskets(facts: Facts, at: datetime) -> dict[str, Any]:
    """What goes together in a basket, as arrays; none where nobody buys two things at once."""
    baskets = facts.baskets()
    if baskets is None:
        return {}
    together = ItemNeighbours(**TOGETHER).fit(baskets, at_day=local_day(at))
    return {f"baskets.{name}": array for name, array in together.without_histories().items()}


def baskets_of(arrays: dict[str, Any]) -> ItemNeighbours | None:
    """What goes together, from an artifact; None where it holds nothing of the kind."""
    held = {k.partition(".")[2]: v for k, v in arrays.items() if k.startswith("baskets.")}
    return ItemNeighbours.from_arrays(TOGETHER, held) if held else None


def hybrid_of(parameters: dict[str, Any], arrays: dict[str, Any]) -> LearnedHybrid:
    """The model in an artifact."""
    own = {name: each for name, each in arrays.items() if not name.startswith("baskets.")}
    return LearnedHybrid.from_arrays(parameters["hybrid"], own)
