"""Promise 10: a message is sent once; at worst one a killed sender is repeated, with its key."""

from pathlib import Path

import pytest

from campaigns.models import Campaign, Coupon, Message
from customers.models import Consent, Customer, CustomerContact
from tests import make
from tests.live import WHOLE, process
from tests.make import NOW

pytestmark = [pytest.mark.faults]
MESSAGES, KILLS = (10_000, 20) if WHOLE else (100, 4)
SENDERS = 2


def waiting() -> Campaign:
    """A campaign whose messages are all due."""
    campaign = make.message().campaign
    customers = Customer.objects.bulk_create(
        Customer(external_id=f"many{n}", created_at=NOW) for n in range(MESSAGES - 1)
    )
    Consent.objects.bulk_create(
        Consent(customer=c, purpose="MARKETING", granted=True, source="test", recorded_at=NOW)
        for c in customers
    )
    CustomerContact.objects.bulk_create(
        CustomerContact(customer=c, email=f"{c.external_id}@example.com") for c in customers
    )
    some = Coupon.objects.get()
    coupons = Coupon.objects.bulk_create(
        Coupon(
            campaign=campaign,
            offer=some.offer,
            customer=customer,
            code=f"MANY{n}",
            code_normal=f"MANY{n}",
            worst_case=1000,
            issued_at=NOW,
            expires_at=some.expires_at,
        )
        for n, customer in enumerate(customers)
    )
    Message.objects.bulk_create(
        Message(
            campaign=campaign,
            customer_id=coupon.customer_id or 0,
            coupon=coupon,
            channel="EMAIL",
            key=f"many{n}",
            due_at=NOW,
        )
        for n, coupon in enumerate(coupons)
    )
    return campaign


def test_senders_killed_at_any_moment_send_each_message_once_and_few_twice(
    live_database: str, tmp_path: Path
) -> None:
    campaign, carried = waiting(), tmp_path / "carried"
    arguments = (live_database, campaign.pk, SENDERS, KILLS, 1, carried)

    with process("tests.campaigns.nursery", *arguments) as nursery:
        out, err = nursery.communicate()

    assert nursery.returncode == 0, err
    killed = int(out)
    assert killed >= KILLS // 2
    keys = carried.read_text().split()
    assert set(keys) == set(Message.objects.values_list("key", flat=True))
    assert len(keys) - MESSAGES <= killed * SENDERS
    assert not Message.objects.exclude(state="SENT").exists()
