"""The category of a customer's next order: said by night, on their page and by API."""

import pytest
from django.test import Client

from customers.models import Purpose
from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.insights.models import NextCategory
from retention.insights.services.foretell_categories import foretell_categories
from tests import make
from tests.insights.conftest import Customers
from tests.insights.world import END
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_everyone_who_ordered_is_told_about_or_why_nobody_is(shop: Customers) -> None:
    NextCategory.objects.create(customer=shop[0], likely=[], by="HABIT", computed_at=NOW)

    done = foretell_categories(at=END)

    rows = list(NextCategory.objects.all())
    assert len(rows) == done["categories"]
    assert all(sum(share for _, share in row.likely) <= 1.001 for row in rows)
    assert (done["categories"] > 100) == ("later orders" in done["message"])
    assert done["categories"] or "needs" in done["message"]


def test_it_stands_on_the_page_and_in_the_api_until_the_customer_objects(
    admin_client: Client,
) -> None:
    who = make.customer()
    likely = [["Kitchen > Mugs", 0.61], ["Tea", 0.2]]
    NextCategory.objects.create(customer=who, likely=likely, by="TREE", computed_at=NOW)
    _, secret = make_key("Shop", scopes=[Scope.READ], at=NOW)
    address = f"/api/v1/customers/{who.external_id}/next-category/"
    key = {"Authorization": f"Bearer {secret}"}

    page = admin_client.get(f"/admin/customers/customer/{who.pk}/change/", follow=True)
    read = Client().get(address, headers=key).json()
    who.consents.filter(purpose=Purpose.ANALYTICS).update(granted=False)
    after = Client().get(address, headers=key)

    assert "Kitchen &gt; Mugs" in page.content.decode()
    assert "61%" in page.content.decode()
    assert read["likely"][0] == {"category": "Kitchen > Mugs", "probability": 0.61}
    assert read["by"] == "TREE"
    assert after.status_code == 404
