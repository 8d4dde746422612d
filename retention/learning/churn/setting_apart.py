"""Which reason to show first in a list: what all who are listed share tells of none of them."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Final

import numpy as np

from retention.learning.churn.reasons import Reason
from retention.learning.churn.wording_visits import BEHAVIOUR, THEMES
from retention.learning.panel import IntArray

CONSIDERABLE: Final = 0.2
"""Log-odds; a reason that raises the risk by less is not shown first."""
BESIDE_THE_STRONGEST: Final = 0.25
"""Of the customer's strongest reason; one that is smaller yet is not shown first."""
_SENSE: Final = {spec.name: spec.sense for spec in BEHAVIOUR}
_ORDER, _VISIT = "days_since_last_order", "days_since_last_visit"
_Told = tuple[Reason, ...]


def set_apart(told: Sequence[_Told], *, peers: IntArray) -> list[_Told]:
    """The same reasons in the same order, one of each customer marked as setting them apart.

    Of those that raise the risk considerably, by a fact of which everybody knows which way it
    points, the one that is furthest above the mean effect of its theme among the peers; where
    there is none such, the strongest that raises. Nobody is marked for a reason that lowers. Who
    was not seen since their last order is silent once: the order tells it, not the visit.
    peers : (n,) whom each is held against, by a number from 0 on.
    """
    themes = list(THEMES)
    effects = np.zeros((len(told), len(themes)))
    for row, reasons in zip(effects, told, strict=True):
        for reason in reasons:
            row[themes.index(reason.theme)] = reason.effect
    many = np.maximum(np.bincount(peers), 1)
    means = np.column_stack([np.bincount(peers, weights=column) / many for column in effects.T])
    shared = [dict(zip(themes, row, strict=True)) for row in means.tolist()]
    groups = zip(told, peers.tolist(), strict=True)
    return [_marked(reasons, shared[group]) for reasons, group in groups]


def _marked(reasons: _Told, shared: dict[str, float]) -> _Told:
    raising = [reason for reason in reasons if reason.raises_risk]
    if not raising:
        return reasons
    strongest = max(raising, key=lambda reason: reason.effect)
    least = max(CONSIDERABLE, BESIDE_THE_STRONGEST * strongest.effect)
    plain = _once([one for one in raising if one.effect >= least and _is_plain(one)])
    first = max(plain, key=lambda reason: reason.effect - shared[reason.theme], default=strongest)
    return tuple(replace(one, sets_apart=True) if one is first else one for one in reasons)


def _is_plain(reason: Reason) -> bool:
    """Whether everybody understands why this speaks for leaving."""
    return bool(_SENSE[reason.feature]) and reason.sentence != THEMES[reason.theme].together


def _once(told: list[Reason]) -> list[Reason]:
    """Without the silence of visits where it is that of orders."""
    silent = {reason.feature: reason.value for reason in told}
    order, visit = silent.get(_ORDER, inf), silent.get(_VISIT, 0.0)
    return [one for one in told if one.feature != _VISIT or visit < order - 1]
