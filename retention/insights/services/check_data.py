from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count
from django.db.models.functions import Length

from catalog.models import Product
from customers.duplicates import SHORTEST_PHONE
from customers.models import Customer, CustomerContact, Event
from retention.insights.datasets import Logged, local_day, moment_on_the_clock, read_log
from retention.insights.families.family import Progress, silent
from retention.insights.models import DataCheck, DataFinding
from retention.insights.publishing import publish_check
from retention.insights.selectors import QUIET
from retention.learning.panel import IntArray, Kind
from retention.learning.quality.accounts import sounds_like_no_person
from retention.learning.quality.checking import check, severity
from retention.learning.quality.log import Found, Problem, part

EXAMPLES = 50
FETCHED = 20_000


def check_data(*, at: datetime, progress: Progress = silent) -> DataCheck:
    """Look through everything known at a moment, and leave what was found in place of the last.

    What operators have cleaned away is not found again.
    """
    progress(0, 3, "Reading events")
    read = read_log(before=at)
    progress(1, 3, "Looking for what misleads models")
    rows = [_row(each, read, at) for each in find_problems(read, today=_today(at))]
    progress(2, 3, "Writing findings")
    return publish_check(_summary(read, at), rows)


def find_problems(read: Logged, *, today: int | None = None) -> list[Found]:
    """What is wrong with what was read, and with the contacts beside it."""
    found = check(read.log, named=_named(), bare=_known_by_id_only(), today=today)
    return [*found, *_shared_contacts()]


def _today(at: datetime) -> int | None:
    """The day since 1970 until which events are expected; None where the newest came long after it
    happened: an export of the past ends where it ends."""
    newest = Event.objects.filter(occurred_at__lt=at).order_by("-occurred_at").first()
    if newest is None or newest.received_at - newest.occurred_at > QUIET:
        return None
    return int(local_day(at))


def _named() -> IntArray:
    """Customers whose id is made of words for tills and tests."""
    ids = Customer.objects.present().values_list("pk", "external_id").iterator(chunk_size=FETCHED)
    return np.array([pk for pk, name in ids if sounds_like_no_person(name)], dtype=np.int64)


def _known_by_id_only() -> set[int]:
    bare = Product.objects.filter(title="", category=None, price=None)
    return set(bare.values_list("pk", flat=True))


def _shared_contacts() -> Iterator[Found]:
    """Customers with one e-mail address or one phone number. The words stay in the database."""
    emails, phones = _sharing("email_key"), _sharing("phone_key")
    sharing = sorted(set(emails) | set(phones))
    if sharing:
        customers = Customer.objects.count_present()
        yield Found(
            Problem.CONTACTS,
            part(len(sharing), customers),
            len(sharing),
            customers,
            evidence={
                "emails": len(emails),
                "phones": len(phones),
                "customers": sharing[:EXAMPLES],
            },
        )


def _sharing(field: str) -> list[int]:
    """The customers who are not alone with what stands in a field of their contact."""
    known = CustomerContact.objects.exclude(**{field: ""})
    if field == "phone_key":
        known = known.annotate(digits=Length(field)).filter(digits__gte=SHORTEST_PHONE)
    words = known.values(field).annotate(n=Count("pk")).filter(n__gt=1).values(field)
    return list(known.filter(**{f"{field}__in": words}).values_list("customer_id", flat=True))


def _row(found: Found, read: Logged, at: datetime) -> DataFinding:
    return DataFinding(
        kind=found.problem.value,
        severity=severity(found).value,
        share=found.share,
        count=found.count,
        of=found.of,
        customer_id=found.customer,
        evidence=_with_codes(found, read),
        first_at=_moment(found.first),
        last_at=_moment(found.last),
        found_at=at,
    )


def _with_codes(found: Found, read: Logged) -> dict[str, Any]:
    """Currencies by their code instead of their number."""
    if found.problem is not Problem.CURRENCIES:
        return found.evidence
    lines = {read.currencies[int(number)]: n for number, n in found.evidence["lines"].items()}
    return found.evidence | {"lines": lines, "most": read.currencies[found.evidence["most"]]}


def _moment(second: int | None) -> datetime | None:
    return None if second is None else moment_on_the_clock(second)


def _summary(read: Logged, at: datetime) -> DataCheck:
    log = read.log
    bought = log.of(Kind.PURCHASE)
    return DataCheck(
        pk=1,
        checked_at=at,
        events=len(log) + read.left_out.events,
        learned=int(log.learned.sum()),
        customers=len(np.unique(log.customer[log.learned])),
        revenue=int(bought.amount.sum()),
        left_out=read.left_out.as_json(),
    )
