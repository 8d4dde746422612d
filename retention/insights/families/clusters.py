"""Groups of customers who behave alike, and keep their names from training to training."""

from datetime import datetime
from typing import Any, Final

import numpy as np

from customers.models import Purpose
from retention.insights.artifacts import Arrays
from retention.insights.datasets import Facts
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.families.rfm import buyers
from retention.insights.families.sanity import not_numbers
from retention.insights.models import Kind
from retention.insights.serving import rival
from retention.learning.features import FeatureTable
from retention.learning.panel import IntArray
from retention.learning.segment.clusters import (
    CLUSTER_FEATURES,
    Clusters,
    FittedClusters,
    Space,
    fit_clusters,
)
from retention.learning.segment.profiles import Profile, profiles
from retention.learning.vocabulary import Vocabulary
from retention.present.templatetags.present import money

SEED = 1
FEWEST_CUSTOMERS = 100
FEWEST_KINDS = 10
MOST_TRAITS, SHOWN_TRAITS = 20, 5


class ClusterFamily:
    """k-means on behaviour, k by stability and silhouette; see docs/algorithms/segments.md."""

    purpose = Purpose.ANALYTICS.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Group the customers who have ordered, beginning from the groups that serve."""
        if not len(facts):
            return TooLittle("Needs orders of customers, has none yet.")
        table = buyers(facts, at)
        if len(table.customers) < FEWEST_CUSTOMERS:
            return TooLittle(
                f"Needs {FEWEST_CUSTOMERS} customers who have ordered, has {len(table.customers)}."
            )
        if not _differ(table):
            return TooLittle("Needs customers who differ; these have all bought alike.")
        serving = rival(Kind.CLUSTERS)
        previous, names = _previous(serving)
        fitted = fit_clusters(table, rng=np.random.default_rng(SEED), previous=previous)
        groups = fitted.clusters.assign(table, before=_before(serving, _ids(facts, table)))
        told = profiles(table, groups, names=names, most=MOST_TRAITS, money=money)
        return Learned(
            parameters={
                "meta": fitted.clusters.meta(),
                "clusters": [_card(profile) for profile in told],
            },
            arrays=_arrays(fitted.clusters, facts, table, groups, told),
            metrics=_metrics(fitted),
            row_counts={"events": len(facts), "customers": len(table.customers)},
            window=facts.window,
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """New groups serve if they come out again when they are drawn again."""
        if broken := not_numbers(learned.arrays):
            return Verdict(False, f"Its {broken} are not all numbers.")
        stability = learned.metrics["stability"]
        if not stability >= LEAST_STABLE:
            return Verdict(False, f"Stability {stability:.2f}: drawn again, other groups come out.")
        served = champion.metrics.get("stability") if champion else None
        if champion and served and stability < served - UNSTABLE:
            words = f"stability {stability:.2f} against {served:.2f} of version {champion.number}"
            return Verdict(False, f"Holds together less: {words}.")
        return Verdict(True, f"Stability {stability:.2f}: the groups come out again when redrawn.")


LEAST_STABLE: Final = 0.5
"""Agreement (adjusted Rand index) of two halves below which groups are the luck of the draw."""
UNSTABLE: Final = 0.15
"""A loss of stability that is more than luck."""


def _previous(serving: Champion | None) -> tuple[Clusters | None, dict[int, str]]:
    """The serving groups and what they are called."""
    if serving is None:
        return None, {}
    clusters = Clusters.from_parts(dict(serving.arrays), serving.parameters["meta"])
    names = {card["id"]: card["name"] for card in serving.parameters["clusters"]}
    return clusters, names


def _before(serving: Champion | None, customers: IntArray) -> IntArray:
    """The identity of the serving group that each customer is in, (n,), -1 for none."""
    if serving is None:
        return np.full(len(customers), -1)
    cards = np.array([card["id"] for card in serving.parameters["clusters"]])
    known = Vocabulary.of(serving.arrays["customers"])
    return np.append(cards[serving.arrays["labels"]], -1)[known.rows(customers)]


def _ids(facts: Facts, table: FeatureTable) -> IntArray:
    return facts.customers.ids_of(table.customers.astype(np.int32))


def _differ(table: FeatureTable) -> bool:
    """Whether there are enough kinds of customer to tell apart."""
    try:
        points = Space.of(table, CLUSTER_FEATURES).place(table)
    except ValueError:  # Not one feature differs.
        return False
    return len(np.unique(points, axis=0)) >= FEWEST_KINDS


def _card(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "key": f"cluster-{profile.id}",
        "name": profile.name,
        "description": f"{profile.share:.0%} of the customers who have ordered.",
        "profile": {
            "share": profile.share,
            "traits": _traits(profile),
        },
    }


def _traits(profile: Profile) -> list[dict[str, Any]]:
    """The strongest traits, as the page shows them. effect : standard deviations from everyone.
    Means may differ where medians do not: that is no sentence."""
    told = [trait for trait in profile.traits if trait.value != trait.typical]
    return [
        {"label": trait.word, "value": trait.sentence if told else "", "effect": trait.difference}
        for trait in (told or profile.traits)[:SHOWN_TRAITS]
    ]


def _arrays(
    clusters: Clusters,
    facts: Facts,
    table: FeatureTable,
    groups: IntArray,
    told: tuple[Profile, ...],
) -> Arrays:
    place = {profile.id: row for row, profile in enumerate(told)}
    labels = np.array([place[group] for group in groups.tolist()], dtype=np.int64)
    return clusters.arrays() | {"customers": _ids(facts, table), "labels": labels}


def _metrics(fitted: FittedClusters) -> dict[str, Any]:
    k = len(fitted.clusters)
    chosen = next(choice for choice in fitted.choices if choice.k == k)
    return {
        "silhouette": chosen.silhouette,
        "stability": chosen.stability,
        "groups": k,
        "tried": {c.k: [round(c.silhouette, 4), round(c.stability, 4)] for c in fitted.choices},
    }
