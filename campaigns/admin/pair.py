"""A draft that offers one half of a pair to those who bought the other."""

from typing import Any

from retention.insights.half_pairs import count_half_buyers
from retention.insights.models import AssociationRule

LONGEST_NAME = 150
NAMED = 3


def offer_of(rule: AssociationRule) -> dict[str, Any]:
    """What the form begins with: the offer is for what follows, and for as long as it takes."""
    offer: dict[str, Any] = {"products": rule.consequent.external_id}
    if rule.within_days:
        offer["valid_days"] = rule.within_days
    name = f"{rule.consequent} for buyers of {' and '.join(rule.titles)}"
    return {"name": name[:LONGEST_NAME], "offers": [offer]}


def whom_it_suits(rule: AssociationRule) -> str:
    """Who they are, and what comes nearest to them: a campaign takes no list of customers."""
    halves = count_half_buyers(rule)
    leading = " and ".join(rule.titles)
    said = f"Made for the {halves.words} customers who bought {leading} and never {rule.consequent}"
    if not halves.groups:
        return f"{said}. A campaign is for a churn band or a segment: choose where they are."
    where = ", ".join(f"{g.segment.name} ({g.count:,})" for g in halves.groups[:NAMED])
    return f"{said}. A campaign is for a churn band or a segment; most of them are in: {where}."
