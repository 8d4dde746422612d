"""Coupon codes: nobody guesses one, and it works however it is typed."""

import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""30 letters and digits that no one mistakes for each other: without 0 O, 1 I L and U."""
GROUPS, GROUP = 3, 4
"""12 of 30 characters: 58.9 bits. A million guesses against a million live codes hit one with
a chance of about 2 in a million."""
LONGEST_TYPED = 64
ALIKE = str.maketrans("OIL", "011")
"""Read as the digit that they look like: a code for all may hold them."""
SHORTEST, LONGEST = 4, 24
"""Of a code that somebody chooses."""
FILLING = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Pd", "Pc"))
"""Unicode's categories of spaces, controls, invisible characters, marks and dashes."""


def new_codes(count: int) -> list[str]:
    """Different random codes as they are printed: K7QM-3TXW-9HRB."""
    codes: set[str] = set()
    while len(codes) < count:
        codes.add("-".join(_group() for _ in range(GROUPS)))
    return list(codes)


def normal(typed: str) -> str:
    """The code as it is looked up: upper case, without spaces, dashes and invisible characters, and
    with one sign for those that look alike.

    "" where nothing is left, or where it is too long to be a code.
    """
    if len(typed) > LONGEST_TYPED:
        return ""
    upper = unicodedata.normalize("NFKC", typed).upper()
    return "".join(letter for letter in upper if not _is_filling(letter)).translate(ALIKE)


def can_be_chosen(typed: str) -> bool:
    """Letters and digits that fit a coupon as they are printed, and stand in an address: what is
    between them, as in SUMMER-26, is not looked up."""
    printed, looked_up = typed.strip().upper(), normal(typed)
    fits = len(printed) <= LONGEST and SHORTEST <= len(looked_up) <= LONGEST
    return fits and looked_up.isalnum()


def _group() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(GROUP))


def _is_filling(letter: str) -> bool:
    """Spaces, controls, zero-width characters, accents, dashes and underscores of every script."""
    return unicodedata.category(letter) in FILLING or letter == "\N{MINUS SIGN}"
