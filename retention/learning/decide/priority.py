"""Whom to write to first while no experiment has said whom it helps: not yet causal.

Highest risk first was worse than random in one public experiment (Hillstrom, men's mail against
none) and no better in the other: who is almost certainly gone does not come back for a coupon. So
risk is multiplied by value and by a stated guess of the response, until measured uplift replaces
the guess.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.panel import FloatArray

NOT_YET_CAUSAL: Final = (
    "Ranked by risk x value x an assumed response, not by measured effect: not yet causal."
)


@dataclass(frozen=True)
class ResponsePrior:
    """Of the customers who would be lost, the share an offer keeps: an assumption, stated.

    It falls in a straight line from `at_no_risk` to `at_full_risk`: the surer the loss, the less
    an offer changes. With 10% and 2% the customers kept per offer, risk x response, rise to
    3.1% at a risk of 0.63 and fall again; from 0.4 to 0.9 they differ little, as the effects of
    mail did in Hillstrom's test, so that among customers at risk value decides.

    That is of a discount of `at_depth` of the order. A deeper one keeps more, but less than in
    proportion: as the square root, so that four times the discount keeps twice as many.
    """

    at_no_risk: float = 0.10
    at_full_risk: float = 0.02
    at_depth: float = 0.10

    def __post_init__(self) -> None:
        """Refuse what is no pair of falling shares."""
        if not 0 <= self.at_full_risk <= self.at_no_risk <= 1:
            raise ValueError(
                "A response falls from at_no_risk to at_full_risk, both from 0 to 1, got "
                f"{self.at_no_risk} and {self.at_full_risk}."
            )

    def of(self, risk: FloatArray) -> FloatArray:
        """Share kept at each risk, (n,)."""
        return self.at_no_risk + (self.at_full_risk - self.at_no_risk) * risk

    def deeper(self, depth: FloatArray, *, than: float | None = None) -> FloatArray:
        """How many times as many a discount of such parts of the order keeps, any shape.

        than : the depth of the discount to compare with; None for `at_depth`.
        """
        more: FloatArray = np.sqrt(np.maximum(depth, 0.0) / (than or self.at_depth))
        return more


def priority(
    *, risk: FloatArray, value: FloatArray, prior: ResponsePrior | None = None
) -> FloatArray:
    """Expected money saved by an offer, by which to rank inside a band, (n,).

    risk : (n,) probability of being lost, 0 to 1.
    value : (n,) minor units expected in the coming year; unknown or negative counts as nothing.
    """
    outside = ~((risk >= 0) & (risk <= 1))
    if outside.any():
        raise ValueError(f"Risks are probabilities; the first that is none is {risk[outside][0]}.")
    response = (prior or ResponsePrior()).of(risk)
    saved: FloatArray = risk * np.maximum(np.nan_to_num(value), 0.0) * response
    return saved
