"""What programs send when they have no id to send."""

NOTHING = frozenset(
    ("", "null", "undefined", "none", "nan", "nil", "n/a", "[object object]", "{}", "[]")
)
"""No id at all, of anything."""

QUOTES = "\"' "


def first_letters(words: frozenset[str]) -> frozenset[str]:
    """Of these words, however they are written or quoted: most ids are cleared by one look."""
    letters = {word[:1] for word in words}
    return frozenset(letters | {letter.upper() for letter in letters} | set(QUOTES))


def is_nothing(text: str) -> bool:
    return not text or (text[0] in _FIRST and text.strip(QUOTES).lower() in NOTHING)


_FIRST = first_letters(NOTHING)
