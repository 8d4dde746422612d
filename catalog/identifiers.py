"""What programs send when they have no id to send."""

NOTHING = frozenset(
    ("", "null", "undefined", "none", "nan", "nil", "n/a", "[object object]", "{}", "[]")
)
"""No id at all, of anything."""

QUOTES = "\"' "


def is_nothing(text: str) -> bool:
    return len(text) < 20 and text.strip(QUOTES).lower() in NOTHING
