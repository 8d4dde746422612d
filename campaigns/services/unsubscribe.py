from datetime import datetime

from campaigns.models import Message
from customers.models import Purpose
from customers.services.consent import record_consents

SOURCE = "unsubscribe link"


def unsubscribe(key: str, *, at: datetime) -> None:
    """Whoever this message went to agreed to no more of them; nobody, where they were erased."""
    messages = Message.objects.select_related("customer__merged_into")
    for message in messages.filter(key=key):
        who = message.customer.current
        record_consents({(who.pk, Purpose.MARKETING): False}, source=SOURCE, at=at)
