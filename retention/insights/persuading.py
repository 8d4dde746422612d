"""What a coupon changes for each customer, by the uplift model that serves, if one does."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from retention.insights.models import Kind, ModelVersion
from retention.insights.serving import readable_champion
from retention.learning.decide.uplift import Uplift
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray


@dataclass(frozen=True)
class Persuading:
    """version : what says so, None where nothing does. uplift : (n,) change of the probability of
    being kept; nan where nothing is known."""

    version: ModelVersion | None
    uplift: FloatArray

    @classmethod
    def of(cls, table: FeatureTable) -> Self:
        """Of the customers of a table."""
        # Risks do not wait for it: without it campaigns rank as before anything was measured.
        champion = readable_champion(Kind.UPLIFT)
        if champion is None or not set(champion[1]["features"]) <= set(table.names):
            return cls(None, np.full(len(table.customers), np.nan))
        version, parameters, arrays = champion
        columns = np.column_stack([table.column(name) for name in parameters["features"]])
        uplift = Uplift.from_arrays(arrays).uplift(columns)
        # Below zero only where such customers were measured to be driven away, beyond chance.
        return cls(version, uplift if parameters["drives_away"] else np.maximum(uplift, 0.0))
