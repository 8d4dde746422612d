"""What the OpenAPI schema says of batches, made from the messages themselves."""

from typing import Any

import msgspec
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from catalog.api.batches import LARGEST_BATCH
from retention.access.api.schema import PROBLEM, PROBLEM_JSON

REFUSED = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "index": {"type": "integer", "description": "Its place in the batch, from 0."},
            "reason": {"type": "string", "description": "A word to count by."},
            "detail": {"type": "string", "description": "A sentence for people."},
        },
        "required": ["index", "reason", "detail"],
    },
}


def batch_request(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """One message, or a list of them."""
    one = message_schema(kind)
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": LARGEST_BATCH}
    return {"application/json": {"oneOf": [one, many]}}


def batch_responses(*counts: str) -> dict[Any, Any]:
    """counts : the numbers that the answer holds beside what was refused."""
    body = {
        "type": "object",
        "properties": {**{count: {"type": "integer"} for count in counts}, "refused": REFUSED},
        "required": [*counts, "refused"],
    }
    all_refused = PROBLEM | {"properties": {**PROBLEM["properties"], "refused": REFUSED}}
    return {
        202: OpenApiResponse(body, description="All taken; committed before this answer."),
        207: OpenApiResponse(body, description="The others are committed, these were refused."),
        (422, PROBLEM_JSON): OpenApiResponse(all_refused, description="All were refused."),
    }


def batch_examples(
    sent: list[dict[str, Any]], taken: dict[str, Any], refused: dict[str, Any]
) -> list[OpenApiExample]:
    """One message; several; all taken; the second of them refused."""
    counts = {**taken, "refused": []}
    return [
        OpenApiExample("One", value=sent[0], request_only=True),
        OpenApiExample("A batch", value=sent, request_only=True),
        OpenApiExample("All taken", value=counts, response_only=True, status_codes=["202"]),
        OpenApiExample(
            "One refused",
            value={**taken, "refused": [refused]},
            response_only=True,
            status_codes=["207"],
        ),
    ]


def message_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    _, parts = msgspec.json.schema_components((kind,), ref_template="{name}")
    whole: dict[str, Any] = _inlined(parts[kind.__name__], parts)
    return whole


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    match schema:
        case {"$ref": name}:
            return _inlined(parts[name], parts)
        case dict():
            return {key: _inlined(value, parts) for key, value in schema.items()}
        case list():
            return [_inlined(value, parts) for value in schema]
    return schema
