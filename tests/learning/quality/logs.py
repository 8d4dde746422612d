"""Logs of a few events: what a test does not say is a purchase of one piece for 10.00."""

from typing import Any

import numpy as np

from retention.learning.panel import SECONDS_A_DAY, Kind
from retention.learning.quality.log import Log

NOON = SECONDS_A_DAY // 2
MONDAY = 20_605
"""1 June 2026, in days since 1970."""
USUAL = {
    "customer": 1,
    "product": 1,
    "kind": Kind.PURCHASE,
    "quantity": 1,
    "amount": 1000,
    "discount": 0,
    "order": -1,
    "currency": 0,
    "delivery": 0,
    "corrected": False,
}


def log(*events: dict[str, Any], **columns: Any) -> Log:
    """From events, or from columns. day : the Monday and so many days, at noon unless `second`."""
    n = len(events) or max(np.size(column) for column in columns.values())
    given = {
        name: [event.get(name, usual) for event in events] if events else columns.get(name, usual)
        for name, usual in USUAL.items()
    }
    days = [event.get("day", 0) for event in events] if events else columns.get("day", 0)
    noon = (np.broadcast_to(days, n) + MONDAY) * SECONDS_A_DAY + NOON
    second = [event.get("second", noon[row]) for row, event in enumerate(events)]
    arrays = {name: np.broadcast_to(np.asarray(column), n).copy() for name, column in given.items()}
    return Log(
        event=np.arange(1, n + 1),
        second=np.array(second if events else columns.get("second", noon), dtype=np.int64),
        learned=arrays["customer"] >= 0,
        **{
            name: array.astype(bool if name == "corrected" else np.int64)
            for name, array in arrays.items()
        },
    )
