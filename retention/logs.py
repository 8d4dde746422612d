"""Log lines say which page was asked for, never about whom: addresses hold ids, codes and keys."""

import logging

from django.http import HttpRequest

NO_PAGE = "(no page)"


class Routed(logging.Filter):
    """Writes the route of a request, `api/v1/customers/<str:external_id>/`, for its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            route = request.resolver_match.route if request.resolver_match else NO_PAGE
            record.args = tuple(route if one == request.path else one for one in record.args)
        return True
