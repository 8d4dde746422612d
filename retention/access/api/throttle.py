from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from retention.access.models import ApiKey
from retention.access.ratelimit import Counter

if TYPE_CHECKING:
    from rest_framework.views import APIView  # Imports the settings, which name this package.

SLOW_A_MINUTE = 30
_counter = Counter()


class KeyThrottle(BaseThrottle):
    """So many requests a minute for each key, API_RATE_PER_MINUTE; 0 counts nothing."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        limit: int = settings.API_RATE_PER_MINUTE
        if not limit or not isinstance(request.auth, ApiKey):
            return True  # People click slowly.
        allowance = _counter.count(request.auth.prefix, limit=limit, at=timezone.now())
        request._request.allowance = allowance  # type: ignore[attr-defined] # for the headers
        if allowance and allowance.is_spent:
            raise Throttled(
                allowance.reset_seconds, f"This key made more than {limit:,} requests in a minute."
            )
        return True


class SlowThrottle(KeyThrottle):
    """For what keeps the database busy: SLOW_A_MINUTE for each who asks, a person too."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if not super().allow_request(request, view):
            return False
        who = request.auth.prefix if isinstance(request.auth, ApiKey) else f"user:{request.user}"
        allowance = _counter.count(f"slow:{who}", limit=SLOW_A_MINUTE, at=timezone.now())
        if allowance and allowance.is_spent:
            said = f"This may be asked {SLOW_A_MINUTE} times a minute."
            raise Throttled(allowance.reset_seconds, said)
        return True
