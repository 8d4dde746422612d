"""Candidates and champions for the gate, without a database row."""

import json
from dataclasses import replace
from typing import Any

import numpy as np

from retention.insights.datasets import Facts
from retention.insights.families.family import Champion, Family, Learned
from retention.insights.families.family import silent as quiet
from tests.insights import world


def learn(family: Family, facts: Facts) -> Learned:
    outcome = family.learn(facts, at=world.END, progress=quiet)
    assert isinstance(outcome, Learned), outcome
    return outcome


def as_champion(learned: Learned, *, number: int = 1) -> Champion:
    """The same as it comes back from the disk and the database."""
    return Champion(
        number=number,
        parameters=json.loads(json.dumps(learned.parameters)),
        arrays=dict(learned.arrays),
        metrics=json.loads(json.dumps(learned.metrics)),
        row_counts=dict(learned.row_counts),
    )


def with_array(learned: Learned, **changed: Any) -> Learned:
    arrays = {name: np.asarray(values) for name, values in changed.items()}
    return replace(learned, arrays=learned.arrays | arrays)


def with_metrics(learned: Learned, **changed: Any) -> Learned:
    return replace(learned, metrics=dict(learned.metrics) | changed)


def shuffled(facts: Facts, *, seed: int = 5) -> Facts:
    """The same orders with a customer drawn for each: what anyone did before says nothing."""
    rng = np.random.default_rng(seed)
    owners = rng.integers(len(facts.customers), size=facts.order.max() + 2)
    return replace(facts, customer=owners[facts.order].astype(np.int32))


def only(facts: Facts, rows: Any) -> Facts:
    """Some of the events."""
    columns = ("customer", "product", "kind", "second", "quantity", "amount", "discount", "order")
    kept = {name: getattr(facts, name)[rows] for name in (*columns, "rating")}
    return replace(facts, **kept)
