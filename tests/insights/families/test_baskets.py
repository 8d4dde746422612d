from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from retention.insights.datasets import Facts
from retention.insights.families.baskets import BasketFamily, least_support, rules_in
from retention.insights.families.family import Learned, TooLittle, Verdict, silent
from retention.learning.panel import Kind
from retention.learning.vocabulary import Vocabulary
from tests.insights import world
from tests.insights.families.candidates import as_champion, learn, only, with_array, with_metrics

FAMILY = BasketFamily()


@pytest.fixture(scope="module")
def facts() -> Facts:
    """What happened in the simulated shop, past the database: product row r has the id r."""
    shop, batch = world.simulated()
    goods = shop.catalogue
    return Facts(
        customers=Vocabulary.of(np.arange(len(shop.people))),
        products=Vocabulary.of(np.arange(len(goods))),
        categories=np.full(len(goods), -1, dtype=np.int64),
        customer=batch.customer.astype(np.int32),
        product=batch.product.astype(np.int32),
        kind=batch.kind.astype(np.int64),
        second=batch.seconds,
        quantity=batch.quantity,
        amount=batch.quantity * batch.unit_price,
        discount=batch.discount,
        order=batch.order,
        rating=batch.rating.astype(np.float64),
    )


@pytest.fixture(scope="module")
def candidate(facts: Facts) -> Learned:
    return learn(FAMILY, facts)


def judge(learned: Learned, facts: Facts, champion: Learned | None = None) -> Verdict:
    rival = as_champion(champion) if champion else None
    return FAMILY.judge(learned, rival, facts, at=world.END)


def mixed_up(facts: Facts) -> Facts:
    """The same orders of the same size with the products drawn anew."""
    products = np.random.default_rng(3).permutation(facts.product)
    return replace(facts, product=products)


def test_what_the_simulated_shop_lays_side_by_side_is_found(candidate: Learned) -> None:
    shop, _ = world.simulated()
    goes_with = shop.catalogue.companion

    rules, _ = rules_in(dict(candidate.parameters), dict(candidate.arrays))

    first, then = rules.antecedent[:, 0], rules.consequent
    planted = (goes_with[first] == then) | (goes_with[then] == first)
    assert len(rules) == candidate.metrics["rules"] > 10
    assert planted.mean() > 0.5


def test_the_figures_are_those_of_counting_the_orders(candidate: Learned, facts: Facts) -> None:
    rules, _ = rules_in(dict(candidate.parameters), dict(candidate.arrays))
    one, other = int(rules.antecedent[0, 0]), int(rules.consequent[0])
    bought = (facts.kind == Kind.PURCHASE) & (
        facts.second > (world.END - timedelta(days=365)).timestamp()
    )
    ids = facts.products.ids[facts.product[bought]]
    holds: dict[int, set[int]] = {}
    for order, product in zip(facts.order[bought].tolist(), ids.tolist(), strict=True):
        holds.setdefault(order, set()).add(product)
    counted = Counter((one in held, other in held) for held in holds.values())

    assert rules.n_baskets == len(holds)
    assert rules.both[0] == counted[True, True]
    assert rules.of[0] == counted[True, True] + counted[True, False]
    assert rules.having[0] == counted[True, True] + counted[False, True]


def test_rules_are_counted_from_the_newest_orders_and_serve(
    candidate: Learned, facts: Facts
) -> None:
    verdict = judge(candidate, facts, candidate)

    assert verdict.promote
    assert verdict.words.startswith("Counted from the newest orders: ")


def test_of_products_mixed_up_next_to_no_rule_is_left_and_the_old_ones_stay(
    candidate: Learned, facts: Facts
) -> None:
    nonsense = learn(FAMILY, mixed_up(facts))

    verdict = judge(nonsense, facts, candidate)

    assert nonsense.metrics["rules"] + nonsense.metrics["later_rules"] <= 1
    assert not verdict.promote
    assert "orders or products seem to be mixed up" in verdict.words


def test_a_shop_where_nothing_goes_together_is_told_so(candidate: Learned, facts: Facts) -> None:
    none = with_metrics(candidate, rules=0, later_rules=0)

    assert judge(none, facts) == Verdict(True, "No two products go together more than by chance.")


def test_figures_that_are_none_do_not_serve(candidate: Learned, facts: Facts) -> None:
    broken = with_array(candidate, **{"later.gap": np.array([[1.0, np.nan, 3.0]])})

    assert judge(broken, facts) == Verdict(False, "Its later.gap are not all numbers.")


def test_too_few_baskets_are_said(facts: Facts) -> None:
    few = only(facts, facts.second < facts.second.min() + 20 * 86_400)

    outcome = FAMILY.learn(few, at=world.END - timedelta(days=370), progress=silent)

    assert isinstance(outcome, TooLittle)
    assert outcome.message.startswith(
        "Needs 100 orders of two products or more within a year, has "
    )


def test_without_events_it_says_what_is_missing(facts: Facts) -> None:
    nothing = FAMILY.learn(only(facts, slice(0)), at=world.END, progress=silent)

    assert nothing == TooLittle("Needs orders of customers, has none yet.")


def test_support_grows_with_the_root_of_what_is_counted() -> None:
    assert [least_support(n) for n in (10, 2_500, 40_000, 1_000_000)] == [10, 10, 40, 200]
