"""What a reader of a comparison should know of the customers behind it, in words."""

from collections.abc import Iterator

from .outcomes import Outcomes

MARGIN_MEASURED_FROM = 0.95
"""Margin is measured where the cost of at least this share of the revenue is known."""


def caveats_of(outcomes: Outcomes) -> Iterator[str]:
    if outcomes.erased:
        yield f"{outcomes.erased:,} customers were forgotten at their wish; they are in no arm."
    if outcomes.doubled:
        yield _doubled_words(outcomes)
    if outcomes.cost_known < MARGIN_MEASURED_FROM:
        yield (
            f"Costs are known for {outcomes.cost_known:.0%} of the revenue, so margin is not"
            f" measured; it needs {MARGIN_MEASURED_FROM:.0%}."
        )
    elif outcomes.cost_known < 1:
        yield (
            f"Costs are known for {outcomes.cost_known:.0%} of the revenue; the rest is taken to"
            " cost as much."
        )


def _doubled_words(outcomes: Outcomes) -> str:
    if outcomes.doubled == 1:
        group = "into another group" if outcomes.conflicts else "into the same group"
        who = f"1 customer was drawn twice, {group} the second time"
    else:
        who = (
            f"{outcomes.doubled:,} customers were drawn twice, {outcomes.conflicts:,} of them into"
            " another group the second time"
        )
    return (
        f"{who}: under two ids that were merged since. The earlier draw counts, with all that both"
        " ids bought; the later one is left out."
    )
