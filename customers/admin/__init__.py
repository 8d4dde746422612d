"""Operators' lists of customers, what they did and agreed to."""

from . import customers, events, imports, merges

__all__ = ["customers", "events", "imports", "merges"]
