"""Decision trees small enough to read: every question is "at least so much?" of one fact."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from retention.learning.panel import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier

DEEPEST: Final = 4
LEAF_ROWS: Final = 50
LEAF_SHARE: Final = 0.01
"""A leaf holds at least so many rows, and such a part of all."""
LEAF: Final = -1
_TRIED = 20
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Tree:
    """Nodes in depth-first order, the root first.

    feature : (k,) column asked about, LEAF for none. least : (k,) who has at least so much goes
        to `yes`, everyone else to `no`; both (k,), LEAF for none.
    counts : (k, c) training rows of each class.
    """

    feature: IntArray
    least: FloatArray
    yes: IntArray
    no: IntArray
    counts: FloatArray

    @property
    def leaves(self) -> IntArray:
        """Rows of the nodes that ask nothing more."""
        return np.flatnonzero(self.feature == LEAF)

    @property
    def shares(self) -> FloatArray:
        """Probability of each class at each node, (k, c), drawn to the root's by one row's weight:
        where nobody was seen in a class, somebody still may be."""
        usual = self.counts[0] / self.counts[0].sum()
        shares: FloatArray = (self.counts + usual) / (self.counts.sum(axis=1, keepdims=True) + 1)
        return shares

    def leaf_of(self, x: FloatArray) -> IntArray:
        """The leaf each row of x (n, m) comes to, (n,). x holds no nan."""
        at = np.zeros(len(x), dtype=np.int64)
        rows = np.arange(len(x))
        for _ in range(len(self.feature)):
            asked = self.feature[at] != LEAF
            if not asked.any():
                break
            enough = x[rows, self.feature[at]] >= self.least[at]
            at = np.where(asked, np.where(enough, self.yes[at], self.no[at]), at)
        return at

    def probability(self, x: FloatArray) -> FloatArray:
        """Of each class for each row of x, (n, c)."""
        return self.shares[self.leaf_of(x)]

    def reached(self, x: FloatArray) -> BoolArray:
        """Which nodes each row of x passes on its way, (n, k)."""
        passed = np.zeros((len(x), len(self.feature)), dtype=bool)
        passed[np.arange(len(x)), self.leaf_of(x)] = True
        for node in range(len(self.feature) - 1, -1, -1):
            if self.feature[node] != LEAF:
                passed[:, node] = passed[:, self.yes[node]] | passed[:, self.no[node]]
        return passed

    def paths(self) -> Iterator[tuple[int, tuple[tuple[int, bool], ...]]]:
        """Each node with the (node, answered yes) that lead to it."""
        ways: dict[int, tuple[tuple[int, bool], ...]] = {0: ()}
        for node in range(len(self.feature)):
            yield node, ways[node]
            if self.feature[node] != LEAF:
                ways[int(self.yes[node])] = (*ways[node], (node, True))
                ways[int(self.no[node])] = (*ways[node], (node, False))

    def arrays(self) -> dict[str, Any]:
        """Everything that was learned, as plain arrays."""
        return {
            "feature": self.feature,
            "least": self.least,
            "yes": self.yes,
            "no": self.no,
            "counts": self.counts,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, Any]) -> Self:
        """The tree again from its arrays, or from lists of them."""
        names = ("feature", "yes", "no")
        whole = {name: np.asarray(arrays[name], dtype=np.int64) for name in names}
        return cls(
            **whole,
            least=np.asarray(arrays["least"], dtype=np.float64),
            counts=np.asarray(arrays["counts"], dtype=np.float64),
        )


def grow_tree(
    x: FloatArray,
    y: IntArray,
    *,
    classes: int,
    steps: Sequence[float],
    alpha: float = 0.0,
    deepest: int = DEEPEST,
) -> Tree:
    """CART (Breiman et al. 1984) by entropy, pruned by cost complexity.

    x : (n, m) without nan. y : (n,) class from 0. steps : (m,) values are told apart in whole
    steps from 0, so that every threshold is a round one; alpha : what a leaf more must win.
    """
    if np.isnan(x).any():
        raise ValueError("A tree asks about known facts only; fill what is not known first.")
    grid = np.asarray(steps, dtype=np.float64)
    learner = _learner(len(x), deepest=deepest, alpha=alpha).fit(np.floor(x / grid), y)
    return _readable(learner, y, grid, classes)


def pruned_tree(
    x: FloatArray,
    y: IntArray,
    later: FloatArray,
    later_y: IntArray,
    *,
    classes: int,
    steps: Sequence[float],
) -> Tree:
    """A tree of all these rows, as large as earned its leaves in a later window.

    Of the alphas on the way to the root alone, the largest whose log loss later is within one
    standard error of the best one's (paired on the same rows). Each leaf's shares are those of
    the other half of that window: whether it divides people is asked, as of honest trees (Athey
    and Imbens 2016), and not whether a season had as many of each class as another.
    """
    grid = np.asarray(steps, dtype=np.float64)
    learner = _learner(len(x), deepest=DEEPEST)
    alphas = np.maximum(learner.cost_complexity_pruning_path(np.floor(x / grid), y).ccp_alphas, 0)
    if len(alphas) > _TRIED:
        alphas = alphas[np.linspace(0, len(alphas) - 1, _TRIED).astype(np.int64)]
    # In the middle between two steps, as either side is a step of another tree.
    tried = np.append(np.sqrt(alphas[:-1] * alphas[1:]), alphas[-1]) if len(alphas) > 1 else alphas
    losses = []
    for alpha in tried:
        tree = grow_tree(x, y, classes=classes, steps=steps, alpha=float(alpha))
        losses.append(surprise(_crossed(tree.leaf_of(later), later_y, classes), later_y))
    best = losses[int(np.argmin([loss.mean() for loss in losses]))]
    enough = [
        i
        for i, loss in enumerate(losses)
        if (loss - best).mean() <= (loss - best).std() / max(len(best), 1) ** 0.5
    ]
    rows = np.vstack([x, later]), np.concatenate([y, later_y])
    return grow_tree(*rows, classes=classes, steps=steps, alpha=float(tried[enough[-1]]))


def surprise(probability: FloatArray, y: IntArray) -> FloatArray:
    """Log loss of each row, (n,), in nats. probability : (n, c)."""
    said = probability[np.arange(len(y)), y]
    return -np.log(np.maximum(said, _SMALLEST))


def _crossed(leaf: IntArray, y: IntArray, classes: int) -> FloatArray:
    """Probability of each class for each row by the other half's rows in its leaf, (n, c)."""
    half, said = np.arange(len(y)) % 2, np.empty((len(y), classes))
    for mine in (0, 1):
        there = half != mine
        seen = np.zeros((leaf.max(initial=0) + 1, classes))
        np.add.at(seen, (leaf[there], y[there]), 1)
        # One row of each class is spread, so that none is impossible.
        usual = (seen.sum(axis=0) + 1) / (there.sum() + classes)
        shares = (seen + usual) / (seen.sum(axis=1, keepdims=True) + 1)
        said[~there] = shares[leaf[~there]]
    return said


