"""What becomes of two customers who are made one: decided here, for the page that says it and for
the service that does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from customers.identifiers import is_nobody
from customers.models import Customer, CustomerContact
from customers.people import CONTACT, HABITS
from customers.store.rows import SourceId


class NotMergeable(Exception):
    """These two cannot be made one; the sentence says why."""


@dataclass(frozen=True)
class Side:
    """One of the two, as they stand. said : the last word on each purpose they spoke of."""

    customer: Customer
    ids: tuple[SourceId, ...]
    contact: dict[str, str]
    said: dict[str, bool]
    orders: int
    events: int

    @property
    def told(self) -> dict[str, str]:
        """All that one may lack and the other know."""
        habits = {field: getattr(self.customer, field) for field in HABITS}
        return {field: self.contact.get(field, "") for field in CONTACT} | habits

    @property
    def seen(self) -> list[datetime]:
        """When first and last; empty where never."""
        both = (self.customer.first_seen_at, self.customer.last_seen_at)
        return [moment for moment in both if moment is not None]


@dataclass(frozen=True)
class Plan:
    """What a merge of two will do. taken : fields; said : what the kept says newly, by purpose."""

    kept: Side
    absorbed: Side
    taken: tuple[str, ...]
    said: dict[str, bool]


def plan_merge(kept: Side, absorbed: Side) -> Plan:
    """Raises NotMergeable."""
    _refuse(kept, absorbed)
    taken = tuple(_lacking(kept.told, absorbed.told))
    return Plan(kept, absorbed, taken, _agreed(kept.said, absorbed.said))


def contact_of(contact: CustomerContact | None) -> dict[str, str]:
    """What is known of how to reach someone, by field."""
    if contact is None:
        return {}
    return {field: value for field in CONTACT if (value := getattr(contact, field))}


def _refuse(kept: Side, absorbed: Side) -> None:
    """Raises NotMergeable."""
    if kept.customer == absorbed.customer:
        raise NotMergeable(
            f"{kept.customer} cannot be merged with themselves. Choose another customer."
        )
    for one in (kept.customer, absorbed.customer):
        if one.merged_into is not None:
            raise NotMergeable(
                f"{one} is merged into {one.merged_into} already. Choose {one.merged_into},"
                " or undo that merge first."
            )
    for source, external_id in (*kept.ids, *absorbed.ids):
        if is_nobody(external_id):
            raise NotMergeable(
                f"{external_id!r} ({source}) is what programs send when they have no id: it stands"
                " for many people, and is never merged."
            )


def _lacking(kept: Mapping[str, str], absorbed: Mapping[str, str]) -> list[str]:
    """The fields that the one takes from the other, having none."""
    return [field for field, value in absorbed.items() if value and not kept.get(field)]


def _agreed(kept: Mapping[str, bool], absorbed: Mapping[str, bool]) -> dict[str, bool]:
    """What the one says from now on that they did not before: a no of either wins, and a yes
    counts where the other said nothing."""
    return {
        purpose: granted
        for purpose, granted in sorted(absorbed.items())
        if purpose not in kept or (kept[purpose] and not granted)
    }
