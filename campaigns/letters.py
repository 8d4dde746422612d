"""A message's words: placeholders filled in, everything else as it was typed.

No template language: a name in braces is replaced, and in HTML every character is escaped.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

PLACEHOLDERS = {
    "first name": "their first name; {first name|there} says “there” where none is known",
    "code": "the code of their coupon",
    "offer": "what it gives, in words",
    "valid until": "the last day of their coupon, on their calendar",
    "products they may like": "up to three, from their own recommendations",
    "shop": "the name of your shop",
    "unsubscribe": "the link to get no more messages; added at the end where it is missing",
}
PER_LINE = ("products they may like", "unsubscribe")
"""Not for a subject, which is one line."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Letter:
    """A message with all it says, ready to be carried. key : a repeat has the same."""

    key: str
    channel: str
    campaign: int
    campaign_name: str
    customer: str
    email: str
    code: str
    offer: str
    expires_at: datetime
    subject: str
    text: str
    html: str
    unsubscribe: str
    is_test: bool = False


@dataclass(frozen=True)
class Words:
    """What stands for each placeholder of one customer."""

    first_name: str
    code: str
    offer: str
    valid_until: str
    products: tuple[str, ...]
    shop: str
    unsubscribe: str

    def plain(self) -> dict[str, str]:
        return {
            "first name": self.first_name,
            "code": self.code,
            "offer": self.offer,
            "valid until": self.valid_until,
            "products they may like": "\n".join(f"- {title}" for title in self.products),
            "shop": self.shop,
            "unsubscribe": self.unsubscribe,
        }

    def markup(self) -> dict[str, str]:
        """The same, escaped, for a place inside a paragraph."""
        link = f'<a href="{escape(self.unsubscribe)}">Unsubscribe</a>'
        marked = {name: escape(said) for name, said in self.plain().items()}
        code = f"<strong>{escape(self.code)}</strong>"
        return marked | {"unsubscribe": link, "code": code}


def problems_of(subject: str, body: str) -> dict[str, str]:
    """What keeps these from being a message, by field; none where they are one."""
    found: dict[str, str] = {}
    for field, text, unfit in (("subject", subject, PER_LINE), ("body", body, ())):
        said = next(_problems_in(text, unfit=unfit), "")
        if not text.strip():
            said = f"Write a {field}."
        if said:
            found[field] = said
    if "body" not in found and "code" not in names_in(body):
        found["body"] = "Say the code: put {code} where it belongs."
    if "subject" not in found and len(subject.splitlines()) > 1:
        found["subject"] = "A subject is one line."
    return found


def _problems_in(text: str, *, unfit: Sequence[str]) -> Iterator[str]:
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS if name not in unfit)
    for name in names_in(text):
        if name not in PLACEHOLDERS:
            yield f"There is no {{{name[:40]}}}. Known are {known}."
        elif name in unfit:
            yield f"{{{name}}} has no place in one line. Known here are {known}."
    if set(_PLACEHOLDER.sub("", text)) & {"{", "}"}:
        yield f"A brace is open or closed alone. Braces stand around a placeholder: {known}."


def names_in(text: str) -> list[str]:
    """The placeholders of a text, as they are called."""
    return [found.partition("|")[0].strip() for found in _PLACEHOLDER.findall(text)]


def subject_of(template: str, words: Words) -> str:
    """One line, whatever a name holds: a header must not be broken into two."""
    return " ".join(_filled(template, words.plain(), lambda text: text).split())


def text_of(template: str, words: Words) -> str:
    text = _filled(_with_way_out(template), words.plain(), lambda text: text)
    return text.replace("\r\n", "\n").strip() + "\n"


def html_of(template: str, words: Words) -> str:
    """Paragraphs where lines are empty, breaks where they end."""
    whole = _filled(_with_way_out(template), words.markup(), escape).replace("\r\n", "\n")
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", whole) if part.strip()]
    return "\n".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs)


def _with_way_out(template: str) -> str:
    """Nobody is written to without a way to end it."""
    if "unsubscribe" in names_in(template):
        return template
    return f"{template.rstrip()}\n\nNo more messages like this: {{unsubscribe}}"


def _filled(template: str, said: Mapping[str, str], plain: Callable[[str], str]) -> str:
    """Each placeholder replaced once; what it is replaced by is not looked into again.

    plain : how what the operator typed is written, itself or escaped.
    """

    def value(match: re.Match[str]) -> str:
        name, _, instead = match[1].partition("|")
        return said[name.strip()] or plain(instead.strip())

    parts, end = [], 0
    for match in _PLACEHOLDER.finditer(template):
        parts += [plain(template[end : match.start()]), value(match)]
        end = match.end()
    return "".join([*parts, plain(template[end:])])
