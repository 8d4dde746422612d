from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from customers.models import Purpose
from retention.insights.datasets import local_day, read_facts
from retention.insights.definition import current_definition
from retention.insights.families.family import Progress, silent
from retention.insights.joining import grouped
from retention.insights.judged import in_brackets
from retention.insights.models import NextCategory
from retention.insights.publishing import publish_next_categories
from retention.learning.churn.labels import DataShortage
from retention.learning.next_category import MainGroups, learn_next_category
from retention.learning.panel import FloatArray, IntArray

SEED = 1
LIKELY = 3


def foretell_categories(*, at: datetime, progress: Progress = silent) -> dict[str, Any]:
    """Say of everyone who ordered which categories the next order will mostly be of.

    Returns how many, by which way, and how that did on later orders. Without enough orders nothing
    is said, and why.
    """
    progress(0, 2, "Reading events")
    facts = read_facts(purpose=Purpose.ANALYTICS, before=at)
    learned: Any = DataShortage(("needs orders, has none",))
    if len(facts):
        events, paths = grouped(facts.panel())
        horizon = current_definition().horizon_days
        learned = learn_next_category(events, horizon_days=horizon, rng=np.random.default_rng(SEED))
    if isinstance(learned, DataShortage):
        publish_next_categories([], total=0, progress=progress)
        return {"categories": 0, "message": str(learned)}
    progress(1, 2, "Asking")
    told = MainGroups.of(events).facts_at(local_day(at))
    rows = np.flatnonzero(told[:, : len(paths)].sum(axis=1) > 0)
    said = learned.probability(told[rows])
    made = _rows(facts.customers.ids[rows], said, paths, by=learned.by, at=at)
    done = publish_next_categories(made, total=len(rows), progress=progress)
    over = learned.over
    return {
        "categories": done,
        "by": learned.by,
        "message": f"The likeliest was right of {learned.right:.0%} of {learned.n:,} later orders;"
        f" the tree against the better simple way: log loss {in_brackets(over.as_json(), 4)}.",
    }


def _rows(
    ids: IntArray, said: FloatArray, paths: tuple[str, ...], *, by: str, at: datetime
) -> Iterator[NextCategory]:
    best = np.argsort(-said, axis=1, kind="stable")[:, :LIKELY]
    shares = np.take_along_axis(said, best, axis=1)
    for who, places, p in zip(ids.tolist(), best.tolist(), shares.tolist(), strict=True):
        likely = [[paths[place], round(share, 4)] for place, share in zip(places, p, strict=True)]
        yield NextCategory(customer_id=who, likely=likely, by=by, computed_at=at)
