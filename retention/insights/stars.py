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
        said = self.model.foretell(latest(given, np.inf))[0].clip(self.least, self.most)
        return {
            int(product): Expected(float(said[row]), self.most)
            for product, row in zip(asked, rows, strict=True)
            if row >= 0
        }


_loaded: dict[tuple[int, str], Critic | None] = {}
"""The serving model of this process by key and checksum, read once; None: it cannot be read."""


def critic() -> Critic | None:
    """The model of ratings that serves; None where none does or can be read. One query."""
    champions = ModelVersion.objects.champions().filter(kind=Kind.RATINGS)
    champion = champions.values_list("pk", "checksum").first()
    if champion is None:
        return None
    if champion not in _loaded:
        _loaded.clear()
        _loaded[champion] = _read()
    return _loaded[champion]


def _read() -> Critic | None:
    try:
        serving = load_champion(Kind.RATINGS)
    except BrokenArtifact as broken:
        log.error("The serving model of ratings is broken: %s", broken)
        return None
    if serving is None:
        return None
    _, parameters, arrays = serving
    least, most = parameters["stars"]
    return Critic(stars_model_of(parameters, arrays), Vocabulary(ids=arrays["rated"]), least, most)
