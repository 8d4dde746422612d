"""What the nightly watch saw of a model, read back from the figures that it stored."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from math import isnan, nan
from typing import Any, Final

from retention.insights.judged import Figure, ends
from retention.insights.models import ModelVersion, ModelWatch, TrainingRun
from retention.learning.churn import watching
from retention.learning.churn.following import SPECS
from retention.learning.churn.watching import Decay
from retention.learning.measure.stability import MUCH, Stability
from retention.present.templatetags.present import money, percent

A_NIGHT: Final = timedelta(days=1)
SHOWN: Final = 120
"""So many nights are drawn."""
NAMED: Final = 3
"""So many features that moved are named in a sentence."""


class Moved(watching.Moved):
    """The same in words."""

    def say(self, value: float) -> str:
        return "not known" if isnan(value) else self.spec.say(value, money=money)

    @property
    def sentence(self) -> str:
        """ "Days since the last order: 27 days in the middle, 14 days in the exam"."""
        if abs(self.missing_now - self.missing_before) > 0.1:
            then, now = percent(self.missing_before, 0), percent(self.missing_now, 0)
            return f"{self.spec.label}: not known of {now}, of {then} in the exam"
        now, then = self.say(self.now), self.say(self.before)
        if now == then:
            return f"{self.spec.label}: spread otherwise around {now}"
        return f"{self.spec.label}: {now} in the middle, {then} in the exam"


def newest_watch(version: ModelVersion) -> ModelWatch | None:
    """The last night on which this version was looked at; None where there was none."""
    return ModelWatch.objects.filter(version=version).order_by("-on").first()


def decayed() -> ModelWatch | None:
    """The last night of a model that serves now, where something was wrong then."""
    serving = ModelWatch.objects.filter(version__state=ModelVersion.State.CHAMPION)
    last = serving.select_related("version").order_by("-on").first()
    return last if last and last.decays else None


def nights(watch: ModelWatch) -> list[ModelWatch]:
    """The nights of this kind until this one, oldest first, whichever version served."""
    before = ModelWatch.objects.filter(kind=watch.kind, on__lte=watch.on)
    return list(before.order_by("-on")[:SHOWN])[::-1]


def learned_since(watch: ModelWatch) -> TrainingRun | None:
    """The newest training that has seen what this night saw and ended; None where there is none."""
    ended = (TrainingRun.State.DONE, TrainingRun.State.NOT_ENOUGH_DATA)
    seen = TrainingRun.objects.filter(
        kind=watch.kind, state__in=ended, learned_at__gt=watch.watched_at - A_NIGHT
    )
    return seen.select_related("version").order_by("-pk").first()


def moved(watch: ModelWatch) -> list[Moved]:
    """The features that moved beyond chance, the one that pushes predictions most first."""
    found = [_moved(one) for one in watch.figures["features"] if one["feature"] in SPECS]
    return [one for one in found if one.stability.moved]


def sentences(watch: ModelWatch) -> list[str]:
    """What is wrong, a sentence each; none where nothing is."""
    say = {
        Decay.LEVEL: _level,
        Decay.RANKING: _ranking,
        Decay.OTHER_CUSTOMERS: _other_customers,
    }
    return [say[Decay(decay)](watch) for decay in watch.decays]


def _level(watch: ModelWatch) -> str:
    matured = watch.figures["matured"]
    happened, low, high = (percent(end, 0) for end in ends(matured["happened"]))
    on = date.fromisoformat(matured["predicted_on"])
    return (
        f"Of the {matured['customers']:,} customers of {on:%-d %B} it expected "
        f"{percent(matured['said'], 0)} to leave, and {happened} did ({low} to {high}): its "
        "percentages do not hold now, its order of customers may."
    )


def _ranking(watch: ModelWatch) -> str:
    return (
        "It tells apart who leaves less well than in its exam: AUC "
        f"{_interval(watch.figures['matured']['auc'])} where "
        f"{_interval(watch.figures['promised'])} was measured."
    )


def _other_customers(watch: ModelWatch) -> str:
    index = watch.figures["scores"]["index"]
    named = "; ".join(_told(watch))
    return (
        f"Its scores lie elsewhere than in its exam: stability index {index:.2f}, and from "
        f"{MUCH} on these are other customers."
    ) + (f" What moved most: {named}." if named else "")


def _told(watch: ModelWatch) -> Iterator[str]:
    for one in moved(watch)[:NAMED]:
        yield one.sentence[0].lower() + one.sentence[1:]


def _moved(stored: Mapping[str, Any]) -> Moved:
    return Moved(
        spec=SPECS[stored["feature"]],
        stability=Stability(stored["index"], stored["chance"]),
        push=stored["push"],
        before=_number(stored["before"]),
        now=_number(stored["now"]),
        missing_before=stored["missing_before"],
        missing_now=stored["missing_now"],
    )


def _number(value: float | None) -> float:
    return nan if value is None else value


def _interval(figure: Figure) -> str:
    value, low, high = ends(figure)
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
