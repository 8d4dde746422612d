"""The editor of a segment's rule in a real browser: the same with its script and without."""

from typing import Any

import pytest

from tests.browser.conftest import Shop
from tests.browser.test_tour import sign_in

pytestmark = pytest.mark.browser
RULE = (
    "Everyone who has at least 3 orders and"
    " (has a risk of leaving above 30% or got no coupon in the last 30 days)."
)


@pytest.mark.parametrize("script", [True, False])
def test_a_rule_is_built_counted_saved_and_deleted(browser: Any, shop: Shop, script: bool) -> None:
    page = sign_in(browser, shop, shop.operator, java_script_enabled=script)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.goto(f"{shop.url}/admin/insights/segment/add/")

    page.fill("[name=name]", f"Toured {script}")
    page.fill("[name='0.0:at_least']", "three")
    page.press("[name='0.0:at_least']", "Enter")
    page.wait_for_selector("[data-error='0.0:at_least']:has-text(\"'three': expected a whole\")")
    page.fill("[name='0.0:at_least']", "3")
    page.select_option("[name='0:new']", "risk")
    page.click("button[value='group:0']")
    page.fill("[name='0.1.0:above']", "30")
    page.select_option("[name='0.1:new']", "coupon")
    page.click("button[value='add:0.1']")
    page.select_option("[name='0.1.1:not']", "1")
    page.click(".submit-row button[value=count]")
    page.wait_for_selector(f'#found:has-text("{RULE}")')
    assert len(loads) == (1 if script else 5)

    page.click("button[value=save]")
    page.wait_for_url(lambda url: "/change/" in url)
    assert page.inner_text("h1") == f"Toured {script}"
    page.click("text=Change the rule")
    page.click("a.deletelink")
    page.click("text=Delete the segment")
    page.wait_for_url("**/segment/")
    assert f"Deleted: Toured {script}." in page.inner_text(".messagelist")


def test_it_counts_by_itself_while_one_types(browser: Any, shop: Shop) -> None:
    page = sign_in(browser, shop, shop.operator)
    page.goto(f"{shop.url}/admin/insights/segment/add/")
    before = page.inner_text(".found-count")

    page.fill("[name='0.0:at_least']", "4")

    page.wait_for_selector('#found:has-text("has at least 4 orders")')
    assert page.inner_text(".found-count") != before
    page.fill("[name='0.0:days']", "soon")
    page.wait_for_selector("[data-error='0.0:days']:has-text('expected a whole number')")
