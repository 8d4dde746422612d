"""JSON read strictly, so that no body can make a view crash."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework.parsers import BaseParser

from .problems import Problem

DEFAULT_BODY_BYTES = 1024 * 1024
_LONG_NUMBER = re.compile(rb"\d{19}")


class StrictJSONParser(BaseParser):
    """UTF-8 JSON within a size; no NUL, no lone surrogates, no NaN, no endless nesting.

    A view may set `max_body_bytes`. The raw body stays on the request as `raw_body`.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context = parser_context or {}
        limit = getattr(context.get("view"), "max_body_bytes", DEFAULT_BODY_BYTES)
        body = read_within(stream, limit)
        if request := context.get("request"):
            request.raw_body = body
        return decoded(body)


def read_within(stream: Any, limit: int) -> bytes:
    """The whole body; Problem 413 where it is longer than the limit."""
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        raise Problem(413, "Too large", f"Send at most {limit:,} bytes; split the batch.")
    return body


def decoded(body: bytes) -> Any:
    """JSON as Python values; Problem 400 that says where it stops being JSON."""
    if b"\x00" in body or b"\\u0000" in body:
        raise Problem(400, "Not readable", "The body holds a NUL character. Remove it.")
    try:
        value = msgspec.json.decode(body)
        if _LONG_NUMBER.search(body):
            _refuse_huge_numbers(value)
        return value
    except RecursionError:
        raise Problem(400, "Not readable", "The body is nested too deeply.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, "Not readable", f"The body is not JSON: {error}.") from None


def _refuse_huge_numbers(value: Any) -> None:
    """No database column holds an integer beyond 64 bits."""
    match value:
        case int() if not -(2**63) <= value < 2**63:
            raise Problem(400, "Not readable", f"The number {value} is beyond 64 bits.")
        case list():
            for item in value:
                _refuse_huge_numbers(item)
        case dict():
            for item in value.values():
                _refuse_huge_numbers(item)
