"""The link by which a customer ends messages without signing in: signed, and about nobody.

It names a message by its random key, so it tells nothing of the person and cannot be made up.
"""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

_SALT = "campaigns.unsubscribe"


def unsubscribe_url(key: str) -> str:
    # Where nobody said under which address customers reach us, nothing is sent out.
    path = reverse("unsubscribe", args=[Signer(salt=_SALT).sign(key)])
    base: str = settings.PUBLIC_URL or settings.LOCAL_URL
    return base.rstrip("/") + path


def key_in(token: str) -> str | None:
    """The key of the message; None where the link is not one of ours."""
    try:
        return Signer(salt=_SALT).unsign(token)
    except BadSignature:
        return None
