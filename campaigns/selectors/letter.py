"""What a message says to one customer, put together as it is sent, or shown before."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings

from campaigns.clocks import zone_of
from campaigns.letters import Letter, Words, html_of, names_in, subject_of, text_of
from campaigns.models import Campaign, Coupon, Message, MessageTemplate, Offer
from campaigns.way_out import unsubscribe_url
from customers.models import Customer, CustomerContact
from retention.insights.models import Context
from retention.insights.recommendations import Wanted, recommendations_for

SHOWN_PRODUCTS = 3
SAMPLE_CODE = "SAMPLE-0000-0000"
"""No campaign can issue it: codes have no 0 and no L."""
SAMPLE_KEY = "sample"
"""Of no message: its link unsubscribes nobody."""
SAMPLE_PRODUCTS = ("A product", "Another one", "A third")


@dataclass(frozen=True)
class Promise:
    """What a letter is about: a coupon, or what a draft's would be."""

    key: str
    channel: str
    campaign: Campaign
    offer: Offer | None
    code: str
    expires_at: datetime


def letter_for(message: Message, customer: Customer) -> Letter:
    """customer : who is meant now."""
    template = MessageTemplate.objects.get(campaign=message.campaign_id)
    coupon = Coupon.objects.select_related("campaign", "offer").get(pk=message.coupon_id)
    promise = Promise(
        message.key,
        message.channel,
        coupon.campaign,
        coupon.offer,
        coupon.code,
        coupon.expires_at,
    )
    return _written(template, promise, customer, at=coupon.issued_at)


def sample_letter(
    campaign: Campaign, template: MessageTemplate, customer: Customer | None, *, at: datetime
) -> Letter:
    """As it would be, with a code that is none; without a customer, to somebody unknown."""
    offer = campaign.offers.order_by("pk").first()
    days = offer.valid_days if offer else 30
    expires_at = at + timedelta(days=days)
    channel = template.channel
    promise = Promise(SAMPLE_KEY, channel, campaign, offer, SAMPLE_CODE, expires_at)
    return replace(_written(template, promise, customer, at=at), is_test=True)


def _written(
    template: MessageTemplate, promise: Promise, customer: Customer | None, *, at: datetime
) -> Letter:
    contact = CustomerContact.objects.filter(customer=customer).first() if customer else None
    zone = zone_of(customer.timezone if customer else "")
    offer = promise.offer.name if promise.offer else ""
    words = Words(
        first_name=contact.name.split()[0] if contact and contact.name.strip() else "",
        code=promise.code,
        offer=offer,
        valid_until=f"{promise.expires_at.astimezone(zone):%-d %B %Y}",
        products=_products(customer, template.body, at=at),
        shop=settings.SHOP_NAME,
        unsubscribe=unsubscribe_url(promise.key),
    )
    return Letter(
        key=promise.key,
        channel=promise.channel,
        campaign=promise.campaign.pk,
        campaign_name=promise.campaign.name,
        customer=customer.external_id if customer else "",
        email=contact.email if contact else "",
        code=promise.code,
        offer=offer,
        expires_at=promise.expires_at,
        subject=subject_of(template.subject, words),
        text=text_of(template.body, words),
        html=html_of(template.body, words),
        unsubscribe=words.unsubscribe,
    )


def _products(customer: Customer | None, body: str, *, at: datetime) -> tuple[str, ...]:
    """Titles of their own recommendations, or of what is popular where they did not agree."""
    if "products they may like" not in names_in(body):
        return ()
    if customer is None:
        return SAMPLE_PRODUCTS
    wanted = Wanted(limit=SHOWN_PRODUCTS, context=Context.EMAIL)
    found = recommendations_for(customer, wanted, at=at)
    return tuple(item.product.title for item in found.items)
