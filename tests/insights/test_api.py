from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from catalog.models import Product
from customers.services.consent import record_consents
from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.insights.models import ModelVersion, ProductPair, RecommendationList
from retention.jobs.models import JobRun
from tests import make
from tests.insights import toys
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models")]
REASON = {
    "feature": "days_since_last_order",
    "label": "Days since the last order",
    "theme": "rhythm",
    "value": 74.0,
    "effect": 0.31,
    "sentence": "no order for 74 days; usually every 31 days",
    "sets_apart": True,
}
ITEM_FIELDS = {
    "product", "title", "price", "currency", "score", "model", "because", "reasons", "rest",
    "log_odds", "fill", "expected_rating",
}  # fmt: skip


def client(*scopes: str) -> APIClient:
    _, secret = make_key("Shop", scopes=list(scopes or Scope.values), at=NOW)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


def get(path: str, **query: Any) -> Any:
    return client().get(f"/api/v1/{path}", query)


def popular(*products: Product) -> None:
    items = [{"product": p.pk, "score": 0.5, "model": "popularity"} for p in products]
    version = make.model_version(kind="FACTORIZATION", number=900)
    RecommendationList.objects.create(version=version, items=items, computed_at=NOW)


def test_a_score_comes_with_its_reasons_and_the_model_that_says_so() -> None:
    version = make.model_version(number=7, state="CHAMPION")
    score = make.churn_score(version=version, reasons=[REASON])

    answer = get(f"customers/{score.customer.external_id}/churn/").json()

    assert answer["churn_probability"] == 0.8
    assert answer["model_version"] == "Churn v7"
    assert answer["reasons"] == [{k: v for k, v in REASON.items() if k != "label"}]
    assert (answer["predicted_clv"], answer["currency"]) == (10_000, "GBP")


def test_a_customer_nobody_knows_is_404() -> None:
    answer = get("customers/nobody/churn/")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert "There is no customer 'nobody'" in answer.json()["detail"]


def test_a_customer_without_a_score_is_404_and_says_why_that_may_be() -> None:
    ada = make.customer()

    answer = get(f"customers/{ada.external_id}/churn/")

    assert answer.status_code == 404
    assert "has no score: they objected" in answer.json()["detail"]


def test_from_the_moment_of_objecting_a_score_is_404() -> None:
    score = make.churn_score()

    record_consents({(score.customer_id, "ANALYTICS"): False}, source="test", at=NOW)

    assert get(f"customers/{score.customer.external_id}/churn/").status_code == 404


def test_recommendations_have_all_a_shop_needs_to_show_them() -> None:
    mug = make.product(title="Mug", price=1200)
    popular(mug)

    answer = get(f"customers/{make.customer().external_id}/recommendations/").json()

    assert (answer["personalised"], set(answer["items"][0])) == (False, ITEM_FIELDS)
    assert answer["items"][0] | {"score": 0} == {
        "product": mug.external_id,
        "title": "Mug",
        "price": 1200,
        "currency": "GBP",
        "score": 0,
        "model": "popularity",
        "because": "Popular lately",
        "reasons": [{"name": "popular", "words": "Popular lately", "effect": None}],
        "rest": None,
        "log_odds": None,
        "fill": True,
        "expected_rating": None,
    }


def test_a_category_nobody_knows_is_refused_by_name() -> None:
    answer = get(f"customers/{make.customer().external_id}/recommendations/", category="Mugz")

    assert answer.status_code == 404
    assert "There is no category 'Mugz'" in answer.json()["detail"]


def test_the_reasons_of_a_product_and_the_rest_add_up_to_its_score() -> None:
    mug, tea = make.product(), make.product(title="Green tea")
    version = make.model_version(kind="FACTORIZATION")
    why = [["together", 1.2345, None], ["trend", 0.4321, 2.31], ["price", -0.3, None]]
    item = {"product": mug.pk, "score": 0.3, "model": "taste", "because": tea.pk}
    learned = item | {"why": why, "log_odds": -0.8473}
    RecommendationList.objects.create(version=version, items=[learned], computed_at=NOW)

    (told,) = get("recommendations/popular/").json()["items"]

    assert [one["name"] for one in told["reasons"]] == ["together", "trend", "price"]
    effects = [one["effect"] for one in told["reasons"]]
    assert abs(sum(effects) + told["rest"] - told["log_odds"]) < 1e-9
    assert told["because"] == told["reasons"][0]["words"] == "Goes with Green tea"


