"""Reads the examples of a page of documentation, and runs them as a reader would paste them."""

import json
import math
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.test import Client

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
NUMBERED = re.compile(r"(?<=/)(campaigns|models|training-runs|segments)/(\d+)(?=/)")
OTHERS = "…"
"""At the end of a documented list: and so on."""
GIVEN = {"id", "campaign", "job", "offer"}
"""Numbers that the database gives; what is told of an offer in words is none."""
DRAWN = {"treated", "control", "control_between", "customers", "compared", "worst_case"}
DRAWN |= {"expected_cost", "detectable"}
"""Figures that hang on a lot: any number will do."""


@dataclass(frozen=True)
class Example:
    """A command and the answer that stands below it."""

    command: str
    status: int
    body: Any


def examples_of(page: Path) -> list[Example]:
    """Every curl of a page with its answer, in order. ValueError where one has none."""
    blocks = FENCE.findall(page.read_text())
    found = []
    for number, (language, text) in enumerate(blocks):
        if language == "sh" and "curl" in text:
            answer = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
            if answer[0] != "http":
                raise ValueError(f"{page.name}: no answer below\n{text}")
            found.append(_example(text, answer[1]))
    return found


def _example(command: str, answer: str) -> Example:
    head, _, body = answer.partition("\n\n")
    first = head.splitlines()[0].split(" ", 2)
    return Example(command, int(first[1]), json.loads(body) if body.strip() else None)


@dataclass(frozen=True)
class Answer:
    """What came back. about : the kind of thing that was asked for, as its address says."""

    status: int
    body: Any
    about: str


@dataclass
class Reader:
    """Someone who pastes one command after the other, and reads numbers off the answers."""

    client: Client
    key: str
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)

    def paste(self, command: str) -> Answer:
        words = shlex.split(self._expanded(command))
        if words.pop(0) != "curl":
            raise ValueError(f"Not curl: {command}")
        method, url, headers, sent = "", "", {}, ""
        while words:
            match words.pop(0):
                case "-X":
                    method = words.pop(0)
                case "-H":
                    name, _, value = words.pop(0).partition(": ")
                    headers[name] = value
                case "-d":
                    sent = words.pop(0)
                case url if url.startswith("/"):
                    pass
                case word:
                    raise ValueError(f"What is {word!r} in {command}?")
        answer = self.client.generic(
            method or ("POST" if sent else "GET"),
            url,
            sent,
            content_type=headers.pop("Content-Type", "text/plain"),
            headers=headers,
        )
        body = answer.json() if answer.content else None
        return Answer(answer.status_code, body, about=url.split("/")[3].partition("?")[0])

    def _expanded(self, command: str) -> str:
        known = {"$SHOP": "", "$KEY": self.key, "\\\n": " "}
        for written, meant in (known | self.lists).items():
            command = command.replace(written, meant)
        return NUMBERED.sub(self._number, command)

    def _number(self, match: re.Match[str]) -> str:
        written = (match[1], int(match[2]))
        return f"{match[1]}/{self.numbers.get(written, written[1])}"

    def compare(self, documented: Any, real: Any, *, about: str, place: str = "") -> None:
        """AssertionError where they differ in more than what each database numbers for itself."""
        name = place.rpartition(".")[2]
        match documented, real:
            case dict(), dict():
                assert documented.keys() == real.keys(), f"{place}: {list(real)}"
                for key in documented:
                    self.compare(documented[key], real[key], about=about, place=f"{place}.{key}")
            case list(), list():
                so_on = bool(documented) and documented[-1] == OTHERS
                shown = documented[:-1] if so_on else documented
                assert len(real) > len(shown) if so_on else len(real) == len(shown), place
                for one, other in zip(shown, real, strict=not so_on):
                    self.compare(one, other, about=about, place=place)
            case int(), int() if name == "id":
                self.numbers[about, documented] = real
            case int(), int() if name == "campaign":
                self.numbers["campaigns", documented] = real
            case str(), str() if name == "recommendation_id":
                self.lists[documented] = real
            case str(), str() if name in {"next", "previous"}:
                assert real.partition("/api/")[2].partition("cursor=")[0] in documented, real
            case float(), float():
                same = name in DRAWN or math.isclose(documented, real, rel_tol=1e-6)
                assert same, f"{place}: {documented!r} is now {real!r}"
            case int() | None, _ if name in GIVEN:
                assert type(documented) is type(real), place
            case _ if name in DRAWN:
                assert type(documented) is type(real), place
            case _:
                assert documented == real, f"{place}: {documented!r} is now {real!r}"
