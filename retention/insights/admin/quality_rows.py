"""Where the rows behind a finding are."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import make_aware

from retention.insights.models import DataFinding, Problem
from retention.insights.quality.words_feed import day, monday, run_in_words, spoken
from retention.present.templatetags.present import counted

EVENTS, CUSTOMERS = "admin:customers_event_changelist", "admin:customers_customer_changelist"
AROUND = timedelta(days=7)


@dataclass(frozen=True)
class Link:
    label: str
    url: str


def rows_of(finding: DataFinding) -> list[Link]:
    """Links to the events or customers; where there are many, to the first of them."""
    said, who = finding.evidence, finding.customer
    match Problem(finding.kind):
        case Problem.TILL | Problem.BOT if who:
            page = reverse("admin:customer", args=[who.pk])
            links = [Link("Its events", _events(q=who.external_id)), Link("Its page", page)]
        case Problem.CONTACTS:
            links = [_some(finding.count, said["customers"], CUSTOMERS, "customer")]
        case Problem.GAPS:
            links = [Link(f"Around {run_in_words(run)}", _around(run)) for run in said["runs"]]
        case Problem.CHANGE:
            mondays = dict.fromkeys(monday(week["week"]) for week in said["weeks"])
            links = [Link(f"The week of {spoken(one)}", _between(one, 7)) for one in mondays]
        case Problem.CLOCK:
            links = _clock(said)
        case Problem.UNKNOWN if said["without"]:
            links = [Link("Its events", _events(kind="PURCHASE", product__isnull=1))]
        case _:
            links = [_some(finding.count, said["events"], EVENTS, "event")]
    return links


def _some(count: int, ids: list[int], where: str, what: str) -> Link:
    whole = f"All {counted(count, what)}" if count > 1 else f"The {what}"
    label = whole if count <= len(ids) else f"{len(ids)} of the {what}s"
    return Link(label, f"{reverse(where)}?{urlencode({'id__in': ','.join(map(str, ids))})}")


def _clock(said: dict[str, Any]) -> list[Link]:
    links = []
    if "ahead" in said:
        links.append(Link("Events of clocks ahead", _events(clock_corrected__exact=1)))
    if "far" in said:
        until = day(said["far"]["last_day"] + 1)
        links.append(Link("The early events", _events(occurred_at__lt=_midnight(until))))
    return links


def _around(run: dict[str, int]) -> str:
    first, last = day(run["first"]) - AROUND, day(run["last"]) + AROUND
    return _between(first, (last - first).days)


def _between(first: date, days: int) -> str:
    until = first + timedelta(days=days)
    return _events(occurred_at__gte=_midnight(first), occurred_at__lt=_midnight(until))


def _midnight(at: date) -> str:
    return make_aware(datetime.combine(at, time())).isoformat()


def _events(**query: Any) -> str:
    return f"{reverse(EVENTS)}?{urlencode(query)}"
