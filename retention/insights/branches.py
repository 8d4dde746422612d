"""The shop's tree of categories, cut where its branches tell customers apart.

One cut for all that learns of branches: the chance of buying from each, of which the next order
will be, who comes into a segment. They differ in how many branches they can tell apart, and so
name the most. Not cut so are two others, for they do not look for one level: recommendations learn
from every level at once, and the map of what goes together shows the level that an operator
chooses.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from catalog.models import Category
from catalog.services.grow import branch_of, depth_of
from retention.learning.panel import IntArray, Kind, Panel

HELD: Final = 0.95
"""Of who bought from what, so much is told apart at the least."""


@dataclass(frozen=True)
class Branches:
    """paths, ids : of the branches, those with most buyers first. within : the number of the branch
    that each category lies in, by the category's key, where it lies in one."""

    paths: tuple[str, ...]
    ids: tuple[int, ...]
    within: dict[int, int]

    def places(self, categories: IntArray) -> IntArray:
        """The branch of each category, (n,); -1 for none. categories : (n,) keys, -1 for none."""
        keys, where = np.unique(categories, return_inverse=True)
        numbers = np.array([self.within.get(key, -1) for key in keys.tolist()], dtype=np.int64)
        return numbers[where]


def branches(panel: Panel, *, most: int) -> Branches:
    """At the deepest level that has at most so many with a buyer, but at the first that has two at
    least: "Everything > Tea" tells more than all. Where even that has more, those with most buyers.
    Not so deep that much of what is bought is filed above the level.
    """
    key_of = dict(Category.objects.values_list("path", "pk"))
    bought = _buyers(panel)
    buyers = {path: bought[pk] for path, pk in key_of.items() if pk in bought}
    all_bought = sum(map(len, buyers.values()))
    cut, who = dict[str, str](), dict[str, set[int]]()
    for depth in range(1, 1 + max(map(depth_of, buyers), default=0)):
        deeper = _cut(key_of, buyers, depth)
        held = sum(len(buyers[path]) for path in buyers if path in deeper)
        branched = _buyers_of(deeper, buyers)
        if len(who) > 1 and (len(branched) > most or held < HELD * all_bought):
            break
        cut, who = deeper, branched
    paths = sorted(who, key=lambda path: (-len(who[path]), path))[:most]
    number = {path: n for n, path in enumerate(paths)}
    within = {key_of[path]: number[branch] for path, branch in cut.items() if branch in number}
    return Branches(tuple(paths), tuple(key_of[path] for path in paths), within)


def _cut(there: Collection[str], bought: Iterable[str], depth: int) -> dict[str, str]:
    """The branch of each category at a depth. One that ends above is a branch of its own, but in
    none where others inside it are bought: they are told apart, and it is not one of them."""
    parents = {branch_of(path, above) for path in bought for above in range(1, depth_of(path))}
    found = {path: branch_of(path, depth) for path in there}
    return {
        path: branch
        for path, branch in found.items()
        if branch in there and (depth_of(path) >= depth or path not in parents)
    }


def _buyers_of(cut: dict[str, str], buyers: dict[str, set[int]]) -> dict[str, set[int]]:
    """Who bought from each branch; of those that somebody bought from."""
    found = dict[str, set[int]]()
    for path, who in buyers.items():
        if path in cut:
            found.setdefault(cut[path], set()).update(who)
    return found


def _buyers(panel: Panel) -> dict[int, set[int]]:
    """Who bought from each category, by its key."""
    bought = (panel.kind == Kind.PURCHASE) & (panel.category >= 0)
    each = np.unique(panel.category[bought] * panel.n_customers + panel.customer[bought])
    categories, customers = np.divmod(each, panel.n_customers)
    found = dict[int, set[int]]()
    for category, who in zip(categories.tolist(), customers.tolist(), strict=True):
        found.setdefault(category, set()).add(who)
    return found
