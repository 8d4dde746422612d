"""What all campaigns together earned, and the ledger: what each cost, earned and taught."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from campaigns.models import Campaign, Measurement
from campaigns.selectors.earned import MonthOfMetric, Programme, programme
from campaigns.selectors.effects import direction_of
from campaigns.selectors.ledger import COUNTED, Entry, Sums, entries_of, sums
from campaigns.selectors.verdict import Answer
from retention.present.charts import Effect as Drawn
from retention.present.charts import Series, intervals, line
from retention.present.currencies import minor_digits
from retention.present.lists import CappedPaginator
from retention.present.moments import day
from retention.present.spreadsheet import Cell, as_csv
from retention.present.templatetags.present import (
    badge,
    compact_money,
    money,
    number,
    signed_money,
)

from .figures import TONES
from .pictures import NOTES, Measure, form_of

VIEW = "campaigns.view_campaign"
IN_A_PAGE = 50
Metric = Measurement.Metric
LOOKS = {"EARNED": "good", "LOST": "bad", "BROKEN": "bad"}
WORDS = {
    Answer.NOTHING: "Not measured yet",
    Answer.TOO_EARLY: "Too early",
    Answer.TOO_FEW: "Too few",
    Answer.BROKEN: "Broken",
    Answer.EARNED: "Earned",
    Answer.LOST: "Lost",
    Answer.UNCLEAR: "Unclear",
}
COLUMNS = (
    ("Campaign", ""),
    ("Launched", ""),
    ("Customers", "number"),
    ("Discounts given", "number"),
    ("Promised at most", "number"),
    ("Earned, net", "number"),
    ("95% interval", "number"),
    ("Answer", ""),
    ("Learned from", ""),
)
CSV_COLUMNS = (
    "campaign",
    "name",
    "state",
    "launched_at",
    "currency",
    "treated",
    "control",
    "committed",
    "discounts",
    "answer",
    "earned",
    "low",
    "high",
    "kept_points",
    "taught",
    "lesson",
)


@permission_required(VIEW, raise_exception=True)
def programme_page(request: HttpRequest) -> HttpResponse:
    found, now = programme(), timezone.now()
    launched = Campaign.objects.launched().order_by("-launched_at", "-pk")
    page = CappedPaginator(launched, IN_A_PAGE).get_page(request.GET.get("p"))
    summed = sums(at=now)
    shown = {
        "title": "What campaigns earned",
        "programme": found,
        "tone": LOOKS.get(found.answer, ""),
        "measures": [_measure(one, found.currency) for one in found.latest],
        "chart": _months(found),
        "sums": summed,
        "columns": COLUMNS,
        "page": page,
        "rows": [_row(one) for one in entries_of(list(page), at=now)],
        "total_note": _total_note(summed),
        "total_tone": TONES.get(direction_of(summed.low, summed.high), ""),
    }
    context = admin.site.each_context(request) | shown
    return TemplateResponse(request, "admin/campaigns/programme.html", context)


@permission_required(VIEW, raise_exception=True)
def ledger_csv(request: HttpRequest) -> HttpResponseBase:
    """No customer is in it: every figure is a sum."""
    launched = list(Campaign.objects.launched().order_by("-launched_at", "-pk"))
    entries = entries_of(launched, at=timezone.now())
    rows = [list[Cell](CSV_COLUMNS), *(_cells(one) for one in entries)]
    return as_csv(rows, name="campaign-ledger")


def _measure(one: MonthOfMetric, currency: str) -> Measure:
    form = form_of(one.metric, currency)
    chart = intervals(
        [Drawn("With campaigns", one.effect, one.low, one.high)],
        title=f"{one.label}, against customers who get no campaign",
        desc="The difference with its 95% interval.",
        form=form,
    )
    note = NOTES[one.metric] if one.metric == Metric.KEPT else "since the start"
    return Measure(one.label, note, chart)


def _months(found: Programme) -> SafeString:
    """The money a customer brought more, as it added up month by month."""
    made = [one for one in found.months if one.metric == found.money_metric]
    series = Series(
        "Brought more with campaigns",
        [one.effect for one in made],
        low=[one.low for one in made],
        high=[one.high for one in made],
    )
    return line(
        [f"{one.month:%b %Y}" for one in made],
        [series] if made else [],
        title="Money a customer, net of discounts, since the start",
        desc="To the end of each month, with an interval that holds at the end of every month.",
        form=form_of(Metric.MARGIN, found.currency),
        empty="No whole month yet.",
        width=960,
    )


def _row(one: Entry) -> list[str]:
    code, url = one.currency, reverse("admin:campaigns_campaign_results", args=[one.campaign])
    told = one.earned is not None
    return [
        format_html('<a href="{}">{}</a>', url, one.name),
        f"{localtime(one.launched_at):%-d %b %Y}" if one.launched_at else "–",
        _customers(one),
        money(one.discounts, code),
        money(one.committed, code),
        signed_money(one.earned, code) if told else "–",
        f"{signed_money(one.low, code)} to {signed_money(one.high, code)}" if told else "–",
        badge(_answer(one), LOOKS.get(one.answer, "")),
        f"{number(one.taught)} draws" if one.taught else one.lesson,
    ]


def _customers(one: Entry) -> str:
    if one.used_by is not None:
        return f"{number(one.used_by)} used it"
    return f"{number(one.treated)} and {number(one.control)} control"


def _answer(one: Entry) -> str:
    return WORDS[one.answer] if one.used_by is None else "Cannot be told"


def _total_note(book: Sums) -> str:
    if not book.counted:
        return "no campaign has an answer yet"
    low, high = signed_money(book.low, book.currency), signed_money(book.high, book.currency)
    return f"{low} to {high}, of {book.counted} with an answer"


def _cells(one: Entry) -> list[Cell]:
    def amount(minor: int | None) -> Cell:
        return "" if minor is None else Decimal(minor).scaleb(-minor_digits(one.currency))

    return [
        one.campaign,
        one.name,
        one.state,
        one.launched_at.isoformat() if one.launched_at else "",
        one.currency,
        one.treated,
        one.control,
        amount(one.committed),
        amount(one.discounts),
        str(one.answer),
        amount(one.earned),
        amount(one.low),
        amount(one.high),
        "" if one.kept is None else round(Decimal(100 * one.kept), 2),
        one.taught,
        one.lesson,
    ]


def earned_note(found: Programme) -> dict[str, Any]:
    """What the home page shows of it: value, note and tone; empty before the first launch, and
    where no figure is to be believed."""
    if found.since and found.answer in {Answer.TOO_EARLY, Answer.TOO_FEW}:
        return {"value": "Cannot be told yet", "note": found.sentence, "tone": ""}
    if found.total is None or found.answer not in COUNTED:
        return {}
    sure = "" if found.answer in LOOKS else "not told from chance: "
    total, low, high = (
        f"{'+' if one and one > 0 else ''}{compact_money(one, found.currency)}"
        for one in (found.total, found.low, found.high)
    )
    return {
        "value": total,
        "note": format_html(
            '{}<span class="whole">{}</span> to <span class="whole">{}</span>,'
            " against customers who get none, since {}",
            sure,
            low,
            high,
            day(found.since),
        ),
        "tone": LOOKS.get(found.answer, ""),
    }
