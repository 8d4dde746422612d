"""Customers at risk in number, for tests of whom a campaign reaches."""

from typing import Any

from customers.models import Consent, Customer, CustomerIdentity
from retention.insights.models import ChurnScore
from tests import make
from tests.make import NOW


def at_risk(count: int, **score: Any) -> list[Customer]:
    """So many consenting customers in the HIGH band, each worth more than the one before."""
    customers = Customer.objects.bulk_create(
        Customer(external_id=f"risk{n}", created_at=NOW) for n in range(count)
    )
    CustomerIdentity.objects.bulk_create(
        CustomerIdentity(customer=c, source="shop", external_id=c.external_id) for c in customers
    )
    Consent.objects.bulk_create(
        Consent(customer=c, purpose="MARKETING", granted=True, source="test", recorded_at=NOW)
        for c in customers
    )
    version = make.model_version()
    given: dict[str, Any] = {
        "version": version,
        "churn_probability": 0.8,
        "churn_band": "HIGH",
        "base_log_odds": 0.0,
        "historic_clv": 20_000,
        "predicted_number_of_orders": 2.0,
        "currency": "GBP",
        "computed_at": NOW,
        "reasons": [{"label": "days since last order", "effect": 0.5, "sentence": "74 days"}],
    }
    ChurnScore.objects.bulk_create(
        ChurnScore(**({"predicted_clv": 10_000 + n} | given | score), customer=customer)
        for n, customer in enumerate(customers)
    )
    return customers
