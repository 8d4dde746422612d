"""Whose event is it: customers found by their id in a source, strangers added."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from customers.identifiers import fingerprint, own_name
from customers.models import Erasure
from customers.store import store
from customers.store.rows import SourceId


@dataclass
class Recognised:
    """found: the row number behind each id. erased: ids that must stay nobody's."""

    found: dict[SourceId, int] = field(default_factory=dict)
    erased: set[SourceId] = field(default_factory=set)
    added: int = 0


def recognise_customers(
    wanted: set[SourceId], *, at: datetime, known: Mapping[SourceId, int]
) -> Recognised:
    """The customers behind these ids, kept from erasure until the transaction ends.

    known : ids met before; they are checked, since their customers may have been erased since.
    """
    seen = Recognised({one: known[one] for one in wanted & known.keys()})
    while True:
        if missing := wanted - seen.found.keys() - seen.erased:
            seen.found.update(store().find_customers(sorted(missing)))
            if strangers := missing - seen.found.keys():
                _meet(strangers, seen, at=at)
        if not _gone(seen):
            return seen


def _meet(strangers: Collection[SourceId], seen: Recognised, *, at: datetime) -> None:
    seen.erased.update(erased_among(strangers))
    # Sorted, so that two writers who meet the same strangers never wait for each other.
    names = sorted((own_name(*one), *one) for one in strangers if one not in seen.erased)
    if names:
        seen.added += store().add_customers(names, at=at)
        seen.found.update(store().find_customers([(source, one) for _, source, one in names]))


def _gone(seen: Recognised) -> set[SourceId]:
    """Hold the customers found; forget, and return, the ids of those erased meanwhile."""
    there = store().hold_customers(set(seen.found.values()))
    gone = {one for one, customer in seen.found.items() if customer not in there}
    for one in gone:
        del seen.found[one]
    return gone


def erased_among(ids: Collection[SourceId]) -> set[SourceId]:
    """Those of the ids whose person was erased."""
    prints = {fingerprint(*one): one for one in ids}
    erased = Erasure.objects.filter(fingerprint__in=list(prints))
    return {prints[one] for one in erased.values_list("fingerprint", flat=True)}
