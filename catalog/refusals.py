"""How a message is found wanting: by its place in the batch, a word to count by, and a sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)
LARGEST, DEEPEST = 4096, 5
"""Bytes and levels of the fields that a shop makes up itself."""


@dataclass(frozen=True)
class Refused:
    """One message that was not taken. `reason` is a word to count by, `detail` is for people."""

    index: int
    reason: str
    detail: str


class Refusal(Exception):
    """Why a message is not taken."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason

    def at(self, index: int) -> Refused:
        return Refused(index, self.reason[:48], str(self)[:500])


def sound(messages: Sequence[T], kind: type[T]) -> tuple[list[tuple[int, T]], list[Refused]]:
    """The messages that are what their type says, each with its index; the others refused.

    A Struct built in Python is not checked, so each goes through JSON and back: one pass in C that
    knows every type, length and bound, lone surrogates included.
    """
    try:
        data = _encoder.encode(messages)
        if b"\\u0000" not in data:
            return list(enumerate(_list_decoder(kind).decode(data))), []
    except (msgspec.MsgspecError, UnicodeEncodeError, TypeError, RecursionError):
        pass  # Something in there is wrong: find out which, one by one.
    good, refused = [], []
    for index, message in enumerate(messages):
        try:
            good.append((index, _checked(message, kind)))
        except Refusal as refusal:
            refused.append(refusal.at(index))
    return good, refused


def read_one(data: bytes | msgspec.Raw, kind: type[T]) -> T:
    """JSON as one message; Refusal where it is not one."""
    try:
        message: T = _decoder(kind).decode(data)
    except RecursionError:
        raise Refusal("nested_too_deeply", "It is nested too deeply.") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _refusal(error, data) from None
    return message


def as_json(field: str, value: dict[str, Any]) -> str:
    """The shop's own fields as they are kept; Refusal where they are too large or too deep."""
    if _nesting(value) > DEEPEST:
        raise Refusal(f"bad_{field}", f"{field} is nested deeper than {DEEPEST} levels.")
    data = _encoder.encode(value)
    if len(data) > LARGEST:
        raise Refusal(
            f"bad_{field}", f"{field} takes {len(data):,} bytes: expected at most {LARGEST:,}."
        )
    return data.decode()


def _nesting(value: Any) -> int:
    """How many lists and objects lie within each other: 0 for a plain value."""
    match value:
        case dict():
            return 1 + max(map(_nesting, value.values()), default=0)
        case list():
            return 1 + max(map(_nesting, value), default=0)
        case _:
            return 0


_encoder = msgspec.json.Encoder()
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@lru_cache
def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(kind)


@lru_cache
def _list_decoder(kind: type[T]) -> msgspec.json.Decoder[list[T]]:
    return msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]  # a type made at run time


def _checked(message: T, kind: type[T]) -> T:
    try:
        data = _encoder.encode(message)
    except (UnicodeEncodeError, TypeError, RecursionError) as error:
        raise Refusal("unreadable", f"It cannot be written as JSON: {error}.") from None
    if _NUL.search(data):
        raise Refusal("nul_character", "It holds the character NUL. Remove it.")
    return read_one(data, kind)


def _refusal(error: Exception, data: bytes | msgspec.Raw) -> Refusal:
    """msgspec's error as a reason and a sentence that shows the value sent."""
    text, _, path = str(error).partition(" - at `$")
    field = path.strip(".`").partition(".")[0].partition("[")[0]
    if absent := re.search(r"missing required field `(.*)`", text):
        whole = f"{field}.{absent[1]}".strip(".")
        return Refusal(f"missing_{whole.partition('.')[0]}", f"{whole} is missing.")
    if stray := re.search(r"unknown field `(.*)`", text):
        return Refusal("unknown_field", f"There is no field {stray[1][:60]!r} here.")
    said = _QUOTED.sub(_in_words, text)
    if not field:
        return Refusal("unreadable", f"{said}.")
    return Refusal(f"bad_{field}", f"{field} {_sent(data, field)}: {said[0].lower()}{said[1:]}.")


def _in_words(types: re.Match[str]) -> str:
    """`int | null` as "a whole number or nothing"."""
    return " or ".join(_WORDS.get(word, f"`{word}`") for word in types[1].split(" | "))


_QUOTED = re.compile(r"`(\w+(?: \| \w+)*)`")
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "null": "nothing",
    "array": "a list",
    "object": "an object",
    "datetime": "a time",
}


def _sent(data: bytes | msgspec.Raw, field: str) -> str:
    """The value of a field as it was sent, cut short."""
    readable = bytes(data).decode(errors="replace")
    return bytes(msgspec.json.decode(readable, type=dict[str, msgspec.Raw])[field]).decode()[:60]
