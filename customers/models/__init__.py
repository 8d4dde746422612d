from .events import Event, EventKind
from .imports import IngestBatch, RefusedRow
from .merges import CustomerMerge, MergedEvent
from .people import (
    SHOP,
    Consent,
    Customer,
    CustomerContact,
    CustomerIdentity,
    Erasure,
    Purpose,
)

__all__ = [
    "SHOP",
    "Consent",
    "Customer",
    "CustomerContact",
    "CustomerIdentity",
    "CustomerMerge",
    "Erasure",
    "Event",
    "EventKind",
    "IngestBatch",
    "MergedEvent",
    "Purpose",
    "RefusedRow",
]
