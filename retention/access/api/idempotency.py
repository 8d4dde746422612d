"""A POST that carries an Idempotency-Key happens once, however often it is sent."""

import functools
import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from retention.access.models import ApiKey, IdempotentAnswer

from .problems import Problem

if TYPE_CHECKING:
    from rest_framework.views import APIView  # Imports the settings, which name this package.

LONGEST_KEY = 128
_SOUND_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
V = TypeVar("V", bound="APIView")
P = ParamSpec("P")


def idempotent(
    post: Callable[Concatenate[V, Request, P], Response],
) -> Callable[Concatenate[V, Request, P], Response]:
    """Answer a repeated key as it was answered first; effect and answer commit as one.

    Without the header the view runs as it stands. The same key with another body is a 422.
    """

    def answered(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return post(view, request, *args, **kwargs)
        if not _SOUND_KEY.fullmatch(key):
            raise Problem(
                400,
                "Bad key",
                f"Idempotency-Key: expected 1 to {LONGEST_KEY} visible ASCII characters.",
            )
        client, asked = _client(request), _fingerprint(request)
        kept = hashlib.sha256(key.encode()).hexdigest()
        with transaction.atomic():
            row = _claimed(client, kept, asked)
            if row is None:
                return _first_answer(client, key, kept, asked)
            response = post(view, request, *args, **kwargs)
            row.status, row.body = (
                response.status_code,
                JSONRenderer().render(response.data).decode(),
            )
            row.save(update_fields=["status", "body"])
        return response

    functools.update_wrapper(answered, post)
    answered.is_idempotent = True  # type: ignore[attr-defined] # the schema asks for it
    return answered


def _client(request: Request) -> str:
    if isinstance(request.auth, ApiKey):
        return request.auth.prefix
    return f"user:{getattr(request.user, 'pk', '')}"


def _fingerprint(request: Request) -> str:
    _ = request.data  # Reads the body, which the parser keeps as raw_body.
    body: bytes = getattr(request, "raw_body", b"")
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + body).hexdigest()


def _claimed(client: str, key: str, asked: str) -> IdempotentAnswer | None:
    """The row of a first asker; a second one waits here for the first to commit, and gets None."""
    try:
        with transaction.atomic():
            return IdempotentAnswer.objects.create(
                client=client, key=key, request_hash=asked, created_at=timezone.now()
            )
    except IntegrityError:
        return None


def _first_answer(client: str, key: str, kept: str, asked: str) -> Response:
    row = IdempotentAnswer.objects.get(client=client, key=kept)
    if row.request_hash != asked:
        raise Problem(
            422,
            "Key used before",
            f"Idempotency-Key {key!r} came with another request. Make a new key.",
        )
    body: Any = msgspec.json.decode(row.body) if row.body else None
    return Response(body, status=row.status, headers={"Idempotency-Replayed": "true"})
