"""What a campaign did: customers drawn into arms, and the arms compared as they were drawn."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

import numpy as np
from scipy.special import chdtrc  # Not scipy.stats: it would slow the start of every process.

from retention.learning.measure.intervals import (
    Estimate,
    Sample,
    mean_difference,
    share_difference,
    wilson,
)
from retention.learning.measure.power import detectable_share
from retention.learning.panel import BoolArray, FloatArray

CONTROL: Final = "control"
TREATED: Final = "treated"
# So unlikely a split by chance means that customers were lost or added on the way.
BROKEN_SPLIT: Final = 0.001
# With fewer customers an arm, intervals by the normal distribution claim too much.
FEWEST: Final = 30


@dataclass(frozen=True)
class Arm:
    """An arm, and the probability with which a customer gets into it."""

    name: str
    probability: float


def uniform(customer_key: str, salt: str) -> float:
    """A number in [0, 1) that looks random and never changes: 53 bits of SHA-256.

    The salt's length goes in as well: "ab" + "c" and "a" + "bc" are two customers.
    """
    text = f"{len(salt)}:{salt}:{customer_key}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def assign(customer_key: str, *, salt: str, control_share: float) -> Arm:
    """Control or treated. Raising the share only moves customers from treated to control.

    customer_key : what stays the same when a customer's contact changes; the shop's external id.
    salt : one of its own for each campaign, kept for ever with it.
    """
    if not 0 <= control_share < 1:
        raise ValueError(f"A control share is at least 0 and below 1, got {control_share}.")
    if uniform(customer_key, salt) < control_share:
        return Arm(CONTROL, control_share)
    return Arm(TREATED, 1 - control_share)


def assign_among(customer_key: str, *, salt: str, shares: Mapping[str, float]) -> Arm:
    """One of several arms, whose shares sum to 1; the order of the mapping counts."""
    if not shares or min(shares.values()) < 0 or abs(sum(shares.values()) - 1) > 1e-9:
        raise ValueError(f"Shares of arms are not negative and sum to 1, got {dict(shares)}.")
    at, reached = uniform(customer_key, salt), 0.0
    real = {name: share for name, share in shares.items() if share > 0}
    for name, share in real.items():
        reached += share
        if at < reached:
            return Arm(name, share)
    # Shares may sum to a hair less than 1.
    last = next(reversed(real))
    return Arm(last, real[last])


@dataclass(frozen=True)
class ArmOutcome:
    """One arm: of n assigned customers so many came back, and the money of each.

    money : revenue or margin per assigned customer, net of what the coupons took off.
    """

    n: int
    retained: int
    money: Sample

    @classmethod
    def of(cls, retained: BoolArray, money: FloatArray) -> Self:
        """From one row an assigned customer, (n,) each."""
        if len(retained) != len(money):
            raise ValueError(f"{len(retained)} outcomes and {len(money)} amounts; one each.")
        return cls(len(retained), int(np.sum(retained)), Sample.of(money))


class Verdict(StrEnum):
    """The answer in a word."""

    BROKEN = "BROKEN"
    TOO_EARLY = "TOO_EARLY"
    KEPT_MORE = "KEPT_MORE"
    KEPT_FEWER = "KEPT_FEWER"
    NO_DIFFERENCE_SEEN = "NO_DIFFERENCE_SEEN"


@dataclass(frozen=True)
class ExperimentResult:
    """Treated against control, by intention to treat.

    retained_treated, retained_control : shares with Wilson's intervals.
    retained : their difference (Newcombe). money : difference a customer, minor units (Welch).
    customers_kept, money_earned : the same for all treated customers together.
    split_p : how likely so uneven a split is by chance. detectable : the smallest difference in
        retained share that would have been found with 80% power.
    """

    retained_treated: Estimate
    retained_control: Estimate
    retained: Estimate
    money: Estimate
    customers_kept: Estimate
    money_earned: Estimate
    split_p: float
    detectable: float
    verdict: Verdict
    sentence: str


def summarise(
    *,
    treated: ArmOutcome,
    control: ArmOutcome,
    control_share: float,
    level: float = 0.95,
) -> ExperimentResult:
    """The result of one campaign, its intervals and its verdict.

    control_share : with which customers were assigned.
    """
    retained = share_difference(treated.retained, treated.n, control.retained, control.n, level)
    money = mean_difference(treated.money, control.money, level=level)
    split = {"treated": treated.n, "control": control.n}
    shares = {"treated": 1 - control_share, "control": control_share}
    split_p = split_check(split, shares)
    verdict = _verdict(retained, split_p, min(treated.n, control.n))
    base = control.retained / control.n if control.n else float("nan")
    detectable = detectable_share(treated.n, control.n, base=base)
    return ExperimentResult(
        retained_treated=wilson(treated.retained, treated.n, level=level),
        retained_control=wilson(control.retained, control.n, level=level),
        retained=retained,
        money=money,
        customers_kept=_times(retained, treated.n),
        money_earned=_times(money, treated.n),
        split_p=split_p,
        detectable=detectable,
        verdict=verdict,
        sentence=_sentence(verdict, retained, split_p, detectable),
    )


def split_check(counts: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """Sample-ratio check: the chance of a split at least so uneven (chi-square); 1 for nobody.

    Below 0.001 the arms are not what was assigned, and no comparison of them means anything.
    """
    total = sum(counts.values())
    expected = {arm: share * total for arm, share in shares.items()}
    if any(counts.get(arm, 0) > 0 for arm, share in shares.items() if share == 0):
        return 0.0
    real = {arm: often for arm, often in expected.items() if often > 0}
    if len(real) < 2:
        return 1.0
    distance = sum((counts.get(arm, 0) - often) ** 2 / often for arm, often in real.items())
    return float(chdtrc(len(real) - 1, distance))


def _times(one: Estimate, n: int) -> Estimate:
    return Estimate(one.value * n, one.low * n, one.high * n, one.level)


def _verdict(retained: Estimate, split_p: float, smallest: int) -> Verdict:
    if split_p < BROKEN_SPLIT:
        return Verdict.BROKEN
    if smallest < FEWEST:
        return Verdict.TOO_EARLY
    if retained.above_zero:
        return Verdict.KEPT_MORE
    return Verdict.KEPT_FEWER if retained.below_zero else Verdict.NO_DIFFERENCE_SEEN


def _sentence(verdict: Verdict, retained: Estimate, split_p: float, detectable: float) -> str:
    """The verdict for a person, shares in points."""
    points = 100 * retained.value
    between = f"(between {100 * retained.low:+.1f} and {100 * retained.high:+.1f})"
    match verdict:
        case Verdict.BROKEN:
            return (
                f"The arms are not what was assigned (chance {split_p:.1g}): "
                "find out who is missing before believing any figure."
            )
        case Verdict.TOO_EARLY:
            return f"Too early: an arm has fewer than {FEWEST} customers."
        case Verdict.KEPT_MORE:
            return f"The campaign kept {points:.1f} points more customers {between}."
        case Verdict.KEPT_FEWER:
            return f"The campaign kept {-points:.1f} points fewer customers {between}."
        case Verdict.NO_DIFFERENCE_SEEN:
            return (
                f"No difference was seen {between}; "
                f"one below {100 * detectable:.1f} points could not be expected to show."
            )
