"""The page behind the link in every message: one button, no signing in, nothing about anybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.services.unsubscribe import unsubscribe
from campaigns.way_out import key_in
from retention.access.ratelimit import Counter

TRIES_A_MINUTE = 30
"""Of one link, or of one address whose links are none of ours."""
_counter = Counter()


# The signed link is the right to post; a mailbox provider that does so knows no token of ours.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks; POST does, whether a person pressed the button or a mailbox did (RFC 8058)."""
    at, key = timezone.now(), key_in(token)
    # By message, for all customers may come through one proxy; who makes links up, by address.
    who = key or request.META.get("REMOTE_ADDR", "")
    allowance = _counter.count(f"unsubscribe:{who}", limit=TRIES_A_MINUTE, at=at)
    if allowance and allowance.is_spent:
        return _page(request, "wait", status=429)
    if key is None:
        return _page(request, "broken", status=404)
    if request.method == "POST":
        unsubscribe(key, at=at)
        return _page(request, "done")
    return _page(request, "ask")


def _page(request: HttpRequest, stage: str, *, status: int = 200) -> HttpResponse:
    context = {"stage": stage, "shop": settings.SHOP_NAME}
    response = render(request, "unsubscribe.html", context, status=status)
    # The address is the right to unsubscribe: no other site is told it, no search engine keeps it.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
