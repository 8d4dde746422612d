"""What OpenAPI says of every endpoint alike: how a key is sent, what may go wrong, how it counts.

A view describes only what is its own; refusals that all share are added here, so that none is
forgotten.
"""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

PROBLEM_JSON = "application/problem+json"
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What is wrong, with what value, and the way out (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"description": "What is wrong with each field, where fields are to blame."},
    },
    "required": ["type", "title", "status", "detail"],
    "examples": [
        {
            "type": "about:blank",
            "title": "Not found",
            "status": 404,
            "detail": "There is no product 'mug-9'.",
        }
    ],
}
SHARED: dict[str, tuple[str, str]] = {
    "400": (
        "Unreadable",
        "The body or a parameter cannot be read, or is unknown; `errors` or `detail` says which.",
    ),
    "401": ("NotSignedIn", "No key, or one that is unknown, expired or revoked."),
    "403": ("NotAllowed", "The key lacks the scope, or this needs a person."),
    "404": ("NotFound", "There is no such thing."),
    "406": ("NotAcceptable", "The answer is JSON: accept application/json."),
    "413": ("TooLarge", "The body is too large, or holds too much at once."),
    "415": ("NotJson", "Send application/json."),
    "422": ("Wrong", "Readable, and wrong: `detail` says what."),
    "429": ("TooMany", "More requests than this key may make in a minute."),
}
HEADERS: dict[str, dict[str, Any]] = {
    "RateLimit-Limit": {
        "description": "Requests this key may make in a minute.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Remaining": {
        "description": "Those left in this minute.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Reset": {
        "description": "Seconds until the next minute begins.",
        "schema": {"type": "integer"},
    },
}
NOT_BLANK = r"[^\s\x1c-\x1f\x85]"
"""Something to see: what Python strips and JSON Schema does not call white space is named."""
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "A word of your own for this request. Sent again with the same body, it is answered as it"
        " was answered first and has no second effect."
    ),
    "schema": {"type": "string", "maxLength": 128, "pattern": "^[!-~]+$"},
}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # it is untyped
    """`Authorization: Bearer rk_...`"""

    target_class = "retention.access.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key made in the admin, with the scopes its program needs.",
        }


class BodyScheme(OpenApiSerializerExtension):  # type: ignore[no-untyped-call] # it is untyped
    """A body holds the fields that are said, and no others."""

    target_class = "retention.access.api.bodies.Body"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(
            self.target, direction, bypass_extensions=True
        )
        for field in schema["properties"].values():
            _not_blank(field.get("items", field))
        return schema | {"additionalProperties": False}


def _not_blank(field: dict[str, Any]) -> None:
    """Text is stripped before it is measured; the pattern says so, where nothing else does."""
    if field.get("type") == "string" and field.get("minLength") and "enum" not in field:
        field.setdefault("pattern", NOT_BLANK)


class ApiSchema(AutoSchema):
    """The schema of one endpoint, with what it shares with all others."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        handler = getattr(self.view, self.method.lower(), None)
        is_idempotent = getattr(handler, "is_idempotent", False)
        if is_idempotent:
            operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        if "requestBody" in operation and isinstance(self.get_request_serializer(), dict):
            operation["requestBody"]["required"] = True
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                _not_blank(parameter["schema"])
        self._add_refusals(operation, is_idempotent=is_idempotent)
        self._add_counts(operation["responses"])
        return operation

    def _add_refusals(self, operation: dict[str, Any], *, is_idempotent: bool) -> None:
        """Every 4xx has a body of the one shape; those a view did not describe are shared."""
        problem = self._component("Problem", ResolvedComponent.SCHEMA, PROBLEM)
        responses: dict[str, Any] = operation["responses"]
        for status, response in responses.items():
            if status.startswith("4"):
                response.setdefault("content", {PROBLEM_JSON: {"schema": problem}})
        for status in self._refusals(operation, is_idempotent=is_idempotent):
            name, description = SHARED[status]
            shared = {"description": description, "content": {PROBLEM_JSON: {"schema": problem}}}
            reference = self._component(name, ResolvedComponent.RESPONSE, shared)
            responses.setdefault(status, reference)
        operation["responses"] = dict(sorted(responses.items()))

    def _refusals(self, operation: dict[str, Any], *, is_idempotent: bool) -> list[str]:
        parameters = operation.get("parameters", [])
        asked_in = {parameter["in"] for parameter in parameters}
        found = ["400", "401", "403", "406", "429"]
        if "path" in asked_in or any(each["name"] == "cursor" for each in parameters):
            found.append("404")
        if self.method == "POST":
            found += ["413", "415"]
        if is_idempotent or "requestBody" in operation:
            found.append("422")
        return found

    def _add_counts(self, responses: dict[str, Any]) -> None:
        references = {
            name: self._component(name, ResolvedComponent.HEADER, header)
            for name, header in HEADERS.items()
        }
        for status, response in responses.items():
            if status.startswith("2"):
                response["headers"] = response.get("headers", {}) | references

    def _component(self, name: str, kind: str, schema: dict[str, Any]) -> dict[str, str]:
        """The reference to a part that all endpoints share."""
        component = ResolvedComponent(  # type: ignore[no-untyped-call] # it is untyped
            name=name, type=kind, schema=schema, object=name
        )
        self.registry.register_on_missing(component)
        reference: dict[str, str] = component.ref
        return reference
