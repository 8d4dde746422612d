"""Whose is each id: what the shop says is linked, as far as it makes no two customers one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from catalog.refusals import Refusal, Refused
from customers.people import Person
from customers.store.rows import SourceId

Owner = int | SourceId
"""A customer's row number; or the shop's id of one who is made with this batch."""


@dataclass(frozen=True)
class Link:
    """A person and the customer they are; new_ids are those the customer did not have."""

    person: Person
    owner: Owner
    new_ids: tuple[SourceId, ...]


def link(
    people: Sequence[Person],
    *,
    found: Mapping[SourceId, int],
    shop_ids: Mapping[Owner, SourceId],
    erased: Collection[SourceId],
) -> tuple[list[Link], list[Refused]]:
    """In the order sent, so that a later message sees what an earlier one linked.

    found : who has these ids now. shop_ids : the shop's own id of each of them who has one.
    """
    owners: dict[SourceId, Owner] = dict(found)
    named: dict[Owner, SourceId] = dict(shop_ids)
    links, refused = [], []
    for person in people:
        try:
            owner = _owner(person, owners, named, erased)
        except Refusal as refusal:
            refused.append(refusal.at(person.index))
            continue
        links.append(Link(person, owner, tuple(one for one in person.ids if one not in owners)))
        owners.update(dict.fromkeys(person.ids, owner))
        named[owner] = person.shop_id
    return links, refused


def _owner(
    person: Person,
    owners: Mapping[SourceId, Owner],
    named: Mapping[Owner, SourceId],
    erased: Collection[SourceId],
) -> Owner:
    for one in person.ids:
        if one in erased:
            raise Refusal(
                "erased",
                "This person was erased on request and stays so. Lift the erasure in the admin"
                " if they came back.",
            )
    owner = owners.get(person.shop_id)
    if owner is None:
        # Met elsewhere before the shop knew them: the shop's id joins that customer.
        met = {owners[one] for one in person.others if one in owners}
        owner = met.pop() if len(met) == 1 and not met & named.keys() else person.shop_id
    for one in person.others:
        if owners.get(one, owner) != owner:
            raise Refusal(
                "identity_taken",
                f"{spelt(one)} belongs to another customer than {spelt(person.shop_id)}."
                " Two customers are never made one by an import.",
            )
    return owner


def spelt(one: SourceId) -> str:
    return f"{one[0]}:{one[1]}"
