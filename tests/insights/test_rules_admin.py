"""Rules as operators write them: what one changes is seen before it is saved."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from retention.access.models import AuditEntry
from retention.insights.models import ModelVersion, RecommendationList, RecommendationRule
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
ADD = reverse("admin:insights_recommendationrule_add")
EFFECT = reverse("admin:insights_rule_effect_new")
LIST = reverse("admin:insights_recommendationrule_changelist")
HIDE = {"name": "No teapots", "action": "HIDE", "product_ids": "pot", "enabled": "on"}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make.user(username="ada"))
    return client


@pytest.fixture
def goods() -> list[Product]:
    products = [make.product(external_id=name, title=name.title()) for name in ("pot", "mug")]
    version = ModelVersion.objects.first() or make.model_version(kind="FACTORIZATION")
    items = [{"product": p.pk, "score": 0.5, "model": "popularity"} for p in products]
    RecommendationList.objects.create(version=version, items=items, computed_at=NOW)
    return products


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.usefixtures("goods")
def test_what_a_rule_changes_is_shown_and_nothing_is_saved(operator: Client) -> None:
    seen = text(operator.post(EFFECT, HIDE))

    assert "It changes <b>1</b> of the <b>1</b> newest lists, among their first ten" in seen
    assert '<input type="hidden" name="product_ids" value="pot">' in seen
    assert not RecommendationRule.objects.exists()


@pytest.mark.usefixtures("goods")
def test_saved_it_holds_its_products_and_is_on_the_record(operator: Client) -> None:
    operator.post(ADD, HIDE | {"percent": "30"})

    rule = RecommendationRule.objects.get()
    assert (rule.percent, [str(one) for one in rule.products.all()]) == (None, ["Pot"])
    assert AuditEntry.objects.get(action="save rule").actor == "ada"


@pytest.mark.usefixtures("goods")
def test_a_changed_rule_is_held_against_the_lists_without_its_old_self(operator: Client) -> None:
    operator.post(ADD, HIDE)
    rule = RecommendationRule.objects.get()

    effect = reverse("admin:insights_rule_effect", args=[rule.pk])
    seen = text(operator.post(effect, HIDE | {"product_ids": "mug"}))

    assert "<b>1</b> of the <b>1</b> newest" in seen


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"product_ids": "pan"}, "There is no product &#x27;pan&#x27;."),
        (
            {"product_ids": "", "category_path": "Nowhere"},
            "There is no category &#x27;Nowhere&#x27;.",
        ),
        ({"product_ids": ""}, "Never show: name products, a category or a brand."),
        ({"action": "BOOST"}, "Move up or down needs this number."),
        ({"action": "BOOST", "percent": "-99"}, "greater than or equal to -95"),
        ({"action": "CAP", "count": "0"}, "needs this number."),
    ],
)
@pytest.mark.usefixtures("goods")
def test_a_rule_that_is_not_sound_says_why_instead_of_its_effect(
    operator: Client, change: dict[str, str], words: str
) -> None:
    assert words in text(operator.post(EFFECT, HIDE | change))
    assert not RecommendationRule.objects.exists()


def test_whoever_may_only_look_sees_no_effect(client: Client) -> None:
    client.force_login(make.user(is_superuser=False))

    assert client.post(EFFECT, HIDE).status_code == 403


@pytest.mark.usefixtures("goods")
def test_the_list_says_what_each_rule_does(operator: Client) -> None:
    operator.post(ADD, HIDE | {"action": "BOOST", "percent": "-20"})

    seen = text(operator.get(LIST))

    assert "Move down by 20%" in seen


@pytest.mark.usefixtures("goods")
def test_the_list_costs_the_same_whatever_its_length(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(8):
        operator.post(ADD, HIDE | {"name": f"Rule {n}"})

    with django_assert_max_num_queries(6):
        assert operator.get(LIST).content.count(b"1 named") == 8


@pytest.mark.usefixtures("goods")
def test_rules_deleted_together_are_each_on_the_record(operator: Client) -> None:
    for n in range(2):
        operator.post(ADD, HIDE | {"name": f"Rule {n}"})
    rules = list(RecommendationRule.objects.values_list("pk", flat=True))
    said = {"action": "delete_selected", "_selected_action": rules, "post": "yes"}

    operator.post(LIST, said)

    assert not RecommendationRule.objects.exists()
    assert AuditEntry.objects.filter(action="delete rule").count() == 2
