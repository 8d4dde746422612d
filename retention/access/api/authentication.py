"""API keys as Bearer tokens; operators by their session."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from retention.access.models import ApiKey, Scope
from retention.access.services.keys import key_of

if TYPE_CHECKING:
    from rest_framework.views import APIView  # Imports the settings, which name this module.

RIGHTS: dict[str, tuple[str, ...]] = {
    Scope.READ: (
        "catalog.view_product",
        "customers.view_customer",
        "insights.view_churnscore",
        "campaigns.view_campaign",
    ),
    Scope.RECOMMEND: ("customers.view_customer",),
    Scope.COUPONS_READ: ("campaigns.view_coupon",),
}
"""What a person must be allowed to see in the admin, to read what a key with the scope reads."""


@dataclass(frozen=True)
class ApiClient:
    """The shop's own machine, signed in with a key."""

    key: ApiKey
    is_authenticated: bool = True
    is_staff: bool = False

    def __str__(self) -> str:
        return f"API key {self.key.name}"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer rk_...`"""

    def authenticate(self, request: Request) -> tuple[ApiClient, ApiKey] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = key_of(token.strip(), at=timezone.now())
        if key is None:
            raise AuthenticationFailed("This API key is unknown, expired or revoked.")
        return ApiClient(key), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """A key needs the scope that the view names for the method; a person may read what the admin
    lets them see, and a superuser may do all."""

    message = "You may read here what the admin lets you see; anything more needs a key."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        user: Any = request.user
        if user is None or not getattr(user, "is_authenticated", False):
            return False
        if request.method == "OPTIONS" or not hasattr(view, str(request.method).lower()):
            return True  # What the methods are is no secret, and to another one the answer is 405.
        scopes: dict[str, str] = getattr(view, "required_scopes", {})
        scope = scopes.get("GET" if request.method == "HEAD" else str(request.method))
        if isinstance(request.auth, ApiKey):
            self.message = (
                f"Your key lacks the scope {str(scope)!r}. Make one that has it in the admin."
            )
            return scope is not None and request.auth.allows(scope)
        reads = user.is_staff and request.method in SAFE_METHODS and scope in RIGHTS
        return bool(user.is_superuser or (reads and user.has_perms(RIGHTS[str(scope)])))


class IsSignedIn(BasePermission):
    """Any live key, and staff: for what says nothing of the shop itself."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        user: Any = request.user
        return bool(user and (isinstance(request.auth, ApiKey) or user.is_staff))
