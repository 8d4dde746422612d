"""A model's page says in one sentence whether it serves and why, and shows the whole exam."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from retention.insights.judged import margin, verdict_sentence
from retention.insights.models import ModelVersion
from tests import make
from tests.customers.sending import client
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
WINDOW = {"from": "2026-03-02", "until": "2026-03-30", "customers": 412}


def about(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def exam(ours: float, theirs: float, popular: float) -> dict[str, Any]:
    """One exam of this version, version 4 and what is popular."""
    return {
        "ndcg": about(ours),
        "coverage": about(0.4),
        "champion": {"ndcg": about(theirs), "coverage": about(0.5)},
        "popularity": {"ndcg": about(popular), "coverage": about(0.02)},
        "over_champion": about(round(ours - theirs, 3)),
        "over_popularity": about(round(ours - popular, 3)),
        "customers": 300,
    }


def metrics() -> dict[str, Any]:
    """Of a candidate that is worse than version 4 and wrong on one question."""
    found = exam(0.26, 0.28, 0.2)
    found["champion"]["number"] = 4
    trials = [{"name": "quick", "ndcg": about(0.271), "ahead": about(0.013)}]
    smoke = [
        {"question": "Is there a list?", "answer": "10 products.", "right": True},
        {"question": "Is it like itself?", "answer": "It is.", "right": False},
        {"question": "Who is due?", "answer": "Nobody.", "right": None},
    ]
    groups = {"new": {"customers": 0}, "loyal": exam(0.36, 0.38, 0.11) | {"customers": 57}}
    choice = {"window": WINDOW, "ahead_there": "quick", "chosen": "standard", "trials": trials}
    return found | {"groups": groups, "windows": [WINDOW], "choice": choice, "smoke": smoke}


def version(**fields: Any) -> ModelVersion:
    run = make.training_run(kind="FACTORIZATION", metrics=metrics())
    return make.model_version(kind="FACTORIZATION", run=run, **fields)


def seen(operator: Client, one: ModelVersion) -> str:
    response = operator.get(reverse("admin:insights_modelversion_change", args=[one.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_a_refused_version_says_why_and_what_goes_on_serving(operator: Client) -> None:
    version(number=4, state="CHAMPION", promoted_at=NOW)
    refused = version(state="REFUSED", verdict="Not better: -0.020 against version 4.")

    words = "Refused: not better: -0.020 against version 4; version 4 goes on serving."
    assert words in seen(operator, refused)


def test_the_serving_version_says_since_when_and_by_how_much_it_is_better(
    operator: Client,
) -> None:
    champion = version(state="CHAMPION", promoted_at=NOW, verdict="Chosen by ada.")

    words = "Serves since 1 June 2026: better than popularity by 30% (interval 25% to 35%)."
    page = seen(operator, champion)
    assert words in page
    assert "Chosen by ada." in page


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ((0.01, -0.01, 0.03), "not clearly better than popularity: 5% (interval −5% to 15%)"),
        ((-0.04, -0.06, -0.02), "worse than popularity: −20% (interval −30% to −10%)"),
    ],
)
def test_what_is_not_better_is_not_called_better(gap: tuple[float, ...], words: str) -> None:
    found = dict(zip(("value", "low", "high"), gap, strict=True))

    assert margin({"over_popularity": found, "popularity": {"ndcg": about(0.2)}}) == words


def test_a_floor_that_finds_nothing_is_no_measure() -> None:
    assert margin({"over_popularity": about(0.1), "popularity": {"ndcg": about(0.0)}}) == ""
    assert margin({"over_popularity": about(0.1)}) == ""


def test_other_kinds_are_held_against_their_own_rule_of_thumb() -> None:
    assert margin({"over_rfm": about(0.05)}).startswith("better than RFM by 0.050 AUC")
    assert margin({"over_pace": about(-0.05)}).startswith("better than their own pace by 5%")
    assert margin({"silhouette": 0.4}) == ""


def test_a_kind_that_is_counted_says_its_reason_once(operator: Client) -> None:
    one = make.model_version(
        kind="RFM", state="CHAMPION", promoted_at=NOW, verdict="Counted from the newest events."
    )

    page = seen(operator, one)

    assert "Serves since 1 June 2026: counted from the newest events." in page
    assert "Its verdict" not in page


def test_what_served_before_and_what_nobody_judged_say_so() -> None:
    before = version(state="ARCHIVED", promoted_at=NOW, archived_at=NOW)

    assert "Served from 1 June 2026 to 1 June 2026; version 7" in verdict_sentence(before, 7)
    assert verdict_sentence(version(), None) == "Not judged yet; none serves now."


def test_the_page_shows_all_who_sat_the_exam_by_group_and_what_was_asked(
    operator: Client,
) -> None:
    page = seen(operator, version(state="REFUSED", verdict="Worse."))

    for words in (
        "Everyone: this one: 0.260 (0.250 to 0.270)",
        "Everyone: version 4: 0.280 (0.270 to 0.290)",
        "Loyal: popular: 0.110 (0.100 to 0.120)",
        "2.0% (1.0% to 3.0%)",
        "Loyal: over version 4: −0.020 (−0.030 to −0.010)",
        "Loyal, 5 days or more: 57 customers",
        "2 Mar 2026",
        "on an earlier window: 2 Mar 2026 to 30 Mar 2026, 412 customers",
        "(ahead there, not in the exam)",
        "passed",
        "failed",
        "nobody to ask",
    ):
        assert words in page
    assert "New: " not in page


def test_a_training_from_before_the_exam_was_kept_is_a_page_too(operator: Client) -> None:
    run = make.training_run(kind="FACTORIZATION", metrics={"ndcg": about(0.2)})

    assert "0.190 to 0.210" in seen(operator, make.model_version(kind="FACTORIZATION", run=run))


def test_the_api_says_the_same_as_the_page() -> None:
    version(number=4, state="CHAMPION", promoted_at=NOW)
    refused = version(state="REFUSED", number=5, verdict="Worse.")

    (newest, *_) = client().get("/api/v1/models/", {"state": "REFUSED"}).json()["results"]
    said = client().get(f"/api/v1/models/{refused.pk}/").json()

    assert newest["sentence"] == said["sentence"] == ("Refused: worse; version 4 goes on serving.")
    everyone, loyal = said["exam"]["groups"]
    assert [(side["who"], side["number"]) for side in loyal["sides"]] == [
        ("candidate", 5),
        ("champion", 4),
        ("popularity", None),
    ]
    assert everyone["sides"][2]["figures"]["coverage"] == about(0.02)
    assert loyal["over_champion"] == about(-0.02)
    assert [each["result"] for each in said["exam"]["questions"]] == [
        "PASSED",
        "FAILED",
        "NOT_ASKED",
    ]
    assert said["exam"]["choice"]["window"]["first_day"] == "2026-03-02"


def test_a_kind_without_an_exam_has_none() -> None:
    one = make.model_version(kind="CLUSTERS", state="CHAMPION", promoted_at=NOW)

    assert client().get(f"/api/v1/models/{one.pk}/").json()["exam"] is None


@pytest.mark.parametrize("pk", [99, 2**63, 10**30])
def test_a_model_that_does_not_exist_is_404(pk: int) -> None:
    assert client().get(f"/api/v1/models/{pk}/").status_code == 404