def test_a_stranger_gets_what_is_popular_in_a_category() -> None:
    mug = make.product(category=make.category("Kitchen > Mugs"))
    popular(make.product(), mug)

    answer = get("recommendations/popular/", category="Kitchen", limit=5).json()

    assert [item["product"] for item in answer["items"]] == [mug.external_id]


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "many"}, {"category": "c" * 501}]
)
def test_a_question_that_makes_no_sense_is_400_and_names_the_field(query: dict[str, str]) -> None:
    answer = get("recommendations/popular/", **query)

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(query)


def test_similar_products_come_with_their_numbers() -> None:
    tea, mug = make.product(title="Tea"), make.product()
    version = make.model_version(kind="FACTORIZATION")
    ProductPair.objects.create(product=tea, other=mug, score=0.4, both=3, of=9, version=version)

    answer = get(f"products/{tea.external_id}/similar/", limit=3).json()

    assert [item["product"] for item in answer["items"]] == [mug.external_id]
    assert answer["items"][0]["because"] == "3 of 9 who bought Tea bought this too"


@pytest.mark.parametrize(
    "path",
    ["customers/x/recommendations/", "products/x/similar/", "products/%00/similar/"],
)
def test_who_or_what_nobody_knows_is_404(path: str) -> None:
    assert get(path).status_code == 404


def test_segments_are_listed_by_kind() -> None:
    regulars = make.segment(kind="CLUSTER", name="Regulars", size=12)
    make.segment(kind="RFM")

    (only,) = get("segments/", kind="CLUSTER").json()["results"]

    assert (only["id"], only["name"], only["size"]) == (regulars.pk, "Regulars", 12)


@pytest.mark.parametrize("path", ["segments/", "models/", "training-runs/"])
def test_a_kind_that_does_not_exist_is_400(path: str) -> None:
    assert get(path, kind="ASTROLOGY").status_code == 400


@pytest.mark.parametrize(
    ("path", "make_one", "queries"),
    [
        ("segments/", make.segment, 2),
        ("models/", make.model_version, 2),
        ("training-runs/", make.training_run, 2),
    ],
)
def test_lists_cost_the_same_however_long(
    path: str, make_one: Any, queries: int, django_assert_num_queries: Any
) -> None:
    for _ in range(12):
        make_one()
    shop = client()
    shop.get(f"/api/v1/{path}")

    with django_assert_num_queries(queries):
        assert len(shop.get(f"/api/v1/{path}").json()["results"]) == 12


def test_a_training_is_asked_for_and_answered_at_once() -> None:
    answer = client().post("/api/v1/training-runs/", {"kind": "CHURN"})

    run = JobRun.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"job": run.pk})
    assert (run.job, run.arguments) == (
        "insights.train",
        {"kind": "CHURN", "write_rows": True},
    )
    assert run.asked_by == "API key Shop"


