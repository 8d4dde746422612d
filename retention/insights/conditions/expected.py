"""What can be said of what was learned about a customer: risk, value, segments."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache

from django.db.models import Q

from retention.insights.models import Band, ChurnScore, Segment, SegmentMembership
from retention.present.templatetags.present import money, percent

from .facts import LONGEST, wants_a_bound, wants_one_of
from .fields import Money, Number, One, Options, Several, Whole
from .kinds import Kind, Values, Wrongs, declare
from .wording import LEAST, MOST, either, much

EXPECTED = "What we expect of them"
SEPARATOR = "/"


def _read() -> list[Segment]:
    """Segments that a training made. A rule about a rule could be about itself."""
    return list(Segment.objects.exclude(kind=Segment.Kind.RULE).order_by("kind", "name"))


_learned: ContextVar[Callable[[], list[Segment]]] = ContextVar("learned segments", default=_read)


@contextmanager
def segments_read_once() -> Iterator[None]:
    """Inside, many rules are read and told in words with one query for the segments they name."""
    before = _learned.set(cache(_read))
    try:
        yield
    finally:
        _learned.reset(before)


def segment_options() -> Options:
    return [
        (name_of(one), f"{one.get_kind_display()}: {one.name}{'' if one.size else ' (nobody now)'}")
        for one in _learned.get()()
    ]


def name_of(segment: Segment) -> str:
    """The name by which rules know a segment, "RFM/AT_RISK": it survives a training."""
    return f"{segment.kind}{SEPARATOR}{segment.key}"


def _scored(**asked: object) -> Q:
    return Q(pk__in=ChurnScore.objects.filter(**asked).order_by().values("customer"))


def _risk(values: Values, at: datetime) -> Q:
    asked = {"churn_probability__gt": values.get("above")}
    asked |= {"churn_probability__lt": values.get("below")}
    return _scored(**{field: value for field, value in asked.items() if value is not None})


def _risk_words(values: Values) -> tuple[str, str]:
    above, below = values.get("above"), values.get("below")
    parts = [f"above {percent(above, 0)}"] if above is not None else []
    parts += [f"below {percent(below, 0)}"] if below is not None else []
    said = " and ".join(parts)
    return f"has a risk of leaving {said}", f"does not have a risk of leaving {said}"


def _wants_a_share(values: Values) -> Wrongs:
    return wants_one_of(values, "above", "below")


def _value(values: Values, at: datetime) -> Q:
    asked = {"predicted_clv__gte": values.get(LEAST), "predicted_clv__lte": values.get(MOST)}
    return _scored(**{field: value for field, value in asked.items() if value is not None})


def _value_words(values: Values) -> tuple[str, str]:
    said = f"{much(values, money)} in the coming year"
    return f"is expected to spend {said}", f"is not expected to spend {said}"


def _band_words(values: Values) -> tuple[str, str]:
    names = either(str(Band(band).label).lower() for band in values["bands"])
    return f"is at {names}", f"is not at {names}"


def _members(values: Values) -> Q:
    kind, _, key = values["segment"].partition(SEPARATOR)
    return Q(segment__kind=kind, segment__key=key)


def _in_segment(values: Values, at: datetime) -> Q:
    members = SegmentMembership.objects.current().filter(_members(values))
    return Q(pk__in=members.values("customer"))


def _left_segment(values: Values, at: datetime) -> Q:
    since = at - timedelta(days=values["days"])
    left = SegmentMembership.objects.filter(_members(values), left_at__gte=since)
    return Q(pk__in=left.values("customer")) & ~_in_segment(values, at)


def _called(values: Values) -> str:
    asked: str = values["segment"]
    return next((str(one) for one in _learned.get()() if name_of(one) == asked), asked)


def _left_words(values: Values) -> tuple[str, str]:
    days = "day" if values["days"] == 1 else f"{values['days']:,} days"
    said = f"the segment {_called(values)} in the last {days}"
    return f"left {said}", f"did not leave {said}"


SEGMENT = One(name="segment", required=True, of=segment_options, fixed=False)
declare(
    Kind(
        name="risk",
        label="Risk of leaving",
        group=EXPECTED,
        fields=(
            Number(name="above", label="above", after="%", most=1.0, scale=100, first=0.6),
            Number(name="below", label="below", after="%", most=1.0, scale=100),
        ),
        where=_risk,
        words=_risk_words,
        wrong=_wants_a_share,
    ),
    Kind(
        name="band",
        label="Churn band",
        group=EXPECTED,
        fields=(
            Several(
                name="bands",
                required=True,
                of=lambda: [(band.value, str(band.label)) for band in Band],
                first=["HIGH"],
            ),
        ),
        where=lambda values, at: _scored(churn_band__in=values["bands"]),
        words=_band_words,
    ),
    Kind(
        name="value",
        label="Expected spend in a year",
        group=EXPECTED,
        fields=(
            Money(name=LEAST, label="at least", first=10_000),
            Money(name=MOST, label="at most"),
        ),
        where=_value,
        words=_value_words,
        wrong=wants_a_bound,
    ),
    Kind(
        name="segment",
        label="Is in a segment",
        group=EXPECTED,
        fields=(SEGMENT,),
        where=_in_segment,
        words=lambda values: (
            f"is in the segment {_called(values)}",
            f"is not in the segment {_called(values)}",
        ),
    ),
    Kind(
        name="left_segment",
        label="Left a segment",
        group=EXPECTED,
        fields=(
            SEGMENT,
            Whole(
                name="days",
                label="in the last",
                after="days",
                least=1,
                most=LONGEST,
                required=True,
                first=30,
            ),
        ),
        where=_left_segment,
        words=_left_words,
    ),
)
