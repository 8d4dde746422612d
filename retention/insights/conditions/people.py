"""What can be said of who a customer is: where they come from and what they agreed to."""

from datetime import datetime, timedelta

from django.db.models import Q

from customers.models import Consent, CustomerIdentity, Purpose

from .facts import LONGEST, bounds, wants_a_bound
from .fields import One, Options, Text, Words
from .kinds import Kind, Values, declare
from .wording import LEAST, MOST, either, many

PEOPLE = "Who they are"
SUGGESTED = 50


def _sources() -> Options:
    found = CustomerIdentity.objects.order_by("source").values_list("source", flat=True).distinct()
    return [(source, source) for source in found[:SUGGESTED]]


def _purposes() -> Options:
    return [(purpose.value, str(purpose.label)) for purpose in Purpose]


def _known_in(values: Values, at: datetime) -> Q:
    known = CustomerIdentity.objects.filter(source=values["source"])
    return Q(pk__in=known.values("customer"))


def _in_country(values: Values, at: datetime) -> Q:
    found = Q()
    for country in values["countries"]:
        found |= Q(locale__iendswith=f"-{country}") | Q(locale__iendswith=f"_{country}")
    return found


def _speaks(values: Values, at: datetime) -> Q:
    found = Q()
    for language in values["languages"]:
        found |= Q(locale__iexact=language)
        found |= Q(locale__istartswith=f"{language}-") | Q(locale__istartswith=f"{language}_")
    return found


def _last_seen(values: Values, at: datetime) -> Q:
    found = Q(last_seen_at__isnull=False)
    if (least := values.get(LEAST)) is not None:
        found &= Q(last_seen_at__lte=at - timedelta(days=least))
    if (most := values.get(MOST)) is not None:
        found &= Q(last_seen_at__gte=at - timedelta(days=most))
    return found


def _agreed(values: Values, at: datetime) -> Q:
    said = Consent.objects.filter(purpose=values["purpose"], granted=True, is_current=True)
    return Q(pk__in=said.values("customer"))


def _agreed_words(values: Values) -> tuple[str, str]:
    purpose = str(Purpose(values["purpose"]).label).lower()
    return f"agreed to {purpose}", f"did not agree to {purpose}"


def _last_seen_words(values: Values) -> tuple[str, str]:
    said = f"{many(values, 'day', 'days')} ago"
    return f"was last seen {said}", f"was not last seen {said}"


declare(
    Kind(
        name="last_seen",
        label="Days since anything happened",
        group=PEOPLE,
        fields=bounds(30, after="days ago", most=LONGEST),
        where=_last_seen,
        words=_last_seen_words,
        wrong=wants_a_bound,
    ),
    Kind(
        name="source",
        label="Known in a source",
        group=PEOPLE,
        fields=(Text(name="source", required=True, suggest=_sources),),
        where=_known_in,
        words=lambda values: (
            f"is known in {values['source']}",
            f"is not known in {values['source']}",
        ),
    ),
    Kind(
        name="country",
        label="Country",
        group=PEOPLE,
        fields=(Words(name="countries", label="is one of", after="as GB, FR", required=True),),
        where=_in_country,
        words=lambda values: (
            f"is from {either(values['countries'])}",
            f"is not from {either(values['countries'])}",
        ),
    ),
    Kind(
        name="language",
        label="Language",
        group=PEOPLE,
        fields=(Words(name="languages", label="is one of", after="as en, fr", required=True),),
        where=_speaks,
        words=lambda values: (
            f"speaks {either(values['languages'])}",
            f"does not speak {either(values['languages'])}",
        ),
    ),
    Kind(
        name="agreed",
        label="Agreed to",
        group=PEOPLE,
        fields=(One(name="purpose", required=True, of=_purposes, first="MARKETING"),),
        where=_agreed,
        words=_agreed_words,
    ),
)
