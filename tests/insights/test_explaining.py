import re
from typing import Any

import pytest
from django.test import Client
from scipy.special import logit

from customers.models import CustomerContact
from customers.services.consent import record_consents
from retention.insights.models import ChurnScore, Kind
from retention.insights.services.score import score_everyone
from retention.insights.services.train import train
from retention.learning.churn.following import ASKABLE
from tests import make
from tests.insights import world
from tests.insights.conftest import Customers
from tests.insights.test_api import client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored")]


@pytest.fixture(scope="module")
def scored(shop: Customers) -> None:
    """The churn model of the shop, and what it says of everybody."""
    train(Kind.CHURN, at=world.END)
    score_everyone(at=world.END)


def ask(score: ChurnScore, **body: Any) -> Any:
    path = f"/api/v1/customers/{score.customer.external_id}/churn/explain/"
    return client("read").post(path, body, format="json")


def riskiest() -> ChurnScore:
    return ChurnScore.objects.select_related("customer").latest("churn_probability")


def test_unchanged_the_model_says_what_the_score_says() -> None:
    score = riskiest()

    said = ask(score).json()

    assert said["probability"] == pytest.approx(score.churn_probability, abs=1e-9)
    assert said["band"] == score.churn_band
    assert [r["sentence"] for r in said["reasons"]] == [r["sentence"] for r in score.reasons][:6]
    whole = said["base_log_odds"] + sum(r["effect"] for r in said["reasons"]) + said["rest"]
    assert whole == pytest.approx(logit(said["probability"]))
    for reason in said["reasons"]:
        of_theme = [fact["effect"] for fact in said["facts"] if fact["theme"] == reason["theme"]]
        assert sum(of_theme) == pytest.approx(reason["effect"])
    assert said["changed"] == said["followed"] == []


def test_an_order_last_week_lowers_the_risk_and_what_hangs_on_it_follows() -> None:
    score = riskiest()

    said = ask(score, facts={"days_since_last_order": 5}, target=0.2).json()

    assert said["probability"] < said["now"]["probability"]
    assert [step["feature"] for step in said["changed"]] == ["days_since_last_order"]
    followed = {step["feature"]: step["after"] for step in said["followed"]}
    assert followed["orders_30"] >= 1
    assert "days_since_first_order" not in followed
    assert said["last_order"].startswith("As if they had ordered once more 5 days ago, for what")
    assert followed["days_since_last_visit"] <= 5
    assert said["smallest"]["probability"] < 0.2 or not said["smallest"]["found"]


def test_an_order_added_is_counted_from_the_customers_events() -> None:
    score = riskiest()
    now = {fact["feature"]: fact["value"] for fact in ask(score).json()["facts"]}

    then = ask(score, facts={"days_since_last_order": 5}).json()["facts"]

    after = {fact["feature"]: fact["value"] for fact in then}
    assert after["order_days_total"] == now["order_days_total"] + 1
    assert after["days_since_first_order"] == now["days_since_first_order"]
    assert after["spend_365"] == pytest.approx(now["spend_365"] + round(now["average_order"]))
    assert after["overdue_ratio"] == pytest.approx(5 / after["usual_gap_days"])


def test_a_longer_silence_is_as_if_nothing_more_had_happened() -> None:
    said = ask(riskiest(), facts={"days_since_last_order": 300}).json()

    assert said["last_order"] == (
        "As if nothing more had happened until the last order is 300 days ago."
    )


def test_where_an_order_raises_the_risk_the_answer_says_why() -> None:
    answers = [
        ask(score, facts={"days_since_last_order": 1}).json()
        for score in ChurnScore.objects.order_by("churn_probability")[:40]
    ]

    moved = [said for said in answers if "ordered once more" in said["last_order"]]
    raised = [said for said in moved if said["probability"] > said["now"]["probability"]]
    told = [said for said in moved if "not due for a while" in said["last_order"]]
    assert raised == told
    assert 0 < len(raised) < len(moved)


