"""How many requests a client may make in a minute: counted in the cache, told in the headers.

A fixed window: all of a minute's requests may come in its first second. With Redis the count is
one for all processes; without, each web process counts for itself. A Redis that does not answer
lets requests through, for a limit is no reason to turn a shop away.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

WINDOW_SECONDS = 60
SILENCE_SECONDS = 30
"""After a failure Redis is left alone for so long, so that a request never waits for it twice."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Allowance:
    """Where a client stands in its minute; `remaining` falls below 0 where it asked too often."""

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def is_spent(self) -> bool:
        return self.remaining < 0

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.remaining)),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class Counter:
    """Counts in the cache, and gives it a rest where it fails."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def count(self, client: str, *, limit: int, at: datetime) -> Allowance | None:
        """One more request of a client; None where the cache cannot be asked."""
        used = self._asked(_increment, client, at)
        return Allowance(limit, limit - used, _seconds_left(at)) if used else None

    def seen(self, client: str, *, limit: int, at: datetime) -> Allowance | None:
        """Where a client stands, without counting; None where nothing was counted."""
        used = self._asked(cache.get, client, at)
        return Allowance(limit, limit - used, _seconds_left(at)) if used else None

    def _asked(self, ask: Callable[[str], int | None], client: str, at: datetime) -> int | None:
        if time.monotonic() < self._silent_until:
            return None
        try:
            return ask(f"rate:{client}:{int(at.timestamp()) // WINDOW_SECONDS}")
        except RedisError as error:
            self._silent_until = time.monotonic() + SILENCE_SECONDS
            logger.warning("Requests are not counted for %s s: %s", SILENCE_SECONDS, error)
            return None


def _seconds_left(at: datetime) -> int:
    return WINDOW_SECONDS - int(at.timestamp()) % WINDOW_SECONDS


def _increment(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # The first of its minute; or one of the first, where two meet.
        return 1 if cache.add(key, 1, timeout=2 * WINDOW_SECONDS) else cache.incr(key)


class RateLimitMiddleware:
    """Tells every client that was counted where it stands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        allowance: Allowance | None = getattr(request, "allowance", None)
        for name, value in allowance.headers.items() if allowance else ():
            response.headers[name] = value
        return response
