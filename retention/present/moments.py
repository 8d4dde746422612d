"""Moments in words, by the shop's clock."""

from datetime import datetime

from django.utils.timezone import localtime


def day(moment: datetime | None) -> str:
    """As in "3 June 2026"; "never" where there is none."""
    return f"{localtime(moment):%-d %B %Y}" if moment else "never"
