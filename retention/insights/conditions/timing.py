"""What can be said of when a customer is to be found in the shop."""

from datetime import datetime

from django.db.models import Q

from retention.insights.models import SendTime, Weekday
from retention.insights.wording_timing import PARTS

from .expected import EXPECTED
from .fields import Options, Several
from .kinds import Kind, Values, Wrongs, declare
from .wording import either


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


declare(
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
    )
)
