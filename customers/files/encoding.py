"""Which bytes mean which letters: settled over the whole file, or asked about."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from .opening import LONGEST_LINE, UnreadableFile, blocks
from .questions import Question, Unclear

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = "windows-1252"
OFFERED = ("windows-1252", "windows-1250", "windows-1251", "mac-roman", "cp850", "gb18030", "cp932")
QUOTES = "\u2018\u2019"
ORDINARY_MARKS = frozenset("€\u201c\u201d•\u2013—…™šžœŠŽŒ" + QUOTES)


@dataclass(frozen=True, slots=True)
class Letters:
    """An encoding, how we know it, and some words that show whether it is right."""

    encoding: str
    because: str
    words: tuple[str, ...] = ()


def settle_encoding(path: Path, *, given: str = "") -> Letters:
    """Reads the whole file once, twice where it is not UTF-8. Raises UnreadableFile or Unclear."""
    start = next(blocks(path), b"")
    found = _given(path, given, start) if given else _by_its_marks(start)
    if found is not None:
        if (at := _first_misfit(path, found.encoding)) is not None:
            raise UnreadableFile(
                f"{path.name} is not {found.encoding}: {found.because}, but byte {at:,} breaks it."
            )
        return found
    if _first_misfit(path, "utf-8") is None:
        return Letters("utf-8", "every byte of it is UTF-8", _words(start, "utf-8"))
    return _western_or_ask(path)


def _given(path: Path, name: str, start: bytes) -> Letters:
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        offered = ", ".join(("utf-8", "utf-16", *OFFERED))
        raise UnreadableFile(
            f"{path.name}: no encoding is called {name!r}. Known are {offered}, and more."
        ) from None
    if encoding == "utf-8" and start.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    return Letters(encoding, "you said so", _words(start, encoding))


def _by_its_marks(start: bytes) -> Letters | None:
    for mark, name in MARKS:
        if start.startswith(mark):
            return Letters(name, "its byte-order mark says so", _words(start, name))
    sample = start[:4096]
    # Western text in UTF-16 has a NUL in every other byte; no other text has NULs at all.
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[offset::2].count(0) > len(sample) * 0.3:
            return Letters(name, "every other byte is empty", _words(start, name))
    return None


def _first_misfit(path: Path, encoding: str) -> int | None:
    """The byte at which the encoding breaks; None where the whole file fits it.

    Raises UnreadableFile where the bytes are no table of lines at all, in whatever encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    watch = _Lines(path.name, wide=encoding.startswith(("utf-16", "utf-32")))
    for block in blocks(path):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return watch.seen + error.start
        watch.pass_over(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return watch.seen
    return None


class _Lines:
    """Refuses what would fill the memory as one endless line, or is no text."""

    def __init__(self, name: str, *, wide: bool) -> None:
        self.name = name
        self.wide = wide
        self.seen = 0
        self.since_line_end = 0

    def pass_over(self, block: bytes) -> None:
        if not self.wide and (at := block.find(b"\0")) >= 0:
            raise UnreadableFile(
                f"{self.name}: byte {self.seen + at:,} is a NUL; this is not text."
            )
        self.seen += len(block)
        last = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self.since_line_end = len(block) - last if last >= 0 else self.since_line_end + len(block)
        if self.since_line_end > LONGEST_LINE:
            raise UnreadableFile(
                f"{self.name}: a line of more than {LONGEST_LINE:,} bytes; no table has such rows."
            )


def _western_or_ask(path: Path) -> Letters:
    """Windows-1252 where the letters look like a western language's; otherwise a question."""
    words = list(islice(_words_beyond_ascii(path), 2_000))
    shown = tuple(dict.fromkeys(words))[:5]
    plausible = sum(map(_looks_western, words))
    if _first_misfit(path, WESTERN) is None and plausible >= 0.98 * len(words):
        return Letters(WESTERN, "it is not UTF-8, and its words look right so", shown)
    asks = "In which encoding was it saved? As Windows-1252 its words look wrong."
    raise Unclear(path.name, (Question("encoding", asks, OFFERED, shown),))


def _words_beyond_ascii(path: Path) -> Iterator[str]:
    word = re.compile(rb"[A-Za-z\x80-\xff']*[\x80-\xff][A-Za-z\x80-\xff']*")
    for block in blocks(path):
        for match in word.findall(block):
            yield match.decode(WESTERN, errors="replace")


def _looks_western(word: str) -> bool:
    """Not Cyrillic or Chinese bytes (they come in runs), nor Mac or DOS ones (signs in words)."""
    if re.search(r"[^\x00-\x7f]{4}", word) or "\ufffd" in word:
        return False
    inside = re.findall(r"(?<=[a-z])[^\x00-\x7f](?=[a-z])", word)
    if any(not letter.islower() and letter not in QUOTES for letter in inside):
        return False
    odd = (letter for letter in word if 0x80 <= letter.encode(WESTERN)[0] <= 0x9F)
    return all(letter in ORDINARY_MARKS for letter in odd)


def _words(start: bytes, encoding: str) -> tuple[str, ...]:
    """The first words with letters beyond ASCII, for a person to look at."""
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start[:200_000])
    found = re.findall(r"\w*[^\W\x00-\x7f]\w*", text)
    return tuple(dict.fromkeys(found))[:5]
