"""A till that is booked as a customer: it buys every day, and never what people buy."""

from datetime import timedelta

from catalog.models import Product
from customers.models import Customer, Event
from tests import make
from tests.insights import world


def book_a_till(*, days: int = 300, a_day: int = 4) -> Customer:
    till = make.customer(external_id="K-1", consents=())
    products = list(Product.objects.order_by("-pk")[:a_day])
    Event.objects.bulk_create(
        [
            Event(
                message_id=f"till-{day}-{product.pk}",
                kind="PURCHASE",
                customer=till,
                product=product,
                amount=50_000,
                currency="GBP",
                order_id=f"till-{day}",
                occurred_at=world.END - timedelta(days=day, hours=5),
                received_at=world.END,
            )
            for day in range(days)
            for product in products
        ]
    )
    return till
