from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from retention.insights import artifacts
from retention.insights.datasets import Facts
from retention.insights.families.clusters import ClusterFamily
from retention.insights.families.family import Learned, TooLittle, Verdict, silent
from retention.insights.families.rfm import buyers
from retention.insights.families.segments import memberships_of
from retention.insights.models import Kind, ModelVersion
from retention.learning.segment.clusters import Clusters
from tests import make
from tests.insights import world
from tests.insights.families.candidates import (
    as_champion,
    learn,
    only,
    with_array,
    with_metrics,
)

pytestmark = pytest.mark.django_db
FAMILY = ClusterFamily()


@pytest.fixture(scope="module")
def candidate(facts: Facts) -> Learned:
    return learn(FAMILY, facts)


def judge(learned: Learned, facts: Facts, champion: Learned | None = None) -> Verdict:
    rival = as_champion(champion) if champion else None
    return FAMILY.judge(learned, rival, facts, at=world.END)


def serving(learned: Learned) -> ModelVersion:
    stored = artifacts.store("c", parameters=learned.parameters, arrays=learned.arrays)
    run = make.training_run(kind=Kind.CLUSTERS, metrics=dict(learned.metrics))
    return make.model_version(
        kind=Kind.CLUSTERS, state="CHAMPION", run=run, path=stored.path, checksum=stored.checksum
    )


def test_groups_that_come_out_again_serve(candidate: Learned, facts: Facts) -> None:
    verdict = judge(candidate, facts)

    assert verdict.promote
    assert verdict.words.startswith("Stability 0.")


def test_groups_that_are_the_luck_of_the_draw_do_not_serve(
    candidate: Learned, facts: Facts
) -> None:
    verdict = judge(with_metrics(candidate, stability=0.31), facts)

    assert verdict == Verdict(False, "Stability 0.31: drawn again, other groups come out.")


def test_groups_that_hold_together_less_do_not_replace_those_that_do(
    candidate: Learned, facts: Facts
) -> None:
    verdict = judge(
        with_metrics(candidate, stability=0.6), facts, with_metrics(candidate, stability=0.9)
    )

    assert verdict.words == "Holds together less: stability 0.60 against 0.90 of version 1."


def test_a_stability_that_is_not_known_is_none(candidate: Learned, facts: Facts) -> None:
    assert not judge(with_metrics(candidate, stability=np.nan), facts).promote


def test_centres_that_are_no_numbers_are_refused(candidate: Learned, facts: Facts) -> None:
    nowhere = np.full_like(candidate.arrays["centres"], np.nan)

    verdict = judge(with_array(candidate, centres=nowhere), facts)

    assert verdict == Verdict(False, "Its centres are not all numbers.")


def test_everyone_who_ordered_is_in_exactly_one_group(candidate: Learned) -> None:
    cards, members = memberships_of(Kind.CLUSTERS, candidate.parameters, candidate.arrays)

    assert len(members) == candidate.row_counts["customers"]
    assert set(members.values()) == {card.key for card in cards}


def test_groups_are_told_in_words_that_differ(candidate: Learned) -> None:
    cards, _ = memberships_of(Kind.CLUSTERS, candidate.parameters, candidate.arrays)

    assert len({card.name for card in cards}) == len(cards)
    assert all(card.profile["traits"] for card in cards)


def test_what_is_the_same_in_the_middle_is_no_difference_to_tell(facts: Facts) -> None:
    cards = learn(FAMILY, facts).parameters["clusters"]
    told = [trait["value"] for card in cards for trait in card["profile"]["traits"]]

    assert 0 < len(told) <= 5 * len(cards)
    halves = [line.partition("; typical is ")[::2] for line in told]
    assert not [said for said, typical in halves if typical and f" {typical}" in f" {said}"]


def test_groups_keep_keys_and_names_from_one_training_to_the_next(
    candidate: Learned, facts: Facts
) -> None:
    serving(candidate)

    a_week_less = learn(FAMILY, only(facts, facts.second < facts.second.max() - 7 * 86_400))

    named = {c["key"]: c["name"] for c in candidate.parameters["clusters"]}
    assert {c["key"]: c["name"] for c in a_week_less.parameters["clusters"]} == named


def test_a_customer_at_the_border_stays_in_the_group_they_were_in(
    candidate: Learned, facts: Facts
) -> None:
    row, group = nearest_to_a_border(candidate, facts)
    labels = candidate.arrays["labels"].copy()
    labels[row] = group
    serving(with_array(candidate, labels=labels))

    again = learn(FAMILY, facts)

    who = candidate.arrays["customers"][row]
    key = candidate.parameters["clusters"][group]["key"]
    assert memberships_of(Kind.CLUSTERS, again.parameters, again.arrays)[1][who] == key
    assert memberships_of(Kind.CLUSTERS, candidate.parameters, candidate.arrays)[1][who] != key


def nearest_to_a_border(learned: Learned, facts: Facts) -> tuple[int, int]:
    """The row of the customer between two groups, and the card of the group they are not in."""
    clusters = Clusters.from_parts(dict(learned.arrays), learned.parameters["meta"])
    points = clusters.space.place(buyers(facts, world.END))
    away = cdist(points, clusters.centres)
    row = int(np.diff(np.sort(away, axis=1)[:, :2], axis=1).argmin())
    second = int(clusters.ids[away[row].argsort()[1]])
    return row, [card["id"] for card in learned.parameters["clusters"]].index(second)


def test_a_broken_serving_model_does_not_stop_the_next(candidate: Learned, facts: Facts) -> None:
    version = serving(candidate)
    ModelVersion.objects.filter(pk=version.pk).update(checksum="0" * 64)

    assert learn(FAMILY, facts).row_counts == candidate.row_counts


def test_too_few_customers_are_said(facts: Facts) -> None:
    outcome = FAMILY.learn(only(facts, facts.customer < 60), at=world.END, progress=silent)

    assert isinstance(outcome, TooLittle)
    assert outcome.message.startswith("Needs 100 customers who have ordered, has ")


def test_customers_who_do_not_differ_are_no_groups_and_no_error(facts: Facts) -> None:
    first = only(facts, np.unique(facts.order, return_index=True)[1][1:151])
    alike = replace(
        first,
        customer=np.arange(len(first), dtype=np.int32),
        second=np.full_like(first.second, first.second[0]),
        quantity=np.ones_like(first.quantity),
        amount=np.ones_like(first.amount),
        discount=np.zeros_like(first.discount),
    )

    outcome = FAMILY.learn(alike, at=world.END, progress=silent)

    assert outcome == TooLittle("Needs customers who differ; these have all bought alike.")
