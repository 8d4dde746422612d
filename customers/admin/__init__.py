"""Operators' lists of customers, what they did and agreed to."""

from . import customers, events

__all__ = ["customers", "events"]
