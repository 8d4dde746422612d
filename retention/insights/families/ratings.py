"""What a customer would give: by how well liked things are, or by taste where that is better."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import numpy as np

from customers.models import Purpose
from retention.insights.datasets import Facts
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.families.sanity import not_numbers
from retention.insights.judged import in_brackets
from retention.learning.interactions import Csr, Interactions
from retention.learning.measure.stars_exam import (
    StarsReport,
    TooFewStars,
    examine_stars,
)
from retention.learning.recommend.biases import Biases
from retention.learning.recommend.explicit import BayesianFactors
from retention.learning.recommend.rated import latest

SEED = 1
BIASES, FACTORS = "biases", "factors"
SAID: Final = {
    BIASES: "how well liked a product and how generous a customer is",
    FACTORS: "that and each customer's taste",
}


def _factors(stars: Csr) -> BayesianFactors:
    return BayesianFactors().fit_stars(stars)


StarsModel = Biases | BayesianFactors
WAYS: Final[Mapping[str, Callable[[Csr], StarsModel]]] = {BIASES: Biases.of, FACTORS: _factors}
OF: Final[Mapping[str, Callable[..., StarsModel]]] = {
    BIASES: Biases.from_arrays,
    FACTORS: BayesianFactors.from_arrays,
}


class RatingFamily:
    """Biases, and Bayesian factors where they are better; docs/algorithms/stars.md."""

    purpose = Purpose.RECOMMENDATION.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Forecast the latest fifth of the ratings; learn from all what forecast it best."""
        stars, rated = _rated_only(facts.stars())
        found = examine_stars(stars, WAYS, rng=np.random.default_rng(SEED))
        if isinstance(found, TooFewStars):
            return TooLittle(found.words)
        way = FACTORS if found.gaps[FACTORS].below_zero else BIASES
        progress(2, 4, "Learning from all ratings")
        given = latest(stars, np.inf)
        model = WAYS[way](given)
        return Learned(
            parameters={
                "way": way,
                "model": model.params(),
                "stars": [float(given.data.min()), float(given.data.max())],
            },
            arrays=model.without_customers() | {"rated": facts.products.ids[rated]},
            metrics=_metrics(found, way),
            row_counts={
                "events": len(stars),
                "customers": len(np.unique(stars.customers)),
                "products": len(rated),
            },
            window=facts.window,
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """Numbers, and nearer to what was given than one number for all; then the newest serves."""
        if broken := not_numbers(learned.arrays):
            return Verdict(False, f"Its {broken} are not all numbers.")
        gap = learned.metrics["over_constant"]
        said = f"{in_brackets(gap)} stars"
        if not gap["high"] < 0:
            return Verdict(False, f"No nearer than the same number for everything ({said}).")
        way = SAID[learned.parameters["way"]]
        error = learned.metrics["stars_rmse"]["value"]
        return Verdict(
            True,
            f"Foretells by {way}: typically wrong by {error:.2f} stars on later ratings, nearer"
            f" than the same number for everything ({said}).",
        )


def stars_model_of(parameters: Mapping[str, Any], arrays: Mapping[str, Any]) -> StarsModel:
    """The model in an artifact: it foretells."""
    return OF[parameters["way"]](parameters["model"], dict(arrays))


def _rated_only(stars: Interactions) -> tuple[Interactions, Any]:
    """The same with products numbered among those ever rated, and their rows."""
    rated, products = np.unique(stars.products, return_inverse=True)
    fewer = replace(stars, products=products.astype(np.int32), n_products=len(rated))
    return fewer, rated


def _metrics(found: StarsReport, way: str) -> dict[str, Any]:
    sat = found.sat[way]
    return {
        "stars_rmse": sat.rmse.as_json(),
        "over_constant": sat.over_constant.as_json(),
        "in_order": sat.in_order.as_json(),
        "ways": {
            name: {"said": SAID[name]} | {k: v.as_json() for k, v in vars(one).items()}
            for name, one in found.sat.items()
        },
        "taste_over_biases": found.gaps[FACTORS].as_json(),
        "test_ratings": found.ratings,
        "test_customers": found.customers,
        "exam_day": found.cut_off,
    }
