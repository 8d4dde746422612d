"""What is known about a customer, read at once."""

from dataclasses import dataclass

from customers.models import Consent, Customer, CustomerContact, CustomerIdentity, Event


@dataclass(frozen=True)
class CustomerFile:
    customer: Customer
    contact: CustomerContact | None
    identities: list[CustomerIdentity]
    consents: list[Consent]
    events: list[Event]


def customer_file(customer: Customer, *, events: int = 20) -> CustomerFile:
    """Contact, ids, what they agreed to, and the last so many events, newest first: 4 queries."""
    return CustomerFile(
        customer,
        CustomerContact.objects.filter(customer=customer).first(),
        list(customer.identities.order_by("source", "external_id")),
        list(customer.consents.filter(is_current=True).order_by("purpose")),
        list(customer.events.select_related("product").order_by("-occurred_at", "-pk")[:events]),
    )
