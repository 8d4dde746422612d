from datetime import timedelta

import pytest
from django.test import Client

from campaigns.selectors.at_a_glance import at_a_glance
from customers.services.consent import record_consents
from retention.insights.models import RecommendationList
from retention.insights.services.score import REST
from tests import make

pytestmark = pytest.mark.django_db


def test_home_is_an_invitation_where_nothing_is_known_yet(operator: Client) -> None:
    page = operator.get("/admin/")

    assert page.status_code == 200
    assert "No campaign yet" in page.content.decode()


def test_home_says_how_many_are_at_risk_and_what_is_at_stake(operator: Client) -> None:
    make.churn_score(churn_probability=0.5, predicted_clv=100_00)
    make.churn_score(churn_probability=0.5, predicted_clv=300_00, churn_band="LOW")

    page = operator.get("/admin/").content.decode()

    assert "£200" in page
    assert "Customers at high risk" in page


def test_home_shows_no_figures_to_whoever_may_not_see_them(client: Client) -> None:
    client.force_login(make.user(is_superuser=False))

    page = client.get("/admin/").content.decode()

    assert "Welcome" in page
    assert "Money at stake" not in page


def test_home_says_when_the_data_has_ended(operator: Client) -> None:
    make.event(occurred_at=make.NOW - timedelta(days=4000), customer=make.customer())

    assert "No event has come in since" in operator.get("/admin/").content.decode()


def test_home_asks_the_same_of_the_database_however_many_campaigns(
    operator: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(5):
        make.campaign(state="RUNNING")

    with django_assert_max_num_queries(30):  # type: ignore[operator] # pytest-django has no types
        operator.get("/admin/")


def test_home_counts_every_campaign_and_coupon_not_just_those_it_lists() -> None:
    for _ in range(7):
        make.coupon(redeemed_count=1)
    make.coupon(void_at=make.NOW)

    seen = at_a_glance()

    assert seen.running == 8
    assert seen.used_note == "7 of 7 coupons used"


def test_home_counts_a_coupon_as_used_once_however_often_it_is() -> None:
    make.coupon(redeemed_count=3, maximum_redemptions=9)

    assert at_a_glance().used_note == "1 of 1 coupons used"


def test_home_draws_the_campaigns_measured_last_also_where_six_newer_are_not(
    operator: Client,
) -> None:
    old = make.campaign(name="The first of all", state="COMPLETED")
    for day in range(2):
        make.measurement(campaign=old, measured_until=make.NOW + timedelta(days=day), effect=day)
    for _ in range(6):
        make.campaign(state="RUNNING")

    page = operator.get("/admin/").content.decode()

    assert "The first of all" in page
    assert [kept.effect for kept in at_a_glance().measured] == [1]


def test_home_does_not_wait_for_the_result_of_a_code_for_all(operator: Client) -> None:
    make.campaign(state="RUNNING", code_uses=100, uses_per_customer=1)

    page = operator.get("/admin/").content.decode()

    assert "cannot be told" in page
    assert "not measured yet" not in page


def test_a_customer_page_tells_risk_with_its_reason(operator: Client) -> None:
    reason = {"sentence": "no order for 74 days; usually every 31 days", "effect": 1.2}
    score = make.churn_score(reasons=[reason | {"label": "silence", "value": 74.0}])

    page = operator.get(f"/admin/customers/customer/{score.customer_id}/change/")

    assert "No order for 74 days; usually every 31 days" in page.content.decode()


def test_a_customer_page_tells_the_value_with_its_bounds_and_the_model(operator: Client) -> None:
    score = make.churn_score(
        predicted_clv=12_000,
        predicted_clv_low=4_000,
        predicted_clv_high=26_000,
        value_version=make.model_version(kind="VALUE", number=3),
    )

    page = operator.get(f"/admin/customers/customer/{score.customer_id}/change/").content.decode()

    assert "About £120 in the coming year, likely between £40 and £260." in page
    assert "Customer value v3" in page


def test_a_customer_who_objected_to_analytics_has_neither_risk_nor_segment(
    operator: Client,
) -> None:
    score = make.churn_score(churn_probability=0.83)
    make.segment(name="Champions").memberships.create(customer=score.customer, entered_at=make.NOW)
    record_consents({(score.customer_id, "ANALYTICS"): False}, source="test", at=make.NOW)

    page = operator.get(f"/admin/customers/customer/{score.customer_id}/change/").content.decode()

    assert "objected to being analysed" in page
    assert "83.0%" not in page
    assert "Champions" not in page


def test_the_rest_of_the_reasons_is_told_in_words(operator: Client) -> None:
    score = make.churn_score(reasons=[REST | {"effect": 0.4}])

    page = operator.get(f"/admin/customers/customer/{score.customer_id}/change/").content.decode()

    assert "Everything else together" in page


def test_a_customer_who_objected_is_shown_what_everybody_buys(operator: Client) -> None:
    who, product = make.customer(consents=()), make.product(title="Blue mug")
    make.consent(customer=who, purpose="RECOMMENDATION", granted=False)
    version = make.model_version(kind="FACTORIZATION", state="CHAMPION")
    RecommendationList.objects.create(
        version=version,
        items=[{"product": product.pk, "score": 1.0, "model": "popularity"}],
        computed_at=make.NOW,
    )

    page = operator.get(f"/admin/customers/customer/{who.pk}/change/").content.decode()

    assert "Blue mug" in page
    assert "not personal" in page


def test_a_customer_who_is_not_there_is_a_404(operator: Client) -> None:
    assert operator.get("/admin/customers/customer/999/change/").status_code == 404


def test_no_page_answers_without_signing_in(client: Client) -> None:
    page = client.get(f"/admin/customers/customer/{make.customer().pk}/change/")

    assert page.status_code == 302
    assert "/admin/login/" in page["Location"]


def test_every_answer_forbids_scripts_and_styles_from_elsewhere(operator: Client) -> None:
    policy = operator.get("/admin/")["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
