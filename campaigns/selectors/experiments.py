"""What past campaigns found out, a row a customer and campaign, to learn whom a coupon changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np

from campaigns.models import Campaign
from retention.insights.datasets import Facts, local_day
from retention.learning.churn.features import behaviour
from retention.learning.churn.wording_visits import BEHAVIOUR
from retention.learning.decide.uplift import Experiment
from retention.learning.panel import FloatArray, IntArray, Panel

from .answers import was_carried_out
from .outcomes import outcomes_of

FEATURES = tuple(spec.name for spec in BEHAVIOUR)
AT_ONCE = ("", Campaign.Trigger.WAVES)
"""How customers come in of whom many are asked at one moment."""


@dataclass(frozen=True)
class Past:
    """Campaigns that were measured to their last day, oldest first, without those in which many
    who were drawn for a coupon got none: cancelled ones, and those whose budget ended before. And
    without those that wait for something to happen, whose customers were asked each at a moment of
    their own.

    seen : a row a customer; x are FEATURES as known at the launch, or when their wave opened.
    risk : (n,) as scored then, nan where there was no score. campaign : (n,) ids.
    """

    seen: Experiment
    risk: FloatArray
    campaign: IntArray

    @classmethod
    def of(cls, facts: Facts, *, at: datetime) -> Self:
        """Customers who may still be learned from, in the arm they were drawn into."""
        launched = Campaign.objects.filter(trigger__in=AT_ONCE).launched()
        launched = launched.order_by("launched_at", "pk")
        ended = [one for one in launched if one.is_measured_whole(at) and was_carried_out(one)]
        if not ended:
            return cls.joined(())
        panel = facts.panel()
        return cls.joined(
            [part for one in ended for part in _parts(facts, panel, one) if len(part)]
        )

    @classmethod
    def joined(cls, parts: Sequence["Past"]) -> Self:
        """All rows of all parts."""
        if not parts:
            return cls(_nobody(), np.empty(0), np.empty(0, dtype=np.int64))
        return cls(
            Experiment(
                *(
                    np.concatenate([getattr(part.seen, name) for part in parts])
                    for name in ("x", "treated", "probability", "kept")
                )
            ),
            np.concatenate([part.risk for part in parts]),
            np.concatenate([part.campaign for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.seen)

    def of_rows(self, rows: IntArray) -> "Past":
        """Some of the rows."""
        return Past(self.seen.of(rows), self.risk[rows], self.campaign[rows])


def _parts(facts: Facts, panel: Panel, campaign: Campaign) -> Iterator[Past]:
    """The customers of a launch, or of each wave: asked together, so known as of one moment."""
    launched, until = campaign.launched_at, campaign.measures_until
    if launched is None or until is None:
        raise ValueError(f"{campaign.name!r} was not launched.")
    outcomes = outcomes_of(campaign, until=until)
    rows = facts.customers.rows(outcomes.customer)
    opened = list(campaign.waves.order_by("number").values_list("opened_at", flat=True))
    for wave, moment in enumerate(opened or [launched]):
        there = (rows >= 0) & (outcomes.wave == wave)
        n = int(there.sum())
        asked = rows[there].astype(np.int64)
        table = behaviour(panel, cut_off=local_day(moment), customers=asked)
        yield Past(
            Experiment(
                x=np.column_stack([table.column(name) for name in FEATURES]),
                treated=outcomes.treated[there],
                probability=np.full(n, 1 - campaign.control_share),
                kept=outcomes.kept[there],
            ),
            risk=outcomes.before[there, 0],
            campaign=np.full(n, campaign.pk),
        )


def _nobody() -> Experiment:
    nobody = np.empty(0, dtype=bool)
    return Experiment(np.empty((0, len(FEATURES))), nobody, np.empty(0), nobody)
