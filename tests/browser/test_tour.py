"""The README's tour, clicked through by a real browser, with a picture of every page."""

import json
import os
import re
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Shop

pytestmark = pytest.mark.browser
PICTURES = Path(os.environ.get("TOUR_PICTURES", "/tmp/retention-tour"))
PAGES = (
    "/admin/",
    "/admin/customers/customer/",
    "/admin/customers/customer/1/change/",
    "/admin/customers/customer/1/erase/",
    "/admin/customers/event/",
    "/admin/customers/consent/",
    "/admin/insights/churnscore/",
    "/admin/insights/segment/",
    "/admin/insights/segment/add/",
    "/admin/insights/segment/rfm/",
    "/admin/analysis/",
    "/admin/analysis/repurchase/",
    "/admin/analysis/funnel/",
    "/admin/analysis/affinity/",
    "/admin/insights/modelversion/",
    "/admin/campaigns/campaign/",
    "/admin/campaigns/campaign/1/change/",
    "/admin/campaigns/campaign/1/results/",
    "/admin/campaigns/coupon/",
    "/admin/jobs/jobrun/",
    "/admin/jobs/schedule/",
    "/admin/customers/ingestbatch/",
    "/admin/catalog/product/",
    "/admin/catalog/product/1/change/",
    "/admin/auth/user/",
    "/admin/access/apikey/",
    "/admin/access/auditentry/",
    "/api/v1/docs/",
)


def sign_in(browser: Any, shop: Shop, name: str, **options: Any) -> Any:
    page = browser.new_context(
        **({"viewport": {"width": 1280, "height": 900}} | options)
    ).new_page()
    page.goto(f"{shop.url}/admin/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", shop.password)
    page.click("[type=submit]")
    return page


def picture(page: Any, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("look", "options"),
    [
        ("light", {"color_scheme": "light"}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"viewport": {"width": 420, "height": 860}}),
    ],
)
def test_every_page_opens_without_complaint_and_fits(
    browser: Any, shop: Shop, look: str, options: dict[str, Any]
) -> None:
    page = sign_in(browser, shop, shop.operator, **options)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked_for: list[str] = []
    page.on(
        "request",
        lambda r: None if r.url.startswith((shop.url, "data:")) else asked_for.append(r.url),
    )
    width, statuses = options.get("viewport", {"width": 1280})["width"], {}

    for path in PAGES:
        statuses[path] = page.goto(shop.url + path).status
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        picture(page, f"{look}{path.replace('/', '_')}")

    assert set(statuses.values()) == {200}
    assert complaints == []
    assert [url for url in asked_for if not url.startswith((shop.url, "data:"))] == []


def test_from_the_risk_band_to_a_measured_campaign(browser: Any, shop: Shop) -> None:
    anna = sign_in(browser, shop, shop.operator)
    anna.click("text=New campaign")
    anna.fill("#id_name", "The tour")
    anna.check("input[name=bands][value=LOW]")
    anna.fill("[name$=-percent]", "10")
    anna.fill("[name$=-maximum_discount]", "10.00")
    anna.fill("[name=budget_amount]", "2000")
    anna.click("text=Save and preview")
    picture(anna, "tour_preview")
    address = anna.url
    anna.click(".page-actions a.primary")
    picture(anna, "tour_send")
    anna.click(".confirm button")

    ben = sign_in(browser, shop, shop.approver)
    ben.goto(address)
    if ben.locator("text=Approve").count():
        ben.click(".page-actions a:has-text('Approve')")
        picture(ben, "tour_approve")
        ben.click(".confirm button")

    anna.goto(address)
    anna.click(".page-actions a:has-text('Launch')")
    picture(anna, "tour_launch")
    anna.click(".confirm button")
    code, customer = eventually(lambda: first_coupon(shop, address))
    anna.goto(address)
    picture(anna, "tour_running")

    answer = ask(
        shop,
        f"/coupons/{code}/redeem/",
        {"order_id": "T-1", "customer": customer, "amount": 4200, "currency": "GBP"},
    )

    assert answer["discount_amount"] == 420
    anna.goto(address)
    assert re.search(r"Used\s+1\b", anna.inner_text("main"))
    picture(anna, "tour_redeemed")
    anna.goto(address.replace("change", "results"))
    picture(anna, "tour_results")


def first_coupon(shop: Shop, address: str) -> tuple[str, str] | None:
    campaign = address.rstrip("/").split("/")[-2]
    found = ask(shop, f"/coupons/?campaign={campaign}")["results"]
    return (found[0]["code"], found[0]["customer"]) if found else None


def ask(shop: Shop, path: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {shop.api_key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{shop.url}/api/v1{path}", data=data, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds something; the workers may take a minute."""
    for _ in range(120):
        if found := look():
            return found
        time.sleep(0.5)
    pytest.fail("The workers issued no coupon within a minute.")
