"""What a customer would give the products of a list, from what they gave until now."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from customers.models import Customer
from retention.insights.artifacts import BrokenArtifact
from retention.insights.datasets import Taste, history_of
from retention.insights.families.ratings import StarsModel, stars_model_of
from retention.insights.models import Kind, ModelVersion
from retention.insights.serving import load_champion
from retention.learning.panel import Kind as EventKind
from retention.learning.recommend.rated import latest
from retention.learning.vocabulary import Vocabulary

log = logging.getLogger(__name__)

AS_GIVEN = Taste(EventKind.RATING, 1.0)


@dataclass(frozen=True)
class Expected:
    """Stars, of the most that were ever given."""

    stars: float
    most: float

    def __str__(self) -> str:
        return f"{self.stars:.1f} of {self.most:g}"


@dataclass(frozen=True)
class Critic:
    """The model of ratings that serves. rated : the products it knows."""

    model: StarsModel
    rated: Vocabulary
    least: float
    most: float

    def expects(
        self, customer: Customer, products: Iterable[int], *, at: datetime
    ) -> dict[int, Expected]:
        """By product; nothing of what nobody rated, nor for who rated nothing. One query."""
        given = history_of(customer, products=self.rated, taste=AS_GIVEN, before=at)
        if not len(given):
            return {}
        asked = np.fromiter(products, dtype=np.int64)
        rows = self.rated.rows(asked)
        asked, rows = asked[rows >= 0], rows[rows >= 0]
        nobody_else = np.zeros(len(rows), dtype=np.int64)
        said = self.model.foretell(latest(given, np.inf), nobody_else, rows)
        stars = said.clip(self.least, self.most).tolist()
        return {
            product: Expected(star, self.most)
            for product, star in zip(asked.tolist(), stars, strict=True)
        }


_loaded: dict[tuple[int, str], Critic] = {}
"""The serving model of this process, read from the disk once: by key and checksum, never two."""


def critic() -> Critic | None:
    """The model of ratings that serves; None where none does or can be read. One query."""
    champions = ModelVersion.objects.champions().filter(kind=Kind.RATINGS)
    champion = champions.values_list("pk", "checksum").first()
    if champion is None:
        return None
    # Asked once: another thread may be replacing it.
    held = _loaded.get(champion)
    if held is not None:
        return held
    try:
        serving = load_champion(Kind.RATINGS)
    except BrokenArtifact as broken:
        log.error("The serving model of ratings is broken: %s", broken)
        return None
    if serving is None:
        return None
    version, parameters, arrays = serving
    model = stars_model_of(parameters, arrays)
    fresh = Critic(model, Vocabulary(ids=arrays["rated"]), *parameters["stars"])
    _loaded.clear()
    _loaded[version.pk, version.checksum] = fresh
    return fresh
