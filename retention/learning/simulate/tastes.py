"""Latent tastes: topics over products, and what a topic would pick from the shelf of a week."""

from dataclasses import dataclass

import numpy as np

from retention.learning.simulate.arrays import FloatArray, IntArray
from retention.learning.simulate.catalogue import LEAVES, Catalogue
from retention.learning.simulate.seasons import shelf_factor
from retention.learning.simulate.words import STYLES

N_TOPICS = 16


@dataclass(frozen=True)
class Shelf:
    """One week's chances: `cumulative` (topics · products,) rises by one with every topic."""

    cumulative: FloatArray
    n_products: int

    def pick(self, topic: IntArray, chance: FloatArray) -> IntArray:
        """The product each chance in [0, 1) falls on, by the chances of its topic."""
        at = np.searchsorted(self.cumulative, topic + chance, side="right")
        first = topic * self.n_products
        picked: IntArray = np.clip(at, first, first + self.n_products - 1) - first
        return picked


def make_topics(catalogue: Catalogue, rng: np.random.Generator) -> FloatArray:
    """Weights (topics, products): a few categories and styles each, times popularity."""
    categories = rng.dirichlet(np.full(len(LEAVES), 0.12), N_TOPICS) + 0.002
    styles = rng.dirichlet(np.full(len(STYLES), 0.5), N_TOPICS) + 0.015
    fancy = np.exp(rng.normal(0.0, 0.6, (N_TOPICS, len(catalogue))))
    weights = (
        catalogue.popularity * categories[:, catalogue.leaf] * styles[:, catalogue.style] * fancy
    )
    topics: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return topics


def shelf_of_week(topics: FloatArray, catalogue: Catalogue, day: int) -> Shelf:
    """What is for sale in the week that `day` lies in, seasonal goods in their season."""
    monday = day - (day + 3) % 7
    season = np.array([shelf_factor(leaf.season, monday + 3) for leaf in LEAVES])
    for_sale = catalogue.launched_day <= monday
    # Keeps every topic able to pick something should all its goods still be to come.
    weights = topics * season[catalogue.leaf] * np.where(for_sale, 1.0, 1e-12)
    cumulative = np.cumsum(weights, axis=1)
    cumulative /= cumulative[:, -1:]
    rising = cumulative + np.arange(len(topics), dtype=np.float64)[:, None]
    return Shelf(rising.ravel(), len(catalogue))
