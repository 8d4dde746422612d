"""Whoever tries codes in a row has to wait; that codes cannot be guessed is their own doing."""

import hashlib
from datetime import datetime

from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from campaigns.codes import normal
from campaigns.models import Coupon
from retention.access.models import ApiKey
from retention.access.ratelimit import Counter

TRIES_A_MINUTE = 30
"""Of one customer, at a checkout that may ask again with every keystroke."""
_counter = Counter()


def refuse_guessers(request: Request, customer: str, *, at: datetime) -> None:
    """Raises Throttled, by customer: a shop that one visitor attacks goes on serving the others."""
    digest = hashlib.sha256(customer.encode()).hexdigest()[:32]
    key = f"code:{_client(request)}:{digest}"
    allowance = _counter.count(key, limit=TRIES_A_MINUTE, at=at)
    if allowance and allowance.is_spent:
        raise Throttled(
            allowance.reset_seconds,
            f"This customer tried more than {TRIES_A_MINUTE} codes in a minute.",
        )


def coupon_or_guess(request: Request, code: str, *, at: datetime) -> Coupon | None:
    """The coupon of a code, whosever it is. Raises Throttled.

    What is counted is codes that there are not: a thousand pictures for a letter are no guesses.
    """
    key = f"guess:{_client(request)}"
    seen = _counter.seen(key, limit=TRIES_A_MINUTE, at=at)
    if seen and seen.remaining <= 0:
        raise Throttled(
            seen.reset_seconds,
            f"More than {TRIES_A_MINUTE} codes of a minute are none.",
        )
    coupon = Coupon.objects.filter(code_normal=normal(code) or None).first()
    if coupon is None:
        _counter.count(key, limit=TRIES_A_MINUTE, at=at)
    return coupon


def _client(request: Request) -> str:
    return request.auth.prefix if isinstance(request.auth, ApiKey) else f"user:{request.user.pk}"
