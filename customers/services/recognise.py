"""Whose event is it: customers found by their id in a source, strangers added."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from customers.identifiers import own_name
from customers.selectors import erased_among
from customers.store import store
from customers.store.rows import SourceId


@dataclass
class Recognised:
    """found: the row number behind each id. erased: ids that must stay nobody's.

    homes : of ids that came with a merge, whose they are again once that is undone.
    """

    found: dict[SourceId, int] = field(default_factory=dict)
    homes: dict[SourceId, int] = field(default_factory=dict)
    erased: set[SourceId] = field(default_factory=set)
    added: int = 0

    @property
    def lasting(self) -> dict[SourceId, int]:
        """What may be remembered: an undone merge gives the other ids back to others."""
        if not self.homes:
            return self.found
        return {one: row for one, row in self.found.items() if one not in self.homes}


def recognise_customers(
    wanted: set[SourceId], *, at: datetime, known: Mapping[SourceId, int]
) -> Recognised:
    """The customers behind these ids, kept from erasure and merges until the transaction ends.

    known : ids met before, none that came with a merge; they are checked, since their customers may
        have been erased or merged since.
    """
    seen = Recognised({one: known[one] for one in wanted & known.keys()})
    while True:
        if missing := wanted - seen.found.keys() - seen.erased:
            _look_up(sorted(missing), seen)
            if strangers := missing - seen.found.keys():
                _meet(strangers, seen, at=at)
        if not _gone(seen):
            return seen


def _look_up(ids: Sequence[SourceId], seen: Recognised) -> None:
    for one, (customer, home) in store().find_homes(ids).items():
        seen.found[one] = customer
        if home is not None:
            seen.homes[one] = home


def _meet(strangers: Collection[SourceId], seen: Recognised, *, at: datetime) -> None:
    seen.erased.update(erased_among(strangers))
    # Sorted, so that two writers who meet the same strangers never wait for each other.
    names = sorted((own_name(*one), *one) for one in strangers if one not in seen.erased)
    if names:
        seen.added += store().add_customers(names, at=at)
        _look_up([(source, one) for _, source, one in names], seen)


def _gone(seen: Recognised) -> set[SourceId]:
    """Hold the customers found; forget, and return, the ids that are not theirs any more."""
    there = store().hold_customers(set(seen.found.values()))
    gone = {one for one, customer in seen.found.items() if customer not in there}
    if seen.homes:
        # Undone between our look and our hold, a merge gave its ids back.
        gone |= moved_among(seen.homes, seen.found)
    for one in gone:
        del seen.found[one]
        seen.homes.pop(one, None)
    return gone


def moved_among(ids: Collection[SourceId], found: Mapping[SourceId, int]) -> set[SourceId]:
    """Those of the ids that have another customer than was found."""
    now = store().find_customers(sorted(ids))
    return {one for one in ids if now.get(one) != found[one]}
