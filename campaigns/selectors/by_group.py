"""A result by group, and whether groups differ: for ideas, and never for a lucky one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.models import Measurement

from .effects import Effect
from .grouping import BY

SURE = 0.05
Metric = Measurement.Metric


@dataclass(frozen=True)
class Group:
    """Customers who were called the same at the launch; everyone is in one group of a grouping."""

    name: str
    treated: int
    control: int
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Grouping:
    """p : the chance that its groups seem to differ so much in customers kept though none does,
    adjusted for the number of groupings."""

    by: str
    label: str
    p: float
    groups: tuple[Group, ...]


def groupings_in(rows: Sequence[Measurement]) -> tuple[Grouping, ...]:
    """As the newest measurement keeps them; none where it keeps none."""
    overall = [row for row in rows if row.offer_id is None]
    if not overall:
        return ()
    chances: dict[str, float] = overall[0].details.get("differs", {})
    return tuple(
        Grouping(by, BY[by], chances[by], _groups(overall, by)) for by in BY if by in chances
    )


def about_groups(groupings: Sequence[Grouping], *, is_final: bool) -> str:
    """One sentence, where there are groups."""
    if not groupings:
        return ""
    if not is_final:
        return "Whether groups differ is tested on the last day."
    first = min(groupings, key=lambda one: one.p)
    of = f"corrected for {len(groupings)} ways to group them" if len(groupings) > 1 else "one test"
    if first.p < SURE:
        return (
            f"It worked differently by “{first.label}” beyond chance (p = {first.p:.3f}, {of})."
            " Take that for an idea: a campaign for that group alone proves it."
        )
    return (
        f"Nothing says that it worked differently for some groups (p = {first.p:.2f}, {of}): the"
        " figure of the whole campaign is the best one for each of them."
    )


def _groups(overall: Sequence[Measurement], by: str) -> tuple[Group, ...]:
    found: dict[str, list[tuple[Measurement, dict[str, Any]]]] = {}
    for row in overall:
        for one in row.details.get("groups", ()):
            if one["by"] == by:
                found.setdefault(one["name"], []).append((row, one))
    return tuple(
        Group(
            name=name,
            treated=parts[0][1]["treated"],
            control=parts[0][1]["control"],
            effects=tuple(
                Effect(
                    metric=row.metric,
                    label=row.get_metric_display(),
                    **{
                        key: one[key]
                        for key in ("treated_mean", "control_mean", "effect", "low", "high")
                    },
                )
                for row, one in parts
            ),
        )
        for name, parts in found.items()
    )
