from .events import Event, EventKind
from .imports import IngestBatch, RefusedRow
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
    "Erasure",
    "Event",
    "EventKind",
    "IngestBatch",
    "Purpose",
    "RefusedRow",
]