def test_a_training_asked_for_again_with_its_key_is_asked_for_once() -> None:
    shop = client()

    first, again = (
        shop.post("/api/v1/training-runs/", {"kind": "RFM"}, headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    )

    assert first.json() == again.json()
    assert JobRun.objects.count() == 1


def test_a_kind_nobody_knows_is_not_trained() -> None:
    answer = client().post("/api/v1/training-runs/", {"kind": "ASTROLOGY"})

    assert answer.status_code == 400
    assert "kind" in answer.json()["errors"]
    assert not JobRun.objects.exists()


def test_a_training_run_says_what_came_of_it() -> None:
    run = make.training_run(state="NOT_ENOUGH_DATA", message="needs 3 months, has 5 weeks")

    answer = get(f"training-runs/{run.pk}/").json()

    assert (answer["state"], answer["message"]) == (
        "NOT_ENOUGH_DATA",
        "needs 3 months, has 5 weeks",
    )


def test_promoting_makes_a_version_serve_and_has_its_rows_written_again() -> None:
    old, new = toys.version(number=1, state="CHAMPION"), toys.version(number=2)

    answer = client().post(f"/api/v1/models/{new.pk}/promote/")

    assert (answer.status_code, answer.json()["state"]) == (200, "CHAMPION")
    assert ModelVersion.objects.get(pk=old.pk).state == "ARCHIVED"
    assert JobRun.objects.get().job == "insights.score"


def test_promoting_again_with_the_same_key_is_answered_as_before() -> None:
    version, shop = toys.version(number=2), client()
    key = {"Idempotency-Key": "k1"}

    first, again = (
        shop.post(f"/api/v1/models/{version.pk}/promote/", headers=key) for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (200, 200)
    assert JobRun.objects.count() == 1


def test_promoting_what_serves_already_is_409_with_the_sentence() -> None:
    version = toys.version(number=2, state="CHAMPION")

    answer = client().post(f"/api/v1/models/{version.pk}/promote/")

    assert answer.status_code == 409
    assert answer.json()["detail"] == "Churn v2 serves already."


def test_promoting_what_cannot_be_read_is_409() -> None:
    answer = client().post(f"/api/v1/models/{make.model_version().pk}/promote/")

    assert answer.status_code == 409
    assert "Train again" in answer.json()["detail"]


@pytest.mark.parametrize("pk", [99, 2**63, 10**30])
def test_promoting_what_does_not_exist_is_404(pk: int) -> None:
    assert client().post(f"/api/v1/models/{pk}/promote/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "customers/x/churn/", "read"),
        ("get", "customers/x/recommendations/", "recommend"),
        ("get", "products/x/similar/", "recommend"),
        ("get", "recommendations/popular/", "recommend"),
        ("get", "segments/", "read"),
        ("get", "models/", "read"),
        ("get", "models/1/", "read"),
        ("post", "models/1/promote/", "models:write"),
        ("get", "training-runs/", "read"),
        ("post", "training-runs/", "models:write"),
        ("get", "training-runs/1/", "read"),
    ],
)
def test_each_endpoint_needs_its_scope_and_no_other_will_do(
    method: str, path: str, scope: str
) -> None:
    others = client(*(set(Scope.values) - {scope}))

    assert getattr(others, method)(f"/api/v1/{path}").status_code == 403
    assert getattr(client(scope), method)(f"/api/v1/{path}").status_code in {200, 400, 404}
    assert getattr(APIClient(), method)(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/api/v1/customers/{external_id}/churn/", "Score"),
        ("/api/v1/customers/{external_id}/recommendations/", "Recommendations"),
        ("/api/v1/recommendations/popular/", "Recommendations"),
        ("/api/v1/products/{external_id}/similar/", "Similar"),
    ],
)
def test_the_schema_says_what_is_answered_and_asked(
    path: str, shape: str, openapi: dict[str, Any]
) -> None:
    operation = openapi["paths"][path]["get"]

    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": f"#/components/schemas/{shape}"}
    assert operation["summary"]


@pytest.fixture
def openapi() -> dict[str, Any]:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # it is untyped
    schema: dict[str, Any] = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return schema


def test_rules_are_narrowed_by_product_strength_and_kind() -> None:
    tea, honey = make.product(external_id="tea"), make.product(external_id="honey")
    strong = make.association_rule(antecedent=(tea,), consequent=honey)
    weak = make.association_rule(antecedent=(honey,), lift=1.5)
    later = make.association_rule(antecedent=(tea, honey), kind="LATER")

    def found(**query: Any) -> list[int]:
        return [rule["id"] for rule in get("association-rules/", **query).json()["results"]]

    assert found() == [later.pk, weak.pk, strong.pk]
    assert found(product="tea") == [later.pk, strong.pk]
    assert found(product="honey", min_lift="2", kind="BASKET") == [strong.pk]
    assert found(product="nothing") == []


def test_a_later_rule_says_how_much_later_and_both_its_products() -> None:
    tea, mug = make.product(external_id="tea"), make.product(external_id="mug")
    make.association_rule(antecedent=(tea, mug), kind="LATER", conviction=None)

    (rule,) = get("association-rules/").json()["results"]

    assert rule["antecedent"] == ["mug", "tea"]
    assert rule["conviction"] is None
    assert rule["gap_days"] == {
        "within_days": 60,
        "low": 5.0,
        "median": 12.0,
        "high": 20.0,
        "back": 14,
    }


@pytest.mark.parametrize("query", [{"min_lift": "much"}, {"kind": "OTHER"}, {"product": ""}])
def test_a_nonsense_filter_of_rules_is_refused_by_its_name(query: dict[str, str]) -> None:
    answer = get("association-rules/", **query)

    assert answer.status_code == 400
    assert next(iter(query)) in answer.content.decode()


def test_rules_cost_the_same_however_many_they_are(django_assert_max_num_queries: Any) -> None:
    for _ in range(10):
        make.association_rule()
    asking = client()

    with django_assert_max_num_queries(6):
        asking.get("/api/v1/association-rules/")
