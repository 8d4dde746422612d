"""Decision trees: the best question against trying all, pruned to what holds later."""

import numpy as np
import pytest
from scipy.stats import entropy

from retention.learning.panel import FloatArray, IntArray
from retention.learning.trees import Tree, grow_tree, pruned_tree, surprise

STEPS = (1.0, 100.0)


def _rows(seed: int, n: int = 4_000) -> tuple[FloatArray, IntArray]:
    """Orders up to 9 and amounts to 1,000.00; more of both makes class 1 likelier."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.integers(0, 10, n) + rng.random(n), rng.integers(0, 100_000, n)])
    odds = (x[:, 0] >= 4) * 1.5 + (x[:, 1] >= 60_000) - 2
    return x, (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(np.int64)


def test_its_first_question_is_the_best_there_is() -> None:
    x, y = _rows(1)

    tree = grow_tree(x, y, classes=2, steps=STEPS, deepest=1)

    def left(column: int, least: float) -> float:
        sides = (x[:, column] >= least, x[:, column] < least)
        return float(
            sum(s.sum() * entropy(np.bincount(y[s], minlength=2)) for s in sides if s.any())
        )

    asked = [(c, float(t)) for c in (0, 1) for t in np.unique(x[:, c] // STEPS[c] * STEPS[c])]
    assert min(asked, key=lambda one: left(*one)) == (tree.feature[0], tree.least[0]) == (0, 4.0)


def test_every_row_is_counted_at_the_nodes_it_passes() -> None:
    x, y = _rows(2)
    tree = grow_tree(x, y, classes=3, steps=STEPS)

    passed = tree.reached(x)

    counted = np.array([np.bincount(y[column], minlength=3) for column in passed.T])
    assert (counted == tree.counts).all()
    assert passed[:, tree.leaves].sum(axis=1).max() == 1
    assert np.allclose(tree.probability(x).sum(axis=1), 1)


def test_a_path_says_who_comes_to_a_node() -> None:
    x, y = _rows(3)
    tree = grow_tree(x, y, classes=2, steps=STEPS)
    passed = tree.reached(x)

    for node, path in tree.paths():
        fits = np.ones(len(x), dtype=bool)
        for asked, yes in path:
            fits &= (x[:, tree.feature[asked]] >= tree.least[asked]) == yes
        assert (fits == passed[:, node]).all()


def test_what_does_not_hold_later_is_pruned_away() -> None:
    x, y = _rows(4)
    later_x, later_y = _rows(6)
    mixed = np.random.default_rng(5).permutation

    noise = pruned_tree(x, mixed(y), later_x, mixed(later_y), classes=2, steps=STEPS)
    kept = pruned_tree(x, y, later_x, later_y, classes=2, steps=STEPS)

    assert len(noise.leaves) == 1
    assert {0, 1} <= set(kept.feature.tolist())
    later = _rows(7)
    usual = np.full((len(later[1]), 2), kept.counts[0] / kept.counts[0].sum())
    assert surprise(kept.probability(later[0]), later[1]).mean() < surprise(usual, later[1]).mean()


def test_a_stored_tree_is_the_same_and_the_unknown_is_refused() -> None:
    x, y = _rows(8)
    tree = grow_tree(x, y, classes=2, steps=STEPS)

    again = Tree.from_arrays({name: array.tolist() for name, array in tree.arrays().items()})

    assert (again.probability(x) == tree.probability(x)).all()
    with pytest.raises(ValueError, match="fill what is not known"):
        grow_tree(np.full((200, 2), np.nan), np.zeros(200, dtype=np.int64), classes=2, steps=STEPS)
