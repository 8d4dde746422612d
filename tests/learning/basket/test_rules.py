import numpy as np
import pytest
from scipy.sparse import csr_array

from retention.learning.basket.fpgrowth import frequent_sets
from retention.learning.basket.holders import Holders
from retention.learning.basket.rules import Rules
from tests.learning.basket.made import counted, crowd, learned, said, table

TEA, HONEY, MUG, SPOON = range(4)


def of(rules: Rules, antecedent: tuple[int, ...], consequent: int) -> int:
    """The row of a rule."""
    wanted = [
        row
        for row in range(len(rules))
        if ({p for p in rules.antecedent[row].tolist() if p >= 0}, int(rules.consequent[row]))
        == (set(antecedent), consequent)
    ]
    return wanted[0]


def tea_time() -> Rules:
    """Of 120 baskets with tea 31 hold honey, of the 380 others 6; all hold two products."""
    others = [(4 + n % 7, 5 + n % 7) for n in range(374)]
    baskets = [(TEA, HONEY)] * 31 + [(TEA, MUG)] * 89 + [(HONEY, SPOON)] * 6 + others
    return learned(table(*baskets), least=5)


def test_figures_are_those_of_the_fields_definitions() -> None:
    rules = tea_time()

    row = of(rules, (TEA,), HONEY)

    both, tea, honey = 31 / 500, 120 / 500, 37 / 500
    assert (rules.both[row], rules.of[row], rules.having[row]) == (31, 120, 37)
    assert rules.support[row] == pytest.approx(both)
    assert rules.confidence[row] == pytest.approx(31 / 120)
    assert rules.lift[row] == pytest.approx(both / (tea * honey))
    assert rules.leverage[row] == pytest.approx(both - tea * honey)
    assert rules.conviction[row] == pytest.approx((1 - honey) / (1 - 31 / 120))


def test_a_rule_that_never_failed_has_infinite_conviction() -> None:
    rules = tea_time()

    assert rules.conviction[of(rules, (MUG,), TEA)] == np.inf


@pytest.mark.parametrize("seed", range(3))
def test_every_rule_is_counted_right_and_surer_than_each_shorter_one(seed: int) -> None:
    baskets = crowd(seed)
    counts = counted(baskets, least=1, largest=3) | {(): baskets.shape[0]}

    rules = learned(baskets)

    for antecedent, consequent in said(rules):
        row = of(rules, antecedent, consequent)
        whole = tuple(sorted((*antecedent, consequent)))
        sure = counts[whole] / counts[antecedent]
        shorter = [(), *((p,) for p in antecedent if len(antecedent) > 1)]
        assert (rules.both[row], rules.of[row]) == (counts[whole], counts[antecedent])
        assert all(sure > counts[tuple(sorted((*s, consequent)))] / counts[s] for s in shorter)


def test_what_goes_together_is_found_and_what_does_not_is_not() -> None:
    found = said(learned(crowd(n=1500)))

    assert {((0,), 1), ((1,), 0), ((0,), 2)} <= found
    assert not [one for one in found if one[1] == 3 or 3 in one[0]]


def test_a_longer_rule_stands_only_where_it_says_more() -> None:
    # Bread brings butter; jam, drawn apart, changes nothing. Only with jam does bread bring tea.
    rng = np.random.default_rng(3)
    holds = rng.random((3000, 40)) < 0.2
    bread, jam = holds[:, 0], holds[:, 1]
    holds[:, 2] |= bread & (rng.random(3000) < 0.6)
    holds[:, 3] |= bread & jam & (rng.random(3000) < 0.9)

    found = said(learned(csr_array(holds.astype(np.float32))))

    assert {((0,), 2), ((0, 1), 3)} <= found
    assert ((0, 1), 2) not in found


def test_in_wide_baskets_everything_meets_and_that_is_no_rule() -> None:
    # One basket in ten holds 25 products of 40, the others two: drawn without a thought.
    rng = np.random.default_rng(6)
    widths = np.where(rng.random(3000) < 0.1, 25, 2)
    baskets = [tuple(rng.choice(40, size=width, replace=False).tolist()) for width in widths]

    rules = learned(table(*baskets, n_products=40), least=20)

    assert len(rules) == 0


def test_expected_is_what_baskets_as_wide_would_hold() -> None:
    # Of 200 baskets of three products 60 hold honey, of 200 of two 10.
    three = [(TEA, HONEY, MUG)] * 50 + [(TEA, MUG, SPOON)] * 20 + [(HONEY, 5, 6)] * 10
    two = [(TEA, MUG)] * 30 + [(HONEY, SPOON)] * 10 + [(7, 8)] * 160

    rules = learned(table(*three, *[(5, 6, 7)] * 120, *two), least=10)

    row = of(rules, (TEA,), HONEY)
    assert rules.expected[row] == pytest.approx(70 * 60 / 200 + 30 * 10 / 200)


def test_a_few_baskets_do_not_shout() -> None:
    # Bought together three times of three: 60 times as often as usual, and chance all the same.
    baskets = [(TEA, HONEY)] * 3 + [(TEA + 2 + n % 9,) for n in range(180)]

    assert said(learned(table(*baskets), least=1)) == set()


def test_customers_are_counted_once_however_often_they_come() -> None:
    baskets = table(*[(TEA, HONEY)] * 6, (TEA,), (HONEY,))
    sets = frequent_sets(baskets, least=1, largest=2)

    holders = Holders.of(sets, baskets, owner=np.array([0, 0, 0, 1, 1, 2, 3, 4]))

    assert holders.customers[1].tolist() == [3]
    assert holders.bands[1].sum() == 6


def test_without_any_set_there_is_no_rule() -> None:
    assert len(learned(table((TEA,), (HONEY,)))) == 0
