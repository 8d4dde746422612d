"""What can be said of when a customer is to be found in the shop, and what they buy next."""

from datetime import datetime

from django.db.models import Q

from catalog.models import Category
from retention.insights.foreseeing import LEAST as LEAST_TOLD
from retention.insights.models import CategoryChance, SendTime, Weekday
from retention.insights.wording_timing import PARTS
from retention.learning.timing.chances import DAYS
from retention.present.templatetags.present import percent

from .expected import EXPECTED
from .facts import unknown_names
from .fields import Number, Options, Several, Text
from .kinds import Kind, Values, Wrongs, declare
from .wording import LEAST, either


def _parts() -> Options:
    return [(name, listed) for name, (_, listed, _) in PARTS.items()]


def _weekdays() -> Options:
    return [(day.name, str(day.label)) for day in Weekday]


def _found(values: Values, at: datetime) -> Q:
    asked = Q()
    if parts := values.get("parts"):
        hours = [hour for part in parts for hour in PARTS[part][2]]
        asked &= Q(hour__in=hours, hour_is_own=True)
    if days := values.get("weekdays"):
        asked &= Q(weekday__in=[Weekday[day] for day in days], weekday_is_own=True)
    return Q(pk__in=SendTime.objects.filter(asked).order_by().values("customer"))


def _words(values: Values) -> tuple[str, str]:
    said = []
    if parts := values.get("parts"):
        said.append(either(PARTS[part][0] for part in parts))
    if days := values.get("weekdays"):
        said.append(f"on {either(str(Weekday[day].label) for day in days)}")
    when = " and ".join(said)
    return f"is usually in the shop {when}", f"is not known to be usually in the shop {when}"


def _wrong(values: Values) -> Wrongs:
    if not any(values.get(name) for name in ("parts", "weekdays")):
        yield "parts", "Say a part of the day or a weekday."


def _told() -> Options:
    """Categories that chances are told of; those of a level, so that there are few."""
    told = CategoryChance.objects.order_by().values("category").distinct()
    paths = Category.objects.filter(pk__in=told).order_by("path").values_list("path", flat=True)
    return [(path, path) for path in paths]


def _likely(values: Values, at: datetime) -> Q:
    chances = CategoryChance.objects.filter(
        category__path=values["category"], probability__gte=values[LEAST]
    )
    return Q(pk__in=chances.order_by().values("customer"))


def _likely_words(values: Values) -> tuple[str, str]:
    said = (
        f"to buy from {values['category']} within {round(DAYS)} days "
        f"({percent(values[LEAST], 0)} or more)"
    )
    return f"is likely {said}", f"is not likely {said}"


def _unlikely(values: Values) -> Wrongs:
    yield from unknown_names(values)
    told = [path for path, _ in _told()]
    if told and values["category"] not in told:
        some = ", ".join(told[:12]) + (f" and {len(told) - 12} more" if len(told) > 12 else "")
        yield "category", f"No chances are told of {values['category']}. They are of {some}."


declare(
    Kind(
        name="likely_category",
        label="Is likely to buy from a category",
        group=EXPECTED,
        fields=(
            Text(name="category", label="category", required=True, suggest=_told),
            Number(
                name=LEAST,
                label="chance at least",
                after=f"% within {round(DAYS)} days",
                least=LEAST_TOLD,
                most=1.0,
                scale=100,
                required=True,
                first=0.3,
            ),
        ),
        where=_likely,
        words=_likely_words,
        wrong=_unlikely,
    ),
    Kind(
        name="send_time",
        label="Is usually in the shop",
        group=EXPECTED,
        fields=(
            Several(name="parts", label="in the", of=_parts, first=["EVENING"]),
            Several(name="weekdays", label="on", of=_weekdays),
        ),
        where=_found,
        words=_words,
        wrong=_wrong,
    ),
)
