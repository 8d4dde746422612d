"""What a coupon changes for each customer, by the uplift model that serves, if one does."""

import logging
from dataclasses import dataclass
from typing import Self

import numpy as np

from retention.insights import artifacts
from retention.insights.models import Kind, ModelVersion
from retention.insights.serving import load_champion
from retention.learning.decide.uplift import Uplift
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Persuading:
    """version : what says so, None where nothing does. uplift : (n,) change of the probability of
    being kept; nan where nothing is known."""

    version: ModelVersion | None
    uplift: FloatArray

    @classmethod
    def of(cls, table: FeatureTable) -> Self:
        """Of the customers of a table."""
        unknown = cls(None, np.full(len(table.customers), np.nan))
        try:
            champion = load_champion(Kind.UPLIFT)
        except artifacts.BrokenArtifact as broken:
            # Risks do not wait for it: campaigns rank as before anything was measured.
            log.error("The serving uplift model is broken: %s", broken)
            return unknown
        if champion is None or not set(champion[1]["features"]) <= set(table.names):
            return unknown
        version, parameters, arrays = champion
        columns = np.column_stack([table.column(name) for name in parameters["features"]])
        uplift = Uplift.from_arrays(arrays).uplift(columns)
        # Below zero only where such customers were measured to be driven away, beyond chance.
        return cls(version, uplift if parameters["drives_away"] else np.maximum(uplift, 0.0))
