"""All about a shop that never changes: built once from its spec, shared by every future of it."""

from dataclasses import dataclass

from retention.learning.simulate.arrays import FloatArray
from retention.learning.simulate.catalogue import Catalogue, make_catalogue
from retention.learning.simulate.draws import generator
from retention.learning.simulate.habits import Habits, make_habits
from retention.learning.simulate.people import People, make_people
from retention.learning.simulate.spec import ShopSpec
from retention.learning.simulate.tastes import make_topics

_CATALOGUE, _PEOPLE, _TOPICS, _HABITS = range(1, 5)


@dataclass(frozen=True)
class World:
    """What is for sale, who may come, what they are like and what tastes there are."""

    spec: ShopSpec
    catalogue: Catalogue
    people: People
    topics: FloatArray
    habits: Habits


def build_world(spec: ShopSpec) -> World:
    """The same spec builds the same world."""
    catalogue = make_catalogue(spec, generator(spec.seed, _CATALOGUE))
    people = make_people(spec, generator(spec.seed, _PEOPLE))
    topics = make_topics(catalogue, generator(spec.seed, _TOPICS))
    habits = make_habits(spec, people, catalogue, generator(spec.seed, _HABITS))
    return World(spec, catalogue, people, topics, habits)
