"""How small an effect a campaign can see, and how many customers it takes to see one."""

from math import ceil, sqrt
from statistics import NormalDist

from retention.learning.measure.intervals import z_of


def detectable_share(
    n: int, control_n: int, *, base: float, power: float = 0.8, level: float = 0.95
) -> float:
    """The smallest rise of a share from `base` found with this power; nan if nobody is there.

    With the variance at the base in both arms; for shares near a half it is a little high.
    """
    if min(n, control_n) == 0 or not 0 <= base <= 1:
        return float("nan")
    # A share of nought has no variance; half a customer more is the least one can know of it.
    base = min(max(base, 0.5 / control_n), 1 - 0.5 / control_n)
    quantiles = z_of(level) + NormalDist().inv_cdf(power)
    return quantiles * sqrt(base * (1 - base) * (1 / n + 1 / control_n))


def customers_needed(
    *,
    base: float,
    rise: float,
    control_share: float = 0.5,
    power: float = 0.8,
    level: float = 0.95,
) -> int:
    """How many customers a campaign needs in all to find a rise of a share from `base`."""
    if not 0 < base < 1 or rise == 0 or not 0 < control_share < 1:
        raise ValueError(
            f"Needs 0 < base < 1, a rise and 0 < control share < 1, got base {base}, rise {rise}, "
            f"control share {control_share}."
        )
    one = (z_of(level) + NormalDist().inv_cdf(power)) ** 2 * base * (1 - base) / rise**2
    return ceil(one * (1 / control_share + 1 / (1 - control_share)))
