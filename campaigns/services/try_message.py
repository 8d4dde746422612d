from dataclasses import asdict, replace
from datetime import datetime

from campaigns.carrying import Carrier
from campaigns.models import Campaign, Channel, MessageTemplate
from campaigns.selectors.letter import sample_letter
from campaigns.services.word_message import MessagePlan
from customers.models import Customer


def try_message(
    campaign_id: int,
    plan: MessagePlan,
    *,
    customer_id: int | None,
    email: str,
    carrier: Carrier,
    at: datetime,
) -> None:
    """Send words as one of the customers would get them to an operator's own address, or to the
    shop's own webhook: marked, and worth nothing. Raises NotCarried."""
    campaign = Campaign.objects.get(pk=campaign_id)
    template = MessageTemplate(campaign=campaign, **asdict(plan))
    customer = Customer.objects.filter(pk=customer_id).first() if customer_id else None
    letter = sample_letter(campaign, template, customer, at=at)
    address = email if plan.channel == Channel.EMAIL else ""
    carrier.carry(replace(letter, email=address, subject=f"[TEST] {letter.subject}"))
