"""Does another classifier beat the one that serves? The exam, and what is said of it."""

from typing import Any

import pytest
from django.test import Client

from retention.insights.contest_words import NAMES, contest_verdict
from retention.insights.models import Kind, ModelVersion
from retention.insights.services.compare_classifiers import NothingToCompare, compare_classifiers
from retention.insights.services.train import train
from retention.jobs.models import JobRun
from tests.insights.conftest import Customers
from tests.insights.world import END

pytestmark = pytest.mark.django_db


def sat(name: str, gap: tuple[float, float, float] | None) -> dict[str, Any]:
    against = dict(zip(("value", "low", "high"), gap, strict=True)) if gap else None
    return {"name": name, "against_served": against}


def test_a_rival_wins_only_beyond_chance_and_its_cost_is_said() -> None:
    near = {"sat": [sat("boosting", (-0.01, -0.03, 0.01)), sat("additive", None)]}
    far = {"sat": [sat("boosting", (-0.02, -0.03, -0.01)), sat("additive", None)]}

    assert contest_verdict(near) == "Nothing beats the served one beyond chance."
    assert "boosting is better beyond chance: log loss lower by 0.0200 [0.0100, 0.0300]." in (
        contest_verdict(far)
    )
    assert "its reasons are exact" in contest_verdict(far)


def test_the_classifiers_sit_the_exam_of_the_serving_model(
    shop: Customers, models: Any, admin_client: Client
) -> None:
    with pytest.raises(NothingToCompare, match="train one first"):
        compare_classifiers(at=END)
    train(Kind.CHURN, at=END)
    version = ModelVersion.objects.champions().get(kind=Kind.CHURN)
    page = f"/admin/insights/modelversion/{version.pk}/change/"

    before = admin_client.get(page).content.decode()
    run = compare_classifiers(at=END)
    after = admin_client.get(page).content.decode()
    admin_client.post("/admin/insights/modelversion/compare/")

    losses = [one["log_loss"]["value"] for one in run.metrics["classifiers"]["sat"]]
    assert "Not compared yet" in before
    assert losses == sorted(losses)
    # The window on which the served kind chose how smooth to be would have helped it.
    asked = {one["customers"] for one in run.metrics["classifiers"]["sat"]}
    assert asked == {run.row_counts["test_customers"]}
    assert {one["name"] for one in run.metrics["classifiers"]["sat"]} == set(NAMES)
    assert all(name in after for name in NAMES.values())
    assert run.pk == version.run_id
    assert JobRun.objects.get(job="insights.compare").asked_by == "admin"
