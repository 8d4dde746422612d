"""A customer by any id that the shop knew them by."""

from urllib.parse import quote

from rest_framework.views import APIView

from catalog.api.finding import by_external_id
from customers.models import Customer

MERGED_INTO = "Merged-Into"


class OfCustomer(APIView):
    """About one customer. Asked for somebody who was merged into another, it answers of that one,
    and says so in a header."""

    def customer(self, external_id: str) -> Customer:
        """Problem 404 where there is none."""
        asked = by_external_id(Customer.objects.select_related("merged_into"), external_id)
        if asked.merged_into is not None:
            # An id may hold what a header may not.
            self.headers[MERGED_INTO] = quote(asked.merged_into.external_id)
        return asked.current
