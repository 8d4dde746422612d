"""When a trigger chose a customer, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime


@dataclass(frozen=True)
class Window:
    """After a moment, up to another.

    as_it_stands : only what is still so at its end; else also what was over again by then.
    already : also whoever it became true of before, where the trigger can tell.
    """

    after: datetime
    until: datetime
    as_it_stands: bool
    already: bool = False


@dataclass(frozen=True)
class Firing:
    """at : when it became true. words : why, for operators."""

    customer: int
    at: datetime
    words: str


def clock_words(moment: datetime) -> str:
    """ "3 June, 14:05", by the shop's clock."""
    return date_format(localtime(moment), "j F, H:i")
