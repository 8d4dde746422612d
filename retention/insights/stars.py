"""What a customer would give the products of a list, from what they gave until now."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from customers.models import Customer
from retention.insights.artifacts import Arrays, BrokenArtifact
from retention.insights.datasets import Taste
from retention.insights.families.ratings import StarsModel, stars_model_of
from retention.insights.histories import history_of
from retention.insights.models import Kind, ModelVersion
from retention.insights.serving import ReadOnce
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


def critic() -> Critic | None:
    """The model of ratings that serves; None where none does or can be read. One query."""
    try:
        return _reading()
    except BrokenArtifact as broken:
        log.error("The serving model of ratings is broken: %s", broken)
        return None


def _critic(_: ModelVersion, parameters: dict[str, Any], arrays: Arrays) -> Critic:
    model = stars_model_of(parameters, arrays)
    return Critic(model, Vocabulary(ids=arrays["rated"]), *parameters["stars"])


_reading = ReadOnce(Kind.RATINGS, _critic)
