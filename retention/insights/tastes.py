"""The recommendation model that serves, and what it says as items of a list, with the evidence."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from catalog.models import Product
from customers.models import Customer
from retention.insights import artifacts
from retention.insights.artifacts import BrokenArtifact
from retention.insights.datasets import SECONDS_A_DAY, Taste, local_day
from retention.insights.families.factorization import baskets_of, hybrid_of
from retention.insights.histories import history_of, of_one
from retention.insights.listing import evidence_of, items_of
from retention.insights.models import Kind, ModelVersion
from retention.insights.serving import ReadOnce
from retention.learning.interactions import BoolArray, Interactions
from retention.learning.panel import Kind as EventKind
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.neighbours import ItemNeighbours
from retention.learning.vocabulary import Vocabulary

log = logging.getLogger(__name__)

KEPT = 40
"""Longer than what is shown, so that a list stays full when products sell out."""
SIFTED_LATER = 3 * KEPT
"""Longer still where what is withdrawn is in it: asking a million products takes a second."""

HALVED_AFTER = 3.0
"""What was looked at counts for half after so many more looks; docs/algorithms/recommending.md."""


@dataclass(frozen=True)
class Serving:
    """The model that serves, with the ids behind its rows and what it learned from."""

    hybrid: LearnedHybrid
    customers: Vocabulary
    products: Vocabulary
    version: ModelVersion
    taste: Taste
    baskets: ItemNeighbours | None

    def list_of(self, customer: Customer, *, at: datetime) -> list[dict[str, Any]]:
        """What a customer may want, from all they did until now; [] where that says nothing."""
        history = history_of(customer, products=self.products, taste=self.taste, before=at)
        return self._folded_in(history, at_day=local_day(at))

    def list_from(self, products: list[int], *, at: datetime) -> list[dict[str, Any]]:
        """What goes with the products of a visit by someone unknown, the last seen last."""
        seen = self.products.rows(products)
        before = np.arange(len(products), 0, -1) - 1
        weights = np.exp2(-before / HALVED_AFTER).astype(np.float32)
        # A second apart, so that nothing lies ahead.
        days = local_day(at) - (before + 1) / SECONDS_A_DAY
        visit = of_one(seen, weights, days, n_products=len(self.products))
        return self._folded_in(visit, at_day=local_day(at))

    def _folded_in(self, history: Interactions, *, at_day: float) -> list[dict[str, Any]]:
        if not len(history):
            return []
        model = self.hybrid
        blend = model.blend_from(history, at_day=at_day, k=SIFTED_LATER)
        faded = model.models_["neighbours"].history_half_life_days
        evidence = evidence_of(
            model,
            blend,
            history=history.matrix(at_day, half_life_days=faded),
            due=model.models_["buy_again"].explain_from(history, blend.products, at_day=at_day),
        )
        return items_of(blend, 0, self.products, evidence)


def serving() -> Serving | None:
    """The model that serves now; None where none was trained yet. One query.

    Raises BrokenArtifact.
    """
    return _reading()


def version_as_if_serving(version: ModelVersion) -> Serving:
    """Any recommendation version, read from the disk. Raises BrokenArtifact."""
    return _serving(version, *artifacts.load(version.path, version.checksum))


def _serving(
    version: ModelVersion, parameters: dict[str, Any], arrays: artifacts.Arrays
) -> Serving:
    said = parameters.get("learned_from", {"kind": "PURCHASE", "stars": 5.0})
    return Serving(
        hybrid=hybrid_of(parameters, arrays),
        customers=Vocabulary(ids=arrays["customers"]),
        products=Vocabulary(ids=arrays["products"]),
        version=version,
        taste=Taste(EventKind[said["kind"]], said["stars"]),
        baskets=baskets_of(arrays),
    )


_reading = ReadOnce(Kind.FACTORIZATION, _serving)


def readable() -> Serving | None:
    """The same for answers: a model that cannot be read is none, and is said in the log."""
    try:
        return serving()
    except BrokenArtifact as broken:
        log.error("The serving recommendation model is broken: %s", broken)
        return None


def sold(products: Vocabulary) -> BoolArray:
    """Which products of the model are not withdrawn; stock changes by the hour, it is asked later.

    Sifted already here, or who bought what is no longer made would be left with a short list.
    """
    sellable = Product.objects.filter(sellable=True).values_list("pk", flat=True)
    return np.isin(products.ids, np.fromiter(sellable, dtype=np.int64))
