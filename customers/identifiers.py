"""Which ids are nobody's: what programs send when they have no id to send.

One of these taken for a person would gather the behaviour of thousands under one customer.
"""

import hmac

from django.conf import settings

from catalog.identifiers import NOTHING, QUOTES, first_letters
from customers.models import SHOP

NOBODY = NOTHING | frozenset(
    (
        "-1",
        "true",
        "false",
        "anonymous",
        "anon",
        "guest",
        "visitor",
        "unknown",
        "anonymoususer",
        "anonymous_user",
        "guestuser",
        "guest_user",
        "unknownuser",
        "unknown_user",
        "not_authenticated",
        "not authenticated",
        "notloggedin",
        "not_logged_in",
        "not logged in",
        "loggedout",
        "logged_out",
        "unset",
        "not_set",
        "not set",
        "(not set)",
        "(none)",
        "(null)",
        "<null>",
        "<none>",
        "<nil>",
        "void",
        "empty",
        "missing",
        "[object undefined]",
        "[object null]",
        "id",
        "uid",
        "userid",
        "user_id",
        "customerid",
        "customer_id",
        "distinctid",
        "distinct_id",
        "clientid",
        "client_id",
        "visitorid",
        "visitor_id",
        "sessionid",
        "session_id",
        "externalid",
        "external_id",
        "email",
        "user",
        "customer",
    )
)
"""No id of a person: placeholders, names of fields, templates that nobody filled in."""

_FIRST = first_letters(NOBODY)
_UNFILLED = ("{{", "${", "<%", "%%")


def is_nobody(text: str) -> bool:
    if not text or text[0] in "-.0{$<%":
        # 0, 0.0, the UUID of zeros; a template that nobody filled in.
        return not text.strip("0-.") or text.startswith(_UNFILLED) or text.lower() in NOBODY
    return text[0] in _FIRST and text.strip(QUOTES).lower() in NOBODY


def own_name(source: str, external_id: str) -> str:
    """What a customer first met in a source is called, until the shop names them.

    Sources hold no colon, so no id of one source ever spells the name of another's.
    """
    if source == SHOP and ":" not in external_id:
        return external_id
    return f"{source}:{external_id}"


def fingerprint(source: str, external_id: str) -> str:
    """What is kept of the id of someone erased: it can be recognised, not read."""
    text = f"{source}:{external_id}".encode()
    return hmac.digest(settings.ERASURE_KEY.encode(), text, "sha256").hex()
