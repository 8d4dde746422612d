"""A recommendation recipe is chosen on an early window and examined on later ones; in JSON."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from retention.insights.families.family import Progress
from retention.learning.measure.exam import Marks, Paper, papers_of
from retention.learning.measure.intervals import Estimate
from retention.learning.measure.ranking_report import GROUPS, RankingReport
from retention.learning.recommend.candidates import Candidates
from retention.learning.recommend.choosing import RECIPES, Choice, Source, choose, settings
from retention.learning.recommend.protocol import Params

SEED = 1
HORIZON_DAYS = 28
EXAMS: Final = 3
"""Windows that a model is judged on where the history allows; one more, before them, to choose."""
FEWEST_CUSTOMERS = 30
SERVING = "serving"


@dataclass(frozen=True, eq=False)
class Papers:
    """The windows of one training. choosing : None where there is only one window."""

    choosing: Paper | None
    judged: list[Paper]


@dataclass(frozen=True, eq=False)
class Rival:
    """The recipe that serves, and the number of its version."""

    number: int
    recipe: Params


@dataclass(frozen=True, eq=False)
class Examined:
    """The recipe that came out, what it scored, and the candidates that it shares."""

    recipe: Params
    candidates: Candidates
    metrics: dict[str, Any]


def papers(source: Source, *, until_day: float) -> Papers:
    """Raises TooLittleHistory."""
    found = papers_of(
        source.events,
        until_day=until_day,
        horizon_days=HORIZON_DAYS,
        most=EXAMS + 1,
        fewest=FEWEST_CUSTOMERS,
        rng=np.random.default_rng(SEED),
    )
    return Papers(found[0], found[1:]) if len(found) > 1 else Papers(None, found)


def examine(
    source: Source, windows: Papers, rival: Rival | None, *, progress: Progress
) -> Examined:
    """Choose a recipe, and put it, the serving one and recent popularity through one exam.

    One that was chosen must then also beat the serving recipe on the exam, or that is learned
    again: a shop never serves old events because something else was tried.
    """
    recipes = _recipes(rival)
    first, *_ = recipes
    shared = source.candidates(recipes[first])
    choice = Choice(first, ())
    if windows.choosing is not None:
        progress(1, 4, "Choosing the settings")
        choice = choose(source, recipes, shared, windows.choosing, rng=_rng())
    progress(2, 4, "Asking about later days")
    name = choice.name
    sitting = dict.fromkeys((first, name) if rival else (name,))
    candidates = {
        each: shared if each == first else source.candidates(recipes[each]) for each in sitting
    }
    marks = {
        each: source.examine(recipes[each], candidates[each], windows.judged) for each in sitting
    }
    if rival and name != first and not marks[name].ahead_of(marks[first], _rng()).above_zero:
        name = first
    against = (rival.number, marks[first]) if rival else None
    metrics = _metrics(marks[name], source.floor(windows.judged), against) | {
        "windows": [_window(paper) for paper in windows.judged],
        "choice": _told(choice, windows.choosing, chosen=name),
    }
    return Examined(recipes[name], candidates[name], metrics)


def duel(source: Source, windows: Papers, ours: Params, theirs: Params) -> Estimate:
    """nDCG@10 of one recipe less another's, on one exam."""
    one, two = (
        source.examine(recipe, source.candidates(recipe), windows.judged)
        for recipe in (ours, theirs)
    )
    return one.ahead_of(two, _rng())


def _recipes(rival: Rival | None) -> dict[str, Params]:
    """The one to beat first: the serving one, or where nothing serves the standard one."""
    tried = {name: settings({"options": recipe}) for name, recipe in RECIPES.items()}
    if rival is None:
        return tried
    same = next((name for name, recipe in tried.items() if recipe == rival.recipe), SERVING)
    return {same: rival.recipe} | {name: each for name, each in tried.items() if name != same}


def _metrics(ours: Marks, floor: Marks, against: tuple[int, Marks] | None) -> dict[str, Any]:
    metrics = _side(ours) | {
        "answered": ours.answered,
        "popularity": _side(floor),
        "over_popularity": ours.ahead_of(floor, _rng()).as_json(),
        "groups": {name: _group(name, ours, floor, against) for name in GROUPS},
    }
    if against is not None:
        number, theirs = against
        metrics["champion"] = {"number": number, **_side(theirs)}
        metrics["over_champion"] = ours.ahead_of(theirs, _rng()).as_json()
    return metrics


def _group(
    name: str, ours: Marks, floor: Marks, against: tuple[int, Marks] | None
) -> dict[str, Any]:
    """What one group of customers was shown, by each model."""
    own = ours.of_group(name)
    if not len(own):
        return {"customers": 0}
    low = floor.of_group(name)
    group = _side(own) | {
        "popularity": _side(low),
        "over_popularity": own.ahead_of(low, _rng()).as_json(),
    }
    if against is not None:
        theirs = against[1].of_group(name)
        group["champion"] = _side(theirs)
        group["over_champion"] = own.ahead_of(theirs, _rng()).as_json()
    return group


def _side(marks: Marks) -> dict[str, Any]:
    """One model's figures."""
    said = marks.report(_rng())
    found = {each.name: getattr(said, each.name) for each in fields(RankingReport)}
    figures = {name: each.as_json() for name, each in found.items() if isinstance(each, Estimate)}
    return figures | {"customers": said.customers}


def _told(choice: Choice, window: Paper | None, *, chosen: str) -> dict[str, Any]:
    """What was tried on the earlier window: what was ahead there, and what the exam confirmed."""
    return {
        "window": _window(window) if window else None,
        "ahead_there": choice.name,
        "chosen": chosen,
        "trials": [
            {"name": each.name, "ndcg": each.ndcg.as_json(), "ahead": each.ahead.as_json()}
            for each in choice.trials
        ],
    }


def _window(paper: Paper) -> dict[str, Any]:
    return {
        "from": _day(paper.cutoff.at_day),
        "until": _day(paper.cutoff.until_day),
        "customers": len(paper.asked.customers),
    }


def _day(number: float) -> str:
    """Days since 1970 on the shop's clock as a date."""
    return (date(1970, 1, 1) + timedelta(days=int(number))).isoformat()


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)