def _learner(n: int, *, deepest: int, alpha: float = 0.0) -> "DecisionTreeClassifier":
    from sklearn.tree import DecisionTreeClassifier  # It would be most of every process's start.

    return DecisionTreeClassifier(
        criterion="log_loss",
        max_depth=deepest,
        min_samples_leaf=_leaf_rows(n),
        ccp_alpha=alpha,
        random_state=0,  # Equal splits: the same one each time.
    )


def _leaf_rows(n: int) -> int:
    return max(LEAF_ROWS, round(LEAF_SHARE * n))


def _readable(
    learner: "DecisionTreeClassifier", y: IntArray, grid: FloatArray, classes: int
) -> Tree:
    """The learner's nodes, with yes for the upper side and thresholds on whole steps."""
    found = learner.tree_
    leaf = found.children_left == -1
    feature = np.where(leaf, LEAF, found.feature).astype(np.int64)
    least = np.where(leaf, 0.0, np.ceil(found.threshold) * grid[np.maximum(feature, 0)])
    seen = np.bincount(y, minlength=classes).astype(np.float64)
    counts = np.zeros((len(feature), classes))
    # Shares of its rows, by the classes that there were.
    counts[:, learner.classes_] = found.value[:, 0, :] * found.n_node_samples[:, None]
    counts[0] = seen
    return Tree(
        feature=feature,
        least=least,
        yes=np.where(leaf, LEAF, found.children_right).astype(np.int64),
        no=np.where(leaf, LEAF, found.children_left).astype(np.int64),
        counts=np.round(counts),
    )
