"""A small simulated shop as rows: 300 customers, 400 days, what they looked at and bought."""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from django.db import connection, transaction

from catalog.models import Category, Product
from customers.models import Consent, Customer
from retention.insights.rows import moment
from retention.learning.simulate import FIRST_DAY, EventBatch, Kind, Shop, ShopSpec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = 400
END = EPOCH + timedelta(days=FIRST_DAY + DAYS)
"""The morning after the shop's last day: nothing has happened yet that day."""
MONEY = frozenset((Kind.PURCHASE, Kind.RETURN))


@cache
def simulated() -> tuple[Shop, EventBatch]:
    """The shop and all that happened in it; the same in every test."""
    shop = Shop(ShopSpec(n_customers=300, n_products=60, joining_days=200, orders_a_year=14))
    happened = shop.advance(FIRST_DAY + DAYS)
    # Two of three views are left out: they are most of the rows and say little more.
    return shop, happened.take((happened.kind != Kind.VIEW) | (happened.serial % 3 == 0))


def open_shop(*, events: EventBatch | None = None) -> dict[int, Customer]:
    """Put the simulated shop into the database; returns its customers by their row.

    events : other ones than happened.
    """
    shop, happened = simulated()
    customers = _customers(shop)
    products = _products(shop)
    _events(happened if events is None else events, customers, products)
    return dict(enumerate(customers))


def of_customers(share: float) -> EventBatch:
    """The events of a part of the customers only, as when half a feed is missing."""
    shop, happened = simulated()
    return happened.take(happened.customer < share * len(shop.people))


def _customers(shop: Shop) -> list[Customer]:
    people = shop.people
    made = Customer.objects.bulk_create(
        [
            Customer(external_id=external_id, timezone=zone, locale=locale, created_at=EPOCH)
            for external_id, zone, locale in zip(
                people.external_ids, people.timezones, people.locales, strict=True
            )
        ]
    )
    Consent.objects.bulk_create(
        [
            Consent(customer=who, purpose=purpose, granted=granted, source="t", recorded_at=EPOCH)
            for who, analytics, taste, marketing in zip(
                made,
                people.allows_analytics.tolist(),
                people.allows_recommendation.tolist(),
                people.allows_marketing.tolist(),
                strict=True,
            )
            for purpose, granted in (
                ("ANALYTICS", analytics),
                ("RECOMMENDATION", taste),
                ("MARKETING", marketing),
            )
        ]
    )
    return made


def _products(shop: Shop) -> list[Product]:
    goods = shop.catalogue
    paths = {" > ".join(parts) for parts in goods.categories}
    kinds = {
        path: Category.objects.create(path=path, name=path.rpartition(" > ")[2])
        for path in sorted(paths)
    }
    return Product.objects.bulk_create(
        [
            Product(
                external_id=external_id,
                title=title,
                category=kinds[" > ".join(parts)],
                price=price,
                currency="GBP",
                created_at=EPOCH,
                updated_at=EPOCH,
            )
            for external_id, title, parts, price in zip(
                goods.external_ids,
                goods.titles,
                goods.categories,
                goods.price.tolist(),
                strict=True,
            )
        ]
    )


COLUMNS = (
    "source", "message_id", "kind", "customer_id", "product_id", "quantity", "amount", "discount",
    "currency", "order_id", "coupon_code", "rating", "occurred_at", "received_at",
    "clock_corrected",
)  # fmt: skip


def _events(batch: EventBatch, customers: list[Customer], products: list[Product]) -> None:
    """Past the ORM, which takes ten times as long."""
    bought = (batch.kind == Kind.PURCHASE) | (batch.kind == Kind.RETURN)
    amount = np.where(bought, batch.quantity * batch.unit_price - batch.discount, 0)
    rows = zip(
        batch.message_ids(),
        batch.kind.tolist(),
        batch.customer.tolist(),
        batch.product.tolist(),
        batch.quantity.tolist(),
        amount.tolist(),
        batch.discount.tolist(),
        batch.order.tolist(),
        batch.rating.tolist(),
        batch.seconds.tolist(),
        strict=True,
    )
    values = ", ".join(["%s"] * len(COLUMNS))
    sql = f"INSERT INTO customers_event ({', '.join(COLUMNS)}) VALUES ({values})"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            sql,
            [
                (
                    *("shop", message_id, Kind(kind).name, customers[who].pk, products[what].pk),
                    *(quantity, money if kind in MONEY else None, off, "GBP"),
                    *(f"o{order}" if order >= 0 else "", "", stars or None),
                    *(moment(EPOCH + timedelta(seconds=second)), moment(END), False),
                )
                for message_id, kind, who, what, quantity, money, off, order, stars, second in rows
            ],
        )
