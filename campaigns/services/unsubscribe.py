from datetime import datetime

from campaigns.models import Message
from customers.models import Purpose
from customers.services.consent import record_consents

SOURCE = "unsubscribe link"


def unsubscribe(key: str, *, at: datetime) -> None:
    """Whoever this message went to agreed to no more of them; nobody, where they were erased."""
    for message in Message.objects.filter(key=key):
        record_consents({(message.customer_id, Purpose.MARKETING): False}, source=SOURCE, at=at)
