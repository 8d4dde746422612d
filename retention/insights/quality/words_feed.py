"""What was found in the feed as a whole, in words: days, weeks, clocks, products."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from retention.insights.models import DataFinding
from retention.present.templatetags.present import counted, money, number, percent

EPOCH = date(1970, 1, 1)
MONDAY = 4
"""Week 0 of the checks began on the Monday of 5 January 1970, so many days after the epoch."""


def day(number_: int) -> date:
    """A day from its number since 1970."""
    return EPOCH + timedelta(days=number_)


def monday(week: int) -> date:
    """The first day of a week of the checks."""
    return day(week * 7 + MONDAY)


def spoken(at: date) -> str:
    return f"{at:%-d %B %Y}"


def run_in_words(run: Mapping[str, int]) -> str:
    """ "24 December 2010 to 3 January 2011" """
    first, last = day(run["first"]), day(run["last"])
    return spoken(first) if first == last else f"{spoken(first)} to {spoken(last)}"


def gaps(finding: DataFinding, said: Mapping[str, Any]) -> tuple[str, str]:
    n, runs = finding.count, said["runs"]
    told = "; ".join(run_in_words(run) for run in runs)
    more, missed = said["of_runs"] - len(runs), sum(run["missed"] for run in runs)
    rest = f"; and {number(more)} more" if more else ""
    return (
        f"{counted(n, 'day has', 'days have')} no event, where that weekday sells",
        f"{told}{rest}. About {counted(missed, 'event')} would be usual.",
    )


def change(finding: DataFinding, said: Mapping[str, Any]) -> tuple[str, str]:
    n = finding.count
    told = "; ".join(week_in_words(week) for week in said["weeks"])
    return f"{counted(n, 'week is', 'weeks are')} unlike those before", f"{told}."


def week_in_words(week: Mapping[str, Any]) -> str:
    """ "week of 31 March 1997: 138 events a day, usually 418" """
    value, usual = week["value"], week["usual"]
    match week["what"]:
        case "events":
            words = f"{counted(value, 'event')} a day, usually {number(usual)}"
        case "without_product":
            words = f"{percent(value)} of purchases without a product, usually {percent(usual)}"
        case _:
            words = f"a line of {money(value)} on average, usually {money(usual)}"
    return f"week of {spoken(monday(week['week']))}: {words}"


def clock(finding: DataFinding, said: Mapping[str, Any]) -> tuple[str, str]:
    parts = []
    if "night" in said:
        night = said["night"]
        parts.append(
            f"almost nothing happens from {night['from']}:00 to {night['until']}:00 and most at"
            f" {night['busiest']}:00, by the clock of {settings.TIME_ZONE}"
        )
    if "far" in said:
        far = said["far"]
        parts.append(
            f"{counted(far['events'], 'event')} until {spoken(day(far['last_day']))}, then nothing"
            f" before {spoken(day(far['then_day']))}"
        )
    if "ahead" in said:
        parts.append(f"{counted(said['ahead'], 'event')} came from clocks that run ahead")
    if "days_only" in said:
        parts.append("events have a day and no time of day")
    told = "; ".join(parts)
    only_days = set(said) == {"days_only"}
    title = "No time of day is known" if only_days else "Some times cannot be right"
    return title, f"{told[:1].upper()}{told[1:]}."


def unknown(finding: DataFinding, said: Mapping[str, Any]) -> tuple[str, str]:
    n = finding.count
    parts = []
    if said["without"]:
        parts.append(f"{counted(said['without'], 'names', 'name')} no product")
    if said["bare"]:
        parts.append(
            f"{counted(said['bare'], 'is', 'are')} of {counted(said['bare_products'], 'product')}"
            " of which only the id is known"
        )
    share = percent(finding.share)
    purchases = counted(finding.of, "purchase")
    title = f"{number(n)} of {purchases} ({share}) {'is' if n == 1 else 'are'} of unknown products"
    told = " and ".join(parts)
    return title, f"{told[:1].upper()}{told[1:]}."
