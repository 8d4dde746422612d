"""What can be said of a customer's RFM scores."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from retention.insights.models import RfmScore
from retention.insights.models.rfm import LABELS, STATES
from retention.insights.months import MONTHS

from .expected import EXPECTED
from .fields import Number, Options, Several, Whole
from .kinds import Kind, Values, Wrongs, declare
from .wording import LEAST, MOST, either

SCORES = {"recency": "how lately", "frequency": "how often", "money": "for how much"}


def _fifths() -> Options:
    labels = {1: "1, the lowest fifth", 5: "5, the highest fifth"}
    return [(str(score), labels.get(score, str(score))) for score in range(1, 6)]


def _asked(values: Values) -> dict[str, Any]:
    return {name: [int(one) for one in values.get(name, ())] for name in SCORES}


def _scored(values: Values, at: datetime) -> Q:
    rows = RfmScore.objects.within(
        **_asked(values), worth_from=values.get(LEAST), worth_to=values.get(MOST)
    )
    return Q(pk__in=rows.order_by().values("customer"))


def _words(values: Values) -> tuple[str, str]:
    parts = [f"{name} {either(values[name])}" for name in SCORES if values.get(name)]
    least, most = values.get(LEAST), values.get(MOST)
    if least is not None or most is not None:
        parts.append(f"frequency and money together {_between(least, most)}")
    said = f"the RFM scores {', '.join(parts)}"
    return f"has {said}", f"does not have {said}"


def _between(least: float | None, most: float | None) -> str:
    if least is None:
        return f"at most {most:g}"
    if most is None:
        return f"at least {least:g}"
    return f"{least:g}" if least == most else f"{least:g} to {most:g}"


def _wrong(values: Values) -> Wrongs:
    least, most = values.get(LEAST), values.get(MOST)
    if not any(values.get(name) for name in (*SCORES, LEAST, MOST)):
        yield "recency", "Say at least one of the scores."
    elif least is not None and most is not None and least > most:
        yield MOST, f"{most:g} is less than the {least:g} before it."


def _names() -> Options:
    return list(LABELS.items())


def _named(values: Values, at: datetime) -> Q:
    letters = [STATES[name] for name in values["names"]]
    rows = RfmScore.objects.spelt(letters, back=values.get("months", 0))
    return Q(pk__in=rows.order_by().values("customer"))


def _named_words(values: Values) -> tuple[str, str]:
    names = either(LABELS[name] for name in values["names"])
    match values.get("months", 0):
        case 0:
            return f"is {names} by RFM", f"is not {names} by RFM"
        case 1:
            when = "at the start of this month"
        case 2:
            when = "at the start of last month"
        case months:
            when = f"at the start of the month {months - 1} months ago"
    return f"was {names} by RFM {when}", f"was not {names} by RFM {when}"


declare(
    Kind(
        name="rfm_name",
        label="RFM name, now or then",
        group=EXPECTED,
        fields=(
            Several(name="names", required=True, of=_names, first=["CHAMPIONS"]),
            Whole(
                name="months",
                label="so many starts of a month ago",
                after="(empty: now)",
                least=0,
                most=MONTHS - 1,
            ),
        ),
        where=_named,
        words=_named_words,
    ),
    Kind(
        name="rfm",
        label="RFM scores",
        group=EXPECTED,
        fields=(
            *(
                Several(name=name, label=f"{name.capitalize()}, {words}", of=_fifths)
                for name, words in SCORES.items()
            ),
            Number(name=LEAST, label="frequency and money together, at least", least=1.0, most=5.0),
            Number(name=MOST, label="at most", least=1.0, most=5.0),
        ),
        where=_scored,
        words=_words,
        wrong=_wrong,
    ),
)
