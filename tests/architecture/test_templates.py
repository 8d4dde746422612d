"""The rules for templates that a machine can check."""

import re

from retention.env import PROJECT_DIR

TEMPLATES = PROJECT_DIR / "templates"
INCLUDED = re.compile(r'{% include "([^"]+)"([^%]*) only %}')


def test_a_part_with_a_form_is_given_the_token_where_it_is_given_nothing_else() -> None:
    """`only` hides the token too: its form would be refused, always."""
    without = [
        f"{page.relative_to(TEMPLATES)}: {name}"
        for page in TEMPLATES.rglob("*.html")
        for name, given in INCLUDED.findall(page.read_text())
        if "{% csrf_token %}" in (TEMPLATES / name).read_text()
        and ("csrf_token=csrf_token" not in given and "undo=False" not in given)
    ]

    assert without == []
