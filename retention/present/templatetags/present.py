"""How money, shares, times and states are written for people, in every template and admin list."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from retention.present.currencies import minor_digits

register = template.Library()

NOTHING = "\u2013"
"""Written where a number is not known: never a zero."""
MINUS = "\u2212"
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


@register.filter
def money(minor: float | None, currency: str = "") -> str:
    """£1,234.50 from 123450 minor units; a currency without a symbol here keeps its code."""
    if minor is None:
        return NOTHING
    code = currency or settings.SHOP_CURRENCY
    digits = minor_digits(code)
    whole, rest = divmod(abs(round(minor)), 10**digits)
    amount = f"{whole:,}.{rest:0{digits}d}" if digits else f"{whole:,}"
    return f"{MINUS if round(minor) < 0 else ''}{_symbol(code)}{amount}"


@register.filter
def compact_money(minor: float | None, currency: str = "") -> str:
    """£12k: for a headline or an axis; a small sum keeps the pence it has."""
    if minor is None:
        return NOTHING
    code = currency or settings.SHOP_CURRENCY
    value = minor / 10 ** minor_digits(code)
    if abs(value) < 1000:
        return money(minor, code).removesuffix(".00")
    return f"{MINUS if value < 0 else ''}{_symbol(code)}{compact(abs(value))}"


@register.filter
def signed_money(minor: float | None, currency: str = "") -> str:
    """+£1.20 or -£1.20: a difference."""
    return money(minor, currency) if minor is None or minor <= 0 else f"+{money(minor, currency)}"


def _symbol(code: str) -> str:
    return SYMBOLS.get(code, f"{code}\u00a0")


@register.filter
def number(value: float | None, decimals: int = 0) -> str:
    """12,345"""
    return NOTHING if value is None else f"{value:,.{decimals}f}".replace("-", MINUS)


def counted(count: float, one: str, many: str = "") -> str:
    """ "1 event", "1,234 events"."""
    return f"{number(count)} {one if count == 1 else many or f'{one}s'}"


@register.filter
def compact(value: float | None) -> str:
    """999, 1.2k, 34k, 5.6m: two figures are enough at a glance."""
    if value is None:
        return NOTHING
    size, units = abs(value), iter(("", "k", "m", "bn"))
    unit = next(units)
    while round(size) >= 1000 and unit != "bn":
        size, unit = size / 1000, next(units)
    text = f"{size:.1f}".removesuffix(".0") if size < 9.95 else f"{size:,.0f}"
    return f"{MINUS if value < 0 else ''}{text}{unit}"


@register.filter
def percent(share: float | None, decimals: int = 1) -> str:
    """12.3% from 0.123. A share too small to show is "<0.1%", which is not none."""
    if share is None:
        return NOTHING
    text = f"{abs(share) * 100:,.{decimals}f}"
    if share and not float(text.replace(",", "")):
        return f"<{10**-decimals:.{decimals}f}%"
    return f"{MINUS if share < 0 else ''}{text}%"


@register.filter
def signed(value: float | None, decimals: int = 2) -> str:
    """+0.31 or -0.31; zero has no sign."""
    if value is None:
        return NOTHING
    text = f"{abs(value):,.{decimals}f}"
    if not float(text.replace(",", "")):
        return text
    return f"{'+' if value > 0 else MINUS}{text}"


@register.filter
def points(difference: float | None, decimals: int = 1) -> str:
    """+2.1 pts: the difference of two shares, which is not a percentage of either."""
    return NOTHING if difference is None else f"{signed(difference * 100, decimals)}\u00a0pts"


@register.filter
def ago(moment: datetime | date | None, at: datetime | None = None) -> str:
    """ "3 hours ago" or "in 3 hours", with the exact time on hover; a date alone counts in days."""
    if moment is None:
        return "never"
    now = at or timezone.now()
    if not isinstance(moment, datetime):
        days = (timezone.localdate(now) - moment).days
        words = _distance(timedelta(days=days)) if days else "today"
        return _time(moment.isoformat(), formats.date_format(moment, "j F Y"), words)
    exact = formats.date_format(timezone.localtime(moment), "j F Y, H:i e")
    return _time(moment.isoformat(), exact, _distance(now - moment))


def _time(machine: str, exact: str, words: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, words)


def _distance(gap: timedelta) -> str:
    seconds = abs(gap.total_seconds())
    if seconds < 45:
        return "just now"
    count, unit = _largest_unit(seconds)
    words = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{words} ago" if gap > timedelta(0) else f"in {words}"


def _largest_unit(seconds: float) -> tuple[int, str]:
    days = seconds / 86_400
    if days >= 730:
        return int(days / 365.25), "year"
    if days >= 61:
        return int(days / 30.44), "month"
    if days >= 14:
        return int(days / 7), "week"
    if days >= 1:
        return int(days), "day"
    if seconds >= 3600:
        return int(seconds / 3600), "hour"
    return max(1, round(seconds / 60)), "minute"


@register.filter
def duration(span: timedelta | float | None) -> str:
    """340 ms, 12 s, 1 min 12 s, 2 h 5 min; a plain number is seconds."""
    if span is None:
        return NOTHING
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    if seconds < 1:
        return f"{round(seconds * 1000)}\u00a0ms"
    if seconds < 60:
        return f"{seconds:.0f}\u00a0s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}\u00a0min {rest}\u00a0s" if rest else f"{minutes}\u00a0min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}\u00a0h {minutes}\u00a0min" if minutes else f"{hours:,}\u00a0h"


TONES = {
    "good": "ACTIVE APPROVED CHAMPION COMPLETED DONE FRESH ISSUED LIVE LOW OK SUCCEEDED REDEEMED",
    "info": "CANDIDATE QUEUED RUNNING SCHEDULED TREATMENT",
    "warn": "MEDIUM PAUSED PENDING PENDING_APPROVAL RETRYING STALE WAITING",
    "bad": "BLOCKED ERROR FAILED HIGH LOST REFUSED REJECTED",
}
"""The tone of each stored state; every other one is quiet."""
TONE_OF = {state: tone for tone, states in TONES.items() for state in states.split()}


@register.filter
def tone(state: object) -> str:
    """good, info, warn, bad or quiet: how a stored state looks."""
    return TONE_OF.get(str(state).upper(), "quiet")


@register.simple_tag
def badge(label: object, look: str = "") -> SafeString:
    """A state in a pill. Without a look the label itself decides it."""
    return format_html('<span class="badge {}">{}</span>', look or tone(label), label)


class Person(Protocol):
    """A customer, of whom this knows no more than what is shown."""

    pk: Any
    external_id: str

    @property
    def called(self) -> str: ...


@register.simple_tag
def person(customer: Person, now: Person | None = None) -> SafeString:
    """A customer's name, which leads to their page, and their id beside it.

    now : whose page it is since a merge.
    """
    url = reverse("admin:customers_customer_change", args=[(now or customer).pk])
    name = customer.called
    small = "" if name.endswith(customer.external_id) else customer.external_id
    return format_html(
        '<a href="{}">{}</a> <small class="id">{}</small>' if small else '<a href="{}">{}</a>',
        url,
        name,
        small,
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """One picture of the sprite in templates/parts/icons.html."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def share_bar(part: float | None, whole: float | None, look: str = "") -> SafeString:
    """A bar as long as part is of whole."""
    share = min(max((part or 0) / whole, 0.0), 1.0) if whole else 0.0
    return format_html(
        '<svg class="share-bar {}" viewBox="0 0 100 1" preserveAspectRatio="none"'
        ' aria-hidden="true">'
        '<rect width="{}" height="1"/></svg>',
        look,
        f"{share * 100:.2f}",
    )


