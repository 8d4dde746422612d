"""Row numbers inside, surrogate ids outside: the one place that knows both."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retention.learning.interactions import IntArray

IdArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Row r is the r-th smallest id. ids : (n,) int64, rising, no id twice. 8 bytes an id."""

    ids: IdArray

    def __post_init__(self) -> None:
        if self.ids.ndim != 1 or self.ids.dtype != np.int64:
            raise ValueError(
                f"ids must be one row of int64, not {self.ids.shape} {self.ids.dtype}; "
                "Vocabulary.of() converts."
            )
        if not bool(np.all(np.diff(self.ids) > 0)):
            raise ValueError("ids must rise and not repeat; Vocabulary.of() sorts them.")

    @classmethod
    def of(cls, ids: ArrayLike) -> Self:
        """The vocabulary of all ids seen, in any order and any number of times."""
        return cls(ids=np.unique(np.asarray(ids, dtype=np.int64)))

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, ids: ArrayLike) -> IntArray:
        """The row number of each id, -1 where unknown. Same shape; log n an id."""
        asked = np.asarray(ids, dtype=np.int64)
        if not len(self.ids):
            return np.full(asked.shape, -1, dtype=np.int32)
        place = np.searchsorted(self.ids, asked).clip(max=len(self.ids) - 1)
        return np.where(self.ids[place] == asked, place, -1).astype(np.int32)

    def ids_of(self, rows: IntArray) -> IdArray:
        """The id of each row number, -1 where the row is -1 (no product). Same shape."""
        if rows.size and (rows.min() < -1 or rows.max() >= len(self.ids)):
            raise ValueError(
                f"rows must lie in -1..{len(self.ids) - 1}, found {rows.min()}..{rows.max()}."
            )
        if not len(self.ids):
            return np.full(rows.shape, -1, dtype=np.int64)
        return np.where(rows >= 0, self.ids[rows], -1)
