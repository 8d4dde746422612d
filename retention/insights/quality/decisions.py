"""Decisions about the data in words: what they concern, what they change, what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from retention.insights.models import DataCleaning, Problem
from retention.insights.quality.effect import Effect, Proposal
from retention.insights.quality.meaning import name_of
from retention.present.templatetags.present import counted, money, percent

Kind = DataCleaning.Kind


@dataclass(frozen=True)
class Verb:
    """button : what deciding it is called. changes : what is otherwise from then on."""

    button: str
    changes: str


VERBS: Final[Mapping[str, Verb]] = {
    Kind.EXCLUDE: Verb(
        "Leave out of learning",
        "No model learns from it any more. From the next night it has no score, no segment and no"
        " list of its own; from now on no campaign gives it a coupon.",
    ),
    Kind.DUPLICATES: Verb(
        "Count them once",
        "Of the files and requests that told a thing, the one that tells it most often counts; also"
        " for what is told twice from now on.",
    ),
    Kind.REPEATS: Verb(
        "Leave out the second line",
        "A line that stands twice in one order, equal in everything, counts once; also in orders"
        " from now on.",
    ),
    Kind.PRICES: Verb(
        "Cap and raise odd prices",
        "A piece counts at most as the dearest, and at least as the cheapest, price within ten"
        " times its product's median; returns too.",
    ),
    Kind.LINES: Verb(
        "Cap what a line comes to", "A line above the cap counts as the cap; returns too."
    ),
    Kind.KEEP: Verb(
        "Right as it is",
        "Nothing is left out. It is no longer asked about, unless it grows by half.",
    ),
}


def target_of(one: Proposal | DataCleaning) -> str:
    """What it is about: "Ada Lane (17841)", "Lines above £7,144.72"."""
    match one.kind:
        case Kind.KEEP:
            about = Problem(one.finding).label
            return f"{about}: {name_of(one.customer)}" if one.customer else str(about)
        case Kind.EXCLUDE:
            return name_of(one.customer)
        case Kind.PRICES:
            return f"Prices of {one.product}" if one.product else "Odd prices of all products"
        case Kind.LINES:
            return f"Lines above {money(one.cap, settings.SHOP_CURRENCY)}"
        case Kind.DUPLICATES:
            return "Events told twice"
    return "Lines that stand twice in an order"


def effect_in_words(one: Effect | DataCleaning) -> str:
    """ "1 customer, 7,971 events, 0.5% of revenue" """
    parts = [
        _counted(one.customers, "customer", "customers"),
        _counted(one.events, "event", "events"),
        _counted(one.lines, "line counts otherwise", "lines count otherwise"),
        f"{percent(one.revenue_share)} of revenue" if one.revenue_share else "",
    ]
    return ", ".join(part for part in parts if part) or "nothing"


def left_out_in_words(left_out: Mapping[str, int]) -> str:
    """ "2 customers and 310 events by cleaning", "" where nothing was."""
    parts = [
        _counted(left_out.get("customers", 0), "customer", "customers"),
        _counted(left_out.get("events", 0), "event", "events"),
    ]
    out = " and ".join(part for part in parts if part)
    capped = _counted(left_out.get("capped", 0), "line counts otherwise", "lines count otherwise")
    said = ", ".join(part for part in (out, capped) if part)
    return f"{said} by cleaning" if said else ""


def _counted(n: int, one: str, many: str) -> str:
    return counted(n, one, many) if n else ""
