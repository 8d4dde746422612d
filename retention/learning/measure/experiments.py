"""Customers drawn into arms by lot, and whether the arms are still as they were drawn."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import chdtrc  # Not scipy.stats: it would slow the start of every process.

from retention.learning.panel import FloatArray, IntArray

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


def uniforms(customer_keys: Iterable[str], salt: str) -> FloatArray:
    """(n,) the number of each."""
    return np.array([uniform(key, salt) for key in customer_keys], dtype=np.float64)


def assign_all(
    customer_keys: Iterable[str], *, salt: str, shares: Sequence[float]
) -> tuple[IntArray, FloatArray]:
    """(n,) the place of each customer's arm among the shares, as `assign_among` has it, and (n,)
    its probability; a hundred thousand in a tenth of a second."""
    ends = np.cumsum(shares)
    # Shares may sum to a hair less than 1.
    last = int(np.flatnonzero(shares)[-1])
    at = uniforms(customer_keys, salt)
    arm = np.minimum(np.searchsorted(ends, at, side="right"), last).astype(np.int64)
    return arm, np.array(shares, dtype=np.float64)[arm]


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
