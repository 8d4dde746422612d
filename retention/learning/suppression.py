"""Cell suppression: which of some counts of people may be told, where some are sums of others.

Whoever reads what is told knows that the sums hold and that no count is negative. A hidden count
is safe where another table of whole numbers agrees with all that is told and has it otherwise; a
small one where another has it no longer small. Such tables are found by linear programming and
checked in whole numbers: what is not proved safe counts as given away, and one more is hidden.
What proves not needed in the end is told again (Cox 1980; Fischetti and Salazar 2001).
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Sum = tuple[int, Sequence[int]]
FAR: Final = 1000
"""So far another table is sought from the true one at most."""


def suppressed(
    counts: Sequence[int], sums: Sequence[Sum], *, fewest: int, known: Collection[int] = ()
) -> BoolArray:
    """Which counts to hide: those from 1 to fewest - 1, and others until none of them follows.

    sums : of each the place of the whole, and the places of its parts. known : places that are
        told elsewhere: to hide them here would hide nothing.
    """
    tables = _Tables(np.asarray(counts, np.int64), sums, fewest, known)
    tables.hide_until_safe()
    tables.tell_what_may_be()
    return tables.hidden


class _Tables:
    """The counts, what of them is hidden so far, and why that is enough.

    lines : a row a sum, -1 at the whole and 1 at its parts. others : other tables that agree with
        what is told, a row each, as their distance from the true one.
    """

    def __init__(
        self, counts: IntArray, sums: Sequence[Sum], fewest: int, known: Collection[int]
    ) -> None:
        self.counts, self.fewest = counts, fewest
        self.lines = np.zeros((len(sums), len(counts)), np.int64)
        for line, (whole, parts) in zip(self.lines, sums, strict=True):
            line[whole] = -1
            line[list(parts)] = 1
        self.small = (counts > 0) & (counts < fewest)
        self.hidden = self.small.copy()
        self.may_hide = np.isin(np.arange(len(counts)), list(known), invert=True)
        self.others = np.zeros((0, len(counts)), np.int64)
        # To hide first: somebody rather than nobody, a cell rather than a sum, the smallest.
        wholes = (self.lines == -1).sum(axis=0)
        self.turn = np.lexsort((counts, wholes, counts == 0)).argsort()

    def hide_until_safe(self) -> None:
        self._make_room()
        while given := list(self._given_away()):
            near = [self._nearest(place) for place in given]
            covers = [place for place in near if place is not None]
            if not covers:
                return
            self.hidden[covers] = True
            self._make_room()

    def tell_what_may_be(self) -> None:
        """The largest first."""
        besides = _places(self.hidden & ~self.small)
        for place in sorted(besides, key=lambda one: -self.counts[one]):
            others = self.others
            self.hidden[place] = False
            self.others = others[others[:, place] == 0]
            if self._is_tight() or any(True for _ in self._given_away()):
                self.hidden[place], self.others = True, others

    def _make_room(self) -> None:
        """Hide besides until no sum gives a count away by itself."""
        found = True
        while found:
            found = False
            for place in _places(self.hidden):
                for line in self._tight_lines(place):
                    cover = self._first(self.lines[line] != 0)
                    if cover is not None:
                        self.hidden[cover] = found = True

    def _is_tight(self) -> bool:
        return any(self._tight_lines(place) for place in _places(self.hidden))

    def _tight_lines(self, place: int) -> list[int]:
        """The sums in which what is hidden beside a count leaves it no room."""
        return [
            line for line in _places(self.lines[:, place] != 0) if self._leaves_no_room(line, place)
        ]

    def _leaves_no_room(self, line: int, place: int) -> bool:
        signs = self.lines[line]
        beside = self.hidden & (signs != 0)
        beside[place] = False
        if not self.small[place] or signs[place] < 0 or (beside & (signs < 0)).any():
            return not beside.any()
        return bool(self.counts[place] + self.counts[beside].sum() < self.fewest)

    def _nearest(self, place: int) -> int | None:
        """What to hide for a count that several sums together give away."""
        reached = np.arange(len(self.counts)) == place
        while True:
            lines = (self.lines[:, reached] != 0).any(axis=1)
            around = (self.lines[lines] != 0).any(axis=0)
            cover = self._first(around)
            if cover is not None or not (around & self.hidden & ~reached).any():
                return cover
            reached |= around & self.hidden

    def _first(self, among: BoolArray) -> int | None:
        places = _places(among & ~self.hidden & self.may_hide)
        return min(places, key=lambda one: int(self.turn[one])) if places else None

    def _given_away(self) -> Iterator[int]:
        """The hidden counts that no other table is found for."""
        far = np.full(len(self.counts), FAR)
        enough = np.where(self.small, self.fewest - self.counts, far)
        while (left := self._unproved()).any():
            if not (
                self._seek(left & self.small, enough)
                or self._seek(left & ~self.small, enough, sign=-1)
            ):
                break
        for place in _places(left):
            goal = np.arange(len(self.counts)) == place
            for sign in (1, -1):
                if self._unproved()[place]:
                    self._seek(goal, far, sign=sign)
            if self._unproved()[place]:
                yield place

    def _unproved(self) -> BoolArray:
        return self.hidden & ~self._proved_by(self.others).any(axis=0)

    def _proved_by(self, others: IntArray) -> BoolArray:
        is_many = self.counts + others >= self.fewest
        return np.asarray((others != 0) & (is_many | ~self.small))

    def _seek(self, goal: BoolArray, high: IntArray, *, sign: int = 1) -> bool:
        """Another table with as many, or with sign -1 as few, of the goal as can be; whether it
        proves more."""
        from scipy.optimize import linprog  # Heavy, and only for who may not look customers up.

        if not goal.any():
            return False
        free = np.flatnonzero(self.hidden)
        lines = self.lines[:, free]
        lines = lines[lines.any(axis=1)]
        bounds = np.stack([-np.minimum(self.counts, FAR), high], axis=1)[free].tolist()
        told = np.zeros(len(lines))
        found: Any = linprog(-sign * goal[free], A_eq=lines, b_eq=told, bounds=bounds)
        if found.x is None:
            return False
        other = np.zeros_like(self.counts)
        other[free] = np.round(found.x)
        if (self.lines @ other).any() or (self.counts + other < 0).any():
            return False
        proves = bool((self._proved_by(other) & self._unproved()).any())
        self.others = np.vstack([self.others, other]) if proves else self.others
        return proves


def _places(chosen: BoolArray) -> list[int]:
    return [int(place) for place in np.flatnonzero(chosen)]