@register.simple_tag
def signed_bar(effect: float, largest_effect: float) -> SafeString:
    """A bar from the middle: right for a push up, left for a push down."""
    length = 50 * min(abs(effect) / largest_effect, 1.0) if largest_effect else 0.0
    return format_html(
        '<svg class="signed-bar {}" viewBox="0 0 100 10" preserveAspectRatio="none"'
        ' aria-hidden="true">'
        '<rect x="{}" width="{}" height="10"/></svg>',
        "up" if effect > 0 else "down",
        f"{50 - length if effect < 0 else 50:.2f}",
        f"{length:.2f}",
    )


@register.filter
def said_reasons(reasons: Sequence[dict[str, Any]], most: int) -> str:
    """Signed, those that raise the risk first: "no order for 74 days (+0.82); visits (−0.31)"."""
    told = [one for one in reasons if one.get("feature") != "rest"]
    told.sort(key=lambda one: (one["effect"] <= 0, -abs(one["effect"])))
    return "; ".join(
        f"{one.get('sentence') or one['label']} ({signed(one['effect'])})" for one in told[:most]
    )


@register.filter
def largest(rows: Iterable[Any], attribute: str) -> float:
    """The greatest size, whatever its sign, of an attribute or key over the rows; 0 of none."""
    values = (row[attribute] if isinstance(row, dict) else getattr(row, attribute) for row in rows)
    return max((abs(value) for value in values if value is not None), default=0.0)


@register.filter
def paired(first: Sequence[Any], second: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Two lists walked side by side; they must be equally long."""
    return list(zip(first, second, strict=True))
