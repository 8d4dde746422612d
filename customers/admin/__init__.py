"""Operators' lists of customers, what they did and agreed to."""

from . import customers, events, imports

__all__ = ["customers", "events", "imports"]
