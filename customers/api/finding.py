"""A customer by any id that the shop knew them by."""

from urllib.parse import quote

from rest_framework.views import APIView

from customers.models import Customer
from retention.access.api import Problem

MERGED_INTO = "Merged-Into"


def customer_called(name: str) -> Customer:
    """By the shop's id, or another source's as source:id. Problem 404 where there is none."""
    # No database holds NUL, and PostgreSQL refuses to look for it.
    customers = Customer.objects.select_related("merged_into")
    found = None if "\x00" in name else customers.called(name)
    if found is None:
        raise Problem(404, "Not found", f"There is no customer {name!r}.")
    return found


class OfCustomer(APIView):
    """About one customer. Asked for somebody who was merged into another, it answers of that one,
    and says so in a header."""

    def customer(self, external_id: str) -> Customer:
        """Problem 404 where there is none."""
        asked = customer_called(external_id)
        if asked.merged_into is not None:
            # An id may hold what a header may not.
            self.headers[MERGED_INTO] = quote(asked.merged_into.external_id)
        return asked.current
