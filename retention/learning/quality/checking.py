"""Everything that is looked for, in one go, and how much it matters."""

from collections.abc import Collection

from retention.learning.panel import IntArray
from retention.learning.quality.accounts import bots, tills
from retention.learning.quality.duplicates import duplicates
from retention.learning.quality.feed import changes, clock, gaps, unknown_products
from retention.learning.quality.log import Found, Log, Problem, Severity
from retention.learning.quality.prices import currencies, huge_lines, no_price, prices
from retention.learning.quality.returns import returns

MISLEADS, WORTH_A_LOOK = 0.02, 0.003
"""Shares of what models learn from, of revenue or of rows, whichever is greater."""
LONG_GAP, RECENT_GAP = 10, 2
"""Trading days without an event, at any time and in the last four weeks."""


def check(
    log: Log, *, named: IntArray, bare: Collection[int], today: int | None = None
) -> list[Found]:
    """What is wrong with a shop's events, in no order.

    named : customers whose id sounds like no person; bare : products known by their id only.
    today : the day since 1970 on which a feed that goes on is looked at; None where it has ended.
    A million events take about three seconds; 300 bytes an event beside the log.
    """
    return [
        *tills(log, named),
        *bots(log),
        *duplicates(log),
        *huge_lines(log),
        *prices(log),
        *no_price(log),
        *currencies(log),
        *unknown_products(log, bare),
        *returns(log),
        *gaps(log, today=today),
        *changes(log),
        *clock(log),
    ]


def severity(found: Found) -> Severity:
    """How much it misleads: by the share of what is learned from, or by what it is."""
    if _misleads(found):
        return Severity.SERIOUS
    always = found.problem in {Problem.TILL, Problem.BOT}
    return Severity.LOOK if always or found.share >= WORTH_A_LOOK else Severity.NOTE


def _misleads(found: Found) -> bool:
    said = found.evidence
    match found.problem:
        case Problem.TILL:
            return bool(said["certain"])
        case Problem.GAPS:
            return bool(said["longest"] >= LONG_GAP or said["recent"] >= RECENT_GAP)
        case Problem.CHANGE:
            return bool(said["recent"])
        case Problem.CONTACTS:
            return False
    return found.share >= MISLEADS
