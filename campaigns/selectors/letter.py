"""What a message says to one customer, put together as it is sent."""

from datetime import datetime

from django.conf import settings

from campaigns.clocks import zone_of
from campaigns.letters import Letter, Words, html_of, subject_of, text_of
from campaigns.models import Coupon, Message, MessageTemplate
from campaigns.way_out import unsubscribe_url
from customers.models import Customer, CustomerContact
from retention.insights.models import Context
from retention.insights.recommendations import Wanted, recommendations_for

PRODUCTS = "products they may like"
SHOWN_PRODUCTS = 3


def letter_for(message: Message, customer: Customer) -> Letter:
    """customer : who is meant now."""
    template = MessageTemplate.objects.get(campaign=message.campaign_id)
    coupon = Coupon.objects.select_related("campaign", "offer").get(pk=message.coupon_id)
    contact = CustomerContact.objects.filter(customer=customer).first()
    words = Words(
        first_name=first_name(contact),
        code=coupon.code,
        offer=coupon.offer.name,
        valid_until=last_day(coupon.expires_at, customer),
        products=products_for(customer, template, at=coupon.issued_at),
        shop=settings.SHOP_NAME,
        unsubscribe=unsubscribe_url(message.key),
    )
    return Letter(
        key=message.key,
        channel=message.channel,
        campaign=coupon.campaign_id,
        campaign_name=coupon.campaign.name,
        customer=customer.external_id,
        email=contact.email if contact else "",
        code=coupon.code,
        offer=coupon.offer.name,
        expires_at=coupon.expires_at,
        subject=subject_of(template.subject, words),
        text=text_of(template.body, words),
        html=html_of(template.body, words),
        unsubscribe=words.unsubscribe,
    )


def first_name(contact: CustomerContact | None) -> str:
    return contact.name.split()[0] if contact and contact.name.strip() else ""


def last_day(expires_at: datetime, customer: Customer) -> str:
    """On their own calendar."""
    return f"{expires_at.astimezone(zone_of(customer.timezone)):%-d %B %Y}"


def products_for(customer: Customer, template: MessageTemplate, *, at: datetime) -> tuple[str, ...]:
    """Titles of their own recommendations, or of what is popular where they did not agree."""
    if PRODUCTS not in template.body:
        return ()
    wanted = Wanted(limit=SHOWN_PRODUCTS, context=Context.EMAIL)
    found = recommendations_for(customer, wanted, at=at)
    return tuple(item.product.title for item in found.items)
