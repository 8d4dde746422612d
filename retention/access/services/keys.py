"""API keys: made once, shown once, kept as a hash."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from retention.access.models import ApiKey, Scope

LAST_USED_STEP = timedelta(minutes=1)
"""Using a key is written down at most this often, so that reading costs no write."""


class UnknownScopes(Exception):
    """A key was asked for with a scope that does not exist."""


def make_key(
    name: str,
    *,
    scopes: list[str],
    at: datetime,
    created_by: str = "",
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is never to be seen again."""
    if unknown := sorted(set(scopes) - set(Scope.values)):
        raise UnknownScopes(
            f"No scope {', '.join(unknown)}. Choose from {', '.join(sorted(Scope.values))}."
        )
    prefix, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        secret_hash=_hashed(secret),
        scopes=sorted(scopes),
        created_by=created_by,
        created_at=at,
        expires_at=expires_at,
    )
    return key, f"rk_{prefix}_{secret}"


def key_of(token: str, *, at: datetime) -> ApiKey | None:
    """The live key behind a token, or None; a wrong secret takes as long as a right one."""
    kind, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    key = ApiKey.objects.filter(prefix=prefix).first() if kind == "rk" else None
    matches = hmac.compare_digest(key.secret_hash if key else "0" * 64, _hashed(secret))
    if key is None or not matches or not key.is_live(at):
        return None
    if key.last_used_at is None or at - key.last_used_at > LAST_USED_STEP:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
    return key


def _hashed(secret: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()
