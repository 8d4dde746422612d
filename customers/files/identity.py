"""A name for every line that has none: equal facts, equal name, in whatever file they stand.

So a file imported twice, or two exports that overlap, store each fact once. A line that stands
twice inside one order was bought twice: it gets a name of its own by counting within the order.
The count starts again when the order changes, so that it needs no memory of the whole file, and a
whole order that comes again is known again.
"""

from hashlib import blake2b

LARGEST_ORDER = 100_000


class Identities:
    def __init__(self) -> None:
        self._order = ""
        self._seen: dict[str, int] = {}

    def name(self, content: str, *, order: str = "", when: str = "") -> str:
        """32 characters.

        order : which one the line is part of, "" for none.
        when : its moment in digits that sort. Names of one hour then lie side by side in the
            database's index; at random, each chunk would touch all of a large one.
        """
        if order and (repeat := self._repeat(content, order)):
            content = f"{content}\x1f{repeat}"
        if len(when) < 8:
            return blake2b(content.encode(), digest_size=16).hexdigest()
        return when[:8] + blake2b(content.encode(), digest_size=12).hexdigest()

    def _repeat(self, content: str, order: str) -> int:
        if order != self._order or len(self._seen) >= LARGEST_ORDER:
            self._order = order
            self._seen = {}
        repeat = self._seen.get(content, 0)
        self._seen[content] = repeat + 1
        return repeat
