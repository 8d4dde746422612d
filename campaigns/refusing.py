"""Why a coupon does not apply to an order, in machine words and in human ones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """A reason for machines, the same for people, and what would make the coupon apply, if any."""

    reason: str
    message: str
    remedy: str = ""


UNKNOWN = Refusal(
    "unknown_code", "This code is not valid for this customer. Check it for typing errors."
)
"""One text for a code that never was and for someone else's: a guesser learns nothing."""
BUSY = Refusal("busy", "Others use this coupon at this very moment.", "Send it again.")


class NotRedeemable(Exception):
    """The coupon does not apply to the order; `refusals` says every reason."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(" ".join(refusal.message for refusal in refusals))
        self.refusals = refusals
