"""One message or a list of them in; what became of each out. The edge of every batch endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

import msgspec
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.refusals import Refusal, Refused, read_one
from retention.access.api import Problem
from retention.access.api.parsers import read_within

T = TypeVar("T", bound=msgspec.Struct)
S = TypeVar("S")
LARGEST_BATCH = 1_000
LARGEST_BODY = 6 * 1024 * 1024


class BatchParser(BaseParser):
    """Leaves the body as it came: the batch is decoded once, straight into messages."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = read_within(stream, LARGEST_BODY)
        if request := (parser_context or {}).get("request"):
            request.raw_body = body  # The Idempotency-Key is held against it.
        return body


@dataclass(frozen=True)
class Batch(Generic[T]):
    """The messages that could be read, the index each was sent at, and those refused already."""

    messages: list[T]
    indexes: Sequence[int]
    refused: list[Refused]

    def answer(self, refused: Sequence[Refused], **became: int) -> Response:
        """202 where all were taken, 207 where some were refused; Problem 422 where all were.

        refused : by the service, which counted from 0 what it was given.
        """
        all_refused = sorted(
            [
                *self.refused,
                *(Refused(self.indexes[one.index], one.reason, one.detail) for one in refused),
            ],
            key=lambda one: one.index,
        )
        shown = [asdict(one) for one in all_refused]
        if all_refused and not any(became.values()):
            raise Problem(
                422, "All refused", f"{shown[0]['detail']} ({len(shown)} refused)", refused=shown
            )
        return Response({**became, "refused": shown}, status=207 if shown else 202)


def read_batch(request: Request, kind: type[T]) -> Batch[T]:
    """The body as messages. Problem 400 where it is no JSON, 413 where it holds too many."""
    data: Any = request.data
    body = data if isinstance(data, bytes) else b""
    if body.lstrip()[:1] != b"[":
        return _one_by_one([_json(body, msgspec.Raw)], kind)
    try:
        messages = msgspec.json.decode(body, type=list[kind])  # type: ignore[valid-type]  # made here
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        items = _json(body, list[msgspec.Raw])
        _check_size(items)
        return _one_by_one(items, kind)
    _check_size(messages)
    return Batch(messages, range(len(messages)), [])


def _json(body: bytes, shape: type[S]) -> S:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "Not readable", f"The body is not JSON: {error}.") from None


def _check_size(items: Sequence[object]) -> None:
    if not items:
        raise Problem(422, "Nothing sent", "The list is empty.", refused=[])
    if len(items) > LARGEST_BATCH:
        raise Problem(
            413, "Too many", f"{len(items):,} at once: send at most {LARGEST_BATCH:,} a request."
        )


def _one_by_one(items: Sequence[msgspec.Raw], kind: type[T]) -> Batch[T]:
    messages, indexes, refused = [], [], []
    for index, item in enumerate(items):
        try:
            messages.append(read_one(item, kind))
            indexes.append(index)
        except Refusal as refusal:
            refused.append(refusal.at(index))
    return Batch(messages, indexes, refused)
