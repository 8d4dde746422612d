"""After how long customers order again, by how many orders they had; who waits still counts as
waiting, and not as gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection

from customers.models import Purpose
from retention.insights.quality.cleaning import learnable
from retention.insights.rows import EPOCH, moment
from retention.learning.measure.intervals import Estimate
from retention.learning.measure.survival import Survival, kaplan_meier
from retention.learning.panel import IntArray

from .ordering import Found, Rule

DAYS: Final = (7, 14, 30, 60, 90, 120, 180, 270, 365)
"""The days after an order that are told in figures."""
LONGEST: Final = 730
"""So many days are looked at; who ordered later still is watched to their end."""
FEWEST: Final = 10
"""The curve is told while so many are watched."""
THIRD: Final = 3
GROUPS: Final = 100
"""A customer has many waits after a third order, which are alike: the interval is of so many groups
of whole customers. After the first and the second each has one."""
BANDS: Final = {1: "the first order", 2: "the second order", THIRD: "the third order or a later"}


@dataclass(frozen=True)
class Band:
    """The waits after an order. after : 1, 2, or 3 for the third and all later ones.

    waits : how many there are; ended : after how many of them an order came.
    waiting : by day, the customers who are that long past such an order without another.
    """

    after: int
    waits: int
    ended: int
    survival: Survival
    waiting: dict[int, Found]

    @property
    def label(self) -> str:
        return BANDS[self.after]

    def share(self, day: int) -> Estimate | None:
        """Who has ordered again by the end of a day; None where too few are watched to say."""
        return self.survival.happened(day) if self.survival.at_risk[day] >= FEWEST else None


def repurchase(*, at: datetime) -> list[Band]:
    """The waits of all who may be looked at, until a moment. One query, which counts them by day.

    A day has begun when somebody orders on it and is over when somebody is watched through it: an
    order after 2.3 days came by day 3, and who waits for 2.3 days was watched for 2.
    """
    came, waits = np.zeros((2, len(BANDS), GROUPS, LONGEST + 2), dtype=np.int64)
    for after, group, has_come, day, n in _counted(at):
        (came if has_come else waits)[after - 1, group, min(day, LONGEST + 1)] += n
    return [_band(after, came[after - 1], waits[after - 1]) for after in BANDS]


def past(after: int, day: int) -> Rule:
    """Whoever is so many days past such an order without another."""
    most = {} if after == THIRD else {"at_most": after}
    orders = {"is": "orders", "at_least": after} | most
    return {"all": [orders, waiting(day)]}


def waiting(day: int) -> Rule:
    """Whoever is so many days past their last order, whichever it was."""
    return {"is": "last_order", "at_least": day}


def _band(after: int, came: IntArray, waits: IntArray) -> Band:
    """came, waits : (GROUPS, LONGEST + 2), the last column of those after more days."""
    happened, censored = came[:, :-1], waits[:, :-1].copy()
    censored[:, -1] += waits[:, -1] + came[:, -1]
    if after < THIRD:
        happened, censored = happened.sum(axis=0), censored.sum(axis=0)
    return Band(
        after,
        waits=int(came.sum() + waits.sum()),
        ended=int(came.sum()),
        survival=kaplan_meier(happened, censored),
        waiting={day: Found(int(waits[:, day:].sum()), past(after, day)) for day in DAYS},
    )


def _counted(at: datetime) -> list[tuple[int, int, bool, int, int]]:
    """(after which order, group, whether another came, after or for how many days, how many)."""
    people, given = learnable(Purpose.ANALYTICS).order_by().values("pk").query.sql_with_params()
    sql = f"""
        WITH placed AS (
            SELECT customer_id, MAX({EPOCH[connection.vendor]}) AS second
            FROM customers_event
            WHERE kind = 'PURCHASE' AND occurred_at < %s AND customer_id IN ({people})
            GROUP BY customer_id, order_id
        ), followed AS (
            SELECT customer_id, second, ROW_NUMBER() OVER one AS nth, LEAD(second) OVER one AS later
            FROM placed WINDOW one AS (PARTITION BY customer_id ORDER BY second)
        )
        SELECT CASE WHEN nth < {THIRD} THEN nth ELSE {THIRD} END AS after,
               customer_id %% {GROUPS} AS part, later IS NOT NULL AS came,
               CASE WHEN later IS NULL THEN (%s - second) / 86400
                    ELSE (later - second + 86399) / 86400 END AS day,
               COUNT(*)
        FROM followed GROUP BY 1, 2, 3, 4
    """
    parameters: list[Any] = [moment(at), *given, int(at.timestamp())]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [(after, part, bool(came), int(day), n) for after, part, came, day, n in cursor]
