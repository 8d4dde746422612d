import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from customers.services.consent import record_consents
from retention.access.models import AuditEntry
from retention.insights.admin.metrics import headline, metric_rows
from retention.insights.cards import NOT_FOR
from retention.insights.models import (
    ChurnDefinition,
    ChurnScore,
    ModelVersion,
    RecommendationList,
    SegmentMembership,
)
from retention.jobs.models import JobRun
from tests import make
from tests.insights import toys
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon", "models")]
AUC = {"value": 0.871, "low": 0.85, "high": 0.89}
METRICS = {
    "auc": AUC,
    "reliability": [{"n": 30, "said": 0.2, "happened": {"value": 0.3, "low": 0.2, "high": 0.4}}],
    "alarms": ["The level has moved."],
}


@pytest.fixture
def viewer(client: Client) -> Client:
    user = make.user(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def url(name: str, *arguments: object) -> str:
    return reverse(f"admin:insights_{name}", args=arguments)


def page(client: Client, name: str, *arguments: object, **query: str) -> str:
    response = client.get(url(name, *arguments), query)
    assert response.status_code == 200
    return response.content.decode()


def a_list() -> RecommendationList:
    return RecommendationList.objects.create(
        customer=make.customer(),
        version=ModelVersion.objects.first() or make.model_version(),
        items=[{"product": make.product().pk, "score": 1.0, "model": "taste"}],
        computed_at=NOW,
    )


def a_version() -> ModelVersion:
    return make.model_version(run=make.training_run(metrics=METRICS, row_counts={"events": 5}))


@pytest.mark.parametrize(
    ("name", "make_one"),
    [
        ("churnscore", make.churn_score),
        ("segment", make.segment),
        ("modelversion", a_version),
        ("trainingrun", make.training_run),
        ("recommendationlist", a_list),
    ],
)
def test_a_list_costs_the_same_whatever_its_length(
    operator: Client,
    name: str,
    make_one: Callable[[], Any],
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(20):
        make_one()

    with django_assert_max_num_queries(11):
        page(operator, f"{name}_changelist")


@pytest.mark.parametrize(
    "name", ["churnscore", "segment", "modelversion", "trainingrun", "recommendationlist"]
)
def test_an_empty_list_is_a_page_too(operator: Client, name: str) -> None:
    assert "Nothing" in (seen := page(operator, f"{name}_changelist")) or "Nobody" in seen


@pytest.mark.parametrize("name", ["churnscore", "segment", "modelversion", "trainingrun"])
@pytest.mark.parametrize("key", ["99", "nonsense", "9" * 40])
def test_an_address_that_leads_nowhere_is_no_crash(operator: Client, name: str, key: str) -> None:
    response = operator.get(url(f"{name}_change", key))

    assert response.status_code in {302, 404}


def test_the_list_of_those_at_risk_says_who_why_and_what_is_at_stake(operator: Client) -> None:
    sentence = "no order for 74 days; usually every 31 days"
    score = make.churn_score(reasons=[{"sentence": sentence, "effect": 0.4}])

    seen = page(operator, "churnscore_changelist")

    assert score.customer.external_id in seen
    assert sentence in seen
    assert "£80.00" in seen
    assert "80.0%" in seen


def test_the_reason_shown_is_the_one_that_sets_them_apart() -> None:
    shared, own = ("no visit for 90 days", False), ("40% of the money was given back", True)
    told = [{"sentence": w, "effect": 0.9, "sets_apart": apart} for w, apart in (shared, own)]

    assert ChurnScore(reasons=told).main_reason == "40% of the money was given back"


def test_the_reason_shown_of_an_older_score_is_the_strongest_that_raises_the_risk() -> None:
    bought, silent = ("bought a lot", -0.5), ("no order for 74 days", 0.4)
    told = [{"sentence": words, "effect": effect} for words, effect in (bought, silent)]

    assert ChurnScore(reasons=told).main_reason == "no order for 74 days"
    assert ChurnScore(reasons=told[:1]).main_reason == "bought a lot"
    rest = {"feature": "rest", "sentence": "everything else together", "effect": 0.6}
    assert ChurnScore(reasons=[*told[:1], rest]).main_reason == "bought a lot"
    assert ChurnScore(reasons=[]).main_reason == "nothing stands out"


def test_a_caution_about_the_probabilities_stands_where_they_are_read(operator: Client) -> None:
    said = "The level has moved: 57% were expected to be lost and 48% were."
    run = make.training_run(metrics={"alarms": [f"{said} A season does that."]})
    score = make.churn_score(version=make.model_version(state="CHAMPION", run=run))
    link = reverse("admin:insights_modelversion_change", args=[score.version_id])

    for seen in (
        page(operator, "churnscore_changelist"),
        operator.get(reverse("admin:customer", args=[score.customer_id])).content.decode(),
    ):
        assert f'{said} <a href="{link}">' in seen
        assert "A season" not in seen


def test_scores_are_of_the_version_that_gave_them_until_another_has(operator: Client) -> None:
    make.churn_score(version=make.model_version(number=1, state="ARCHIVED"))
    make.model_version(number=2, state="CHAMPION")

    seen = page(operator, "churnscore_changelist")

    assert ("Churn v1</a>" in seen, "Churn v2" in seen) == (True, False)


def test_the_lowest_band_is_only_lower_than_the_others(operator: Client) -> None:
    make.churn_score(churn_probability=0.57, churn_band="LOW")

    seen = page(operator, "churnscore_changelist")

    assert '<span class="badge quiet">Lower risk</span>' in seen


def test_a_band_becomes_a_campaign_with_a_click_that_says_how_many(operator: Client) -> None:
    make.churn_score()
    make.churn_score()

    seen = page(operator, "churnscore_changelist")

    assert f'href="{reverse("admin:campaigns_campaign_add")}?band=HIGH"' in seen
    assert "New campaign: high risk (2)" in seen
    assert "?band=LOW" not in seen


def test_who_objected_since_the_night_is_on_no_list(operator: Client) -> None:
    score = make.churn_score(customer=make.customer(external_id="objector"))
    member = SegmentMembership.objects.create(
        segment=make.segment(), customer=score.customer, entered_at=NOW
    )

    record_consents({(score.customer_id, "ANALYTICS"): False}, source="test", at=NOW)

    assert "objector" not in page(operator, "churnscore_changelist")
    assert "objector" not in page(operator, "segment_change", member.segment_id)


def test_customers_are_found_by_the_beginning_of_their_id(operator: Client) -> None:
    make.churn_score(customer=make.customer(external_id="anna-1"))
    make.churn_score(customer=make.customer(external_id="joanna-2"))

    seen = page(operator, "churnscore_changelist", q="anna")

    assert "anna-1" in seen
    assert "joanna-2" not in seen


TRAIT = {"label": "frequent", "value": "25 orders a year; typical is 4", "effect": 1.31}


def test_a_segment_shows_who_is_in_it_who_left_and_what_to_do(operator: Client) -> None:
    segment = make.segment(name="Regulars", size=1, profile={"traits": [TRAIT]})
    stays, left = make.customer(external_id="stays"), make.customer(external_id="left")
    SegmentMembership.objects.create(segment=segment, customer=stays, entered_at=NOW)
    SegmentMembership.objects.create(segment=segment, customer=left, entered_at=NOW, left_at=NOW)

    seen = page(operator, "segment_change", segment.pk)

    assert all(
        words in seen for words in ("Regulars", "25 orders a year", "+1.31", "stays", "left")
    )
    assert f"?segment={segment.pk}" in seen


def test_a_segments_page_costs_the_same_however_many_are_in_it(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    segment = make.segment()
    for _ in range(20):
        SegmentMembership.objects.create(segment=segment, customer=make.customer(), entered_at=NOW)
    page(operator, "segment_change", segment.pk)  # Fills what Django keeps, as content types.

    with django_assert_max_num_queries(8):
        page(operator, "segment_change", segment.pk)


def test_a_model_shows_its_figures_with_intervals_its_alarms_and_its_limits(
    operator: Client,
) -> None:
    version = a_version()

    seen = page(operator, "modelversion_change", version.pk)

    assert "0.850 to 0.890" in seen
    assert "The level has moved." in seen
    assert "Said against happened" in seen
    assert "not whom a coupon would keep" in seen


def test_a_value_model_shows_who_sat_the_exam_and_how_they_did(operator: Client) -> None:
    pace = {"key": "pace", "name": "own pace", "rmse": 1.14, "bias": -0.14, "top": 0.476}
    best = {"key": "pareto", "name": "Pareto/NBD", "rmse": 1.11, "bias": -0.08, "top": 0.49}
    over = {"value": -0.026, "low": -0.053, "high": 0.009}
    rivals = [pace | {"over_pace": over}, best | {"over_pace": over}]
    run = make.training_run(
        kind="VALUE", metrics={"rmse": 1.11, "rivals": rivals, "exam_days": 182}
    )

    seen = page(operator, "modelversion_change", make.model_version(kind="VALUE", run=run).pk)

    assert all(words in seen for words in ("Own pace", "Pareto/NBD", "−2.6% [−5.3%, +0.9%]"))
    assert "the same 182 days" in seen


@pytest.mark.parametrize("kind", ["CHURN", "VALUE", "FACTORIZATION", "RFM", "CLUSTERS", "BASKETS"])
def test_each_kind_of_model_says_what_it_is_not_for(operator: Client, kind: str) -> None:
    version = make.model_version(kind=kind)

    seen = page(operator, "modelversion_change", version.pk)

    assert html.escape(NOT_FOR[kind]) in seen


def test_a_training_shows_its_figures_and_the_model_that_came_of_it(operator: Client) -> None:
    version = make.model_version(
        number=7, verdict="Better: much.", run=make.training_run(metrics={"auc": AUC})
    )

    seen = page(operator, "trainingrun_change", version.run_id)

    assert "0.850 to 0.890" in seen
    assert "Better: much." in seen
    assert url("modelversion_change", version.pk) in seen


def test_a_failed_training_shows_the_error(operator: Client) -> None:
    run = make.training_run(state="FAILED", error="OneClass: everybody was lost")

    assert "OneClass: everybody was lost" in page(operator, "trainingrun_change", run.pk)
    assert "OneClass: everybody was lost" in page(operator, "trainingrun_changelist")


def test_a_recommendation_list_is_told_by_its_first_titles(operator: Client) -> None:
    row = a_list()
    product = make.product(title="Teapot")
    RecommendationList.objects.filter(pk=row.pk).update(items=[{"product": product.pk}])

    assert "Teapot" in page(operator, "recommendationlist_changelist")


def test_an_operator_asks_for_a_training_and_can_watch_it(operator: Client) -> None:
    response = operator.post(url("train", "CHURN"), follow=True)

    run = JobRun.objects.get()
    assert (run.job, run.arguments, run.asked_by) == (
        "insights.train",
        {"kind": "CHURN", "write_rows": True},
        "ada",
    )
    assert reverse("admin:jobs_jobrun_change", args=[run.pk]) in response.content.decode()


def test_an_operator_rolls_back_and_the_rows_follow(operator: Client) -> None:
    toys.version(number=2, state="CHAMPION", kind="FACTORIZATION")
    old = toys.version(number=1, state="ARCHIVED", kind="FACTORIZATION")

    operator.post(url("serve", old.pk))

    old.refresh_from_db()
    assert (old.state, old.verdict) == ("CHAMPION", "Chosen by ada.")
    assert JobRun.objects.get().job == "insights.recommend"
    assert AuditEntry.objects.get().user.username == "ada"  # type: ignore[union-attr]  # she is there


def test_what_cannot_serve_is_said_as_it_is(operator: Client, models: Path) -> None:
    broken = toys.version(number=2)
    (models / broken.path / "arrays.npz").unlink()

    response = operator.post(url("serve", broken.pk), follow=True)

    assert "there is no arrays.npz. Train again." in response.content.decode()
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("action", ["train", "serve"])
def test_who_may_only_look_can_neither_train_nor_choose(viewer: Client, action: str) -> None:
    version = toys.version(number=2)
    wanted = {"train": "CHURN", "serve": version.pk}[action]

    assert viewer.post(url(action, wanted)).status_code == 403
    assert "Train: " not in page(viewer, "modelversion_changelist")
    assert "Make this version serve" not in page(viewer, "modelversion_change", version.pk)


@pytest.mark.parametrize("action", ["train", "serve"])
def test_a_link_never_trains_or_chooses(operator: Client, action: str) -> None:
    wanted = {"train": "CHURN", "serve": 1}[action]

    assert operator.get(url(action, wanted)).status_code == 405


def test_who_objects_is_no_longer_in_the_lists_of_recommendations(operator: Client) -> None:
    objector, other = a_list(), a_list()
    assert objector.customer
    record_consents({(objector.customer.pk, "RECOMMENDATION"): False}, source="test", at=NOW)

    seen = page(operator, "recommendationlist_changelist")

    assert objector.customer.external_id not in seen
    assert str(other.customer) in seen
    assert operator.get(url("recommendationlist_change", objector.pk)).status_code == 302


def test_nothing_that_is_computed_can_be_typed_in(operator: Client) -> None:
    for name in ("churnscore", "modelversion", "trainingrun", "recommendationlist"):
        assert operator.get(url(f"{name}_add")).status_code == 403


def test_the_definition_begins_with_what_counts_now(operator: Client, settings: Any) -> None:
    settings.CHURN_HORIZON_DAYS = 45

    seen = page(operator, "churndefinition_add")

    assert 'name="horizon_days" value="45"' in seen


def test_a_new_definition_is_learned_from_and_kept_in_the_audit_log(operator: Client) -> None:
    asked = {"horizon_days": 30, "audience_days": 200, "minimum_orders": 2}

    operator.post(url("churndefinition_add"), asked)

    assert ChurnDefinition.objects.get().horizon_days == 30
    assert JobRun.objects.get().arguments == {"kind": "CHURN", "write_rows": True}
    assert AuditEntry.objects.get().after["minimum_orders"] == 2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"minimum_orders": 0}, "At least 1: who never ordered cannot leave."),
        ({"horizon_days": 3}, "At least 7: a week without an order is none."),
        ({"audience_days": 20}, "At least the 30 days without an order."),
        ({"medium_from": 0.7, "high_from": 0.4}, "Give both or neither"),
        ({"high_from": 0.4}, "Give both or neither"),
    ],
)
def test_a_definition_nobody_can_meet_is_refused_on_the_page(
    operator: Client, asked: dict[str, Any], words: str
) -> None:
    given = {"horizon_days": 30, "audience_days": 200, "minimum_orders": 1} | asked

    response = operator.post(url("churndefinition_add"), given)

    assert words in response.content.decode()
    assert "Constraint" not in response.content.decode()
    assert not ChurnDefinition.objects.exists()


def test_the_definition_is_one_page_and_no_list(operator: Client) -> None:
    ChurnDefinition.objects.create(pk=1, updated_at=NOW)

    response = operator.get(url("churndefinition_changelist"))

    assert response["Location"] == url("churndefinition_change", 1)


def test_a_figure_that_is_not_known_is_left_out() -> None:
    unknown = {"auc": {"value": None, "low": None, "high": None}, "ece": 0.02}

    assert metric_rows(unknown) == [["Calibration error (lower is better)", "0.020", ""]]
    assert headline(unknown) == ""


def test_a_figure_without_an_interval_has_none() -> None:
    assert metric_rows({"auc": {"value": 0.9, "low": None, "high": None}}) == [
        ["Ranking (AUC)", "0.900", ""]
    ]