def test_two_customers_differ_by_what_their_effects_differ() -> None:
    score = riskiest()
    other = ChurnScore.objects.earliest("churn_probability")

    said = ask(score, compare_with=other.customer.external_id).json()

    gap = logit(score.churn_probability) - logit(other.churn_probability)
    effects = [each["effect"] for each in said["comparison"]["differences"]]
    assert sum(effects) == pytest.approx(gap, abs=1e-8)
    assert said["comparison"]["log_odds_difference"] == pytest.approx(gap, abs=1e-8)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"facts": {"days_silent": 3}}, "There is no fact 'days_silent'. There are: days_since_"),
        ({"facts": {"orders_30": 5, "orders_90": 2}}, "orders_90 cannot be 2. With orders_30 5"),
        ({"facts": {"last_rating": 9}}, "last_rating cannot be 9. It goes from 1 to 5."),
        (
            {"facts": {"days_since_last_order": 31, "days_since_last_visit": 200}},
            (
                "days_since_last_visit cannot be 200. With days_since_last_order 31 and what else"
                " is known of the customer it can be 0 to 31."
            ),
        ),
        ({"target": 1.2}, "between 0 and 1, got 1.2"),
        ({"target": 0.1, "among": ["luck"]}, "There is no fact 'luck'"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(body: dict[str, Any], words: str) -> None:
    answer = ask(riskiest(), **body)

    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_more_facts_than_a_shop_could_hope_to_change_are_too_many_to_try() -> None:
    answer = ask(riskiest(), target=0.01, among=list(ASKABLE))

    assert answer.status_code == 400
    assert "no more than 13 elements" in answer.content.decode()


def test_the_model_is_asked_thirty_times_a_minute() -> None:
    shop, path = client("read"), f"/api/v1/customers/{riskiest().customer}/churn/explain/"

    answers = [shop.post(path, {"target": 0}, format="json").status_code for _ in range(31)]

    assert 429 not in answers[:30]
    assert answers[30] == 429


def test_who_may_not_be_analysed_is_neither_explained_nor_compared_with() -> None:
    gone, score = ChurnScore.objects.earliest("churn_probability"), riskiest()
    record_consents({(gone.customer_id, "ANALYTICS"): False}, source="test", at=world.END)

    assert ask(gone).status_code == 404
    assert "objected to being analysed" in ask(gone).json()["detail"]
    assert ask(score, compare_with=gone.customer.external_id).status_code == 404


def ask_page(score: ChurnScore, **query: str) -> str:
    client = Client()
    client.force_login(make.user())
    answer = client.get(f"/admin/customers/customer/{score.customer_id}/ask/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_answers_what_its_fields_ask() -> None:
    score = riskiest()
    page = {"f-days_since_last_order": "5", "below": "20", "with": score.customer.external_id}

    said = ask_page(score, **page)

    then = ask(score, facts={"days_since_last_order": 5}).json()
    assert f"{then['probability']:.1%}" in said
    assert "Also changed, for they hang on it:" in said
    assert "Orders in 30 days" in said
    assert "not what a coupon would do" in said
    assert "Compared with <a href" in said
    assert said.count("As if they had ordered once more 5 days ago") == 1
    fields = re.findall(r'value="([^"]*)" data-now.*?data-then="[^"]*">→ ([^<]*)<', said, re.DOTALL)
    assert ("0", "1") in fields
    assert all(value != then for value, then in fields)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"f-orders_30": "many"}, "Orders in 30 days: &#x27;many&#x27; is not a number"),
        ({"f-orders_30": "9", "f-orders_90": "2"}, "“Orders in 90 days” cannot be 2"),
        ({"f-last_rating": "9"}, "cannot be 9. It goes from 1 to 5."),
        ({"below": "120"}, "a percentage from 1 to 99"),
        ({"f-discount_share": "150"}, "must be from 0 to 100 %, not 150."),
        ({"with": "nobody"}, "There is no customer &#x27;nobody&#x27;"),
        ({"below": "0.01"}, "Nothing that a shop could hope to change"),
    ],
)
def test_the_page_says_what_is_wrong_and_what_is_not_possible(
    query: dict[str, str], words: str
) -> None:
    assert words in ask_page(riskiest(), **query, part="1")


def test_whom_to_compare_with_is_found_as_the_search_finds_them() -> None:
    score, others = riskiest(), list(ChurnScore.objects.order_by("churn_probability")[:2])
    for other, name in zip(others, ("Amelia Xu", "Amelia Yi"), strict=True):
        CustomerContact.objects.update_or_create(
            customer=other.customer, defaults={"name": name, "email": ""}
        )

    one, several = ask_page(score, **{"with": "amelia x"}), ask_page(score, **{"with": "Amelia"})

    assert f'Compared with <a href="/admin/customers/customer/{others[0].customer_id}/' in one
    assert "finds several customers: Amelia " in several
    assert f"Amelia Yi ({others[1].customer.external_id})" in several


def test_a_reason_leads_to_the_curve_of_its_fact() -> None:
    score, client = riskiest(), Client()
    client.force_login(make.user())
    feature = score.reasons[0]["feature"]

    page = client.get(f"/admin/customers/customer/{score.customer_id}/change/").content.decode()
    curves = client.get("/admin/insights/churn-curves/").content.decode()

    assert f'/admin/insights/churn-curves/#{feature}"' in page
    assert f'id="{feature}"' in curves
    assert "Risk " in curves
    assert 'class="ghost"' in curves
