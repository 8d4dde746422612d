import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from campaigns.clocks import zone_of
from campaigns.models import Campaign, Channel, Coupon, Message, MessageTemplate
from campaigns.quiet_hours import next_best
from retention.insights.models import SendTime


def write_messages(campaign: Campaign, coupons: Iterable[Coupon], *, at: datetime) -> None:
    """A message for each coupon of a chunk, in the transaction that issues them: 2 to 4 queries."""
    template = MessageTemplate.objects.filter(campaign=campaign).first()
    template = template or MessageTemplate(channel=Channel.HANDOFF)
    whose = {coupon.customer_id: coupon for coupon in coupons if coupon.customer_id}
    due = _best_hours(whose, at=at) if template.at_best_hour else {}
    Message.objects.bulk_create(
        Message(
            campaign=campaign,
            customer_id=customer,
            coupon=coupon,
            channel=template.channel,
            key=secrets.token_hex(16),
            due_at=due.get(customer, at),
        )
        for customer, coupon in whose.items()
    )


def _best_hours(whose: Mapping[int, Coupon], *, at: datetime) -> dict[int, datetime]:
    """When each is next usually there, where that is known and their coupon is still good then."""
    times = SendTime.objects.consented().filter(customer__in=list(whose)).exclude(hour=None)
    best = {
        time.customer_id: next_best(
            time.weekday, time.hour or 0, zone=zone_of(time.customer.timezone), after=at
        )
        for time in times.select_related("customer")
    }
    return {who: moment for who, moment in best.items() if moment < whose[who].expires_at}
