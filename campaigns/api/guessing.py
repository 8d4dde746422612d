"""Whoever tries codes in a row has to wait; that codes cannot be guessed is their own doing."""

import hashlib
from datetime import datetime

from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from retention.access.models import ApiKey
from retention.access.ratelimit import Counter

TRIES_A_MINUTE = 30
"""Of one customer, at a checkout that may ask again with every keystroke."""
_counter = Counter()


def refuse_guessers(request: Request, customer: str, *, at: datetime) -> None:
    """Raises Throttled, by customer: a shop that one visitor attacks goes on serving the others."""
    client = request.auth.prefix if isinstance(request.auth, ApiKey) else f"user:{request.user.pk}"
    digest = hashlib.sha256(customer.encode()).hexdigest()[:32]
    allowance = _counter.count(f"code:{client}:{digest}", limit=TRIES_A_MINUTE, at=at)
    if allowance and allowance.is_spent:
        raise Throttled(
            allowance.reset_seconds,
            f"This customer tried more than {TRIES_A_MINUTE} codes in a minute.",
        )
