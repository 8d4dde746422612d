"""What is asked of every candidate before its quality: is the data whole, are its numbers ones."""

from collections.abc import Collection
from typing import Final

import numpy as np

from retention.insights.artifacts import Arrays
from retention.insights.families.family import Champion, Learned, Verdict
from retention.learning.quality.cleaning import LeftOut

NOTHING: Final = LeftOut()
LEAST_SHARE: Final = 0.5
"""A candidate that learned from less than this part of the serving model's rows is refused."""


def shrunk(
    learned: Learned, champion: Champion | None, *, left_out: LeftOut = NOTHING
) -> Verdict | None:
    """A refusal where most of the data is gone, which is a broken feed and not another shop.

    left_out : what operators had left out; that is gone on purpose.
    """
    if champion is None:
        return None
    gone = {"events": left_out.events, "customers": left_out.customers}
    for name in COUNTED:
        there, had = learned.row_counts.get(name), champion.row_counts.get(name, 0)
        if there is not None and there + gone[name] < LEAST_SHARE * had:
            return Verdict(
                False,
                f"Learned from {there:,} {name} where version {champion.number} had {had:,}: "
                "data seems to be missing. Look at the imports; if it is right so, "
                "make this version serve by hand.",
            )
    return None


COUNTED: Final = ("events", "customers")


def not_numbers(arrays: Arrays, *, unless: Collection[str] = ()) -> str:
    """The name of the first array with nan or infinity in it, "" where there is none.

    unless : arrays in which nan means "not known".
    """
    for name, array in arrays.items():
        floats = np.issubdtype(array.dtype, np.floating)
        if name not in unless and floats and not np.isfinite(array).all():
            return name
    return ""
