"""A worse recommendation model never replaces a better one (promise 23)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from customers.models import Customer, Purpose
from retention.insights.models import ModelVersion, TrainingRun
from retention.insights.services.promote import promote
from retention.insights.services.train import train
from retention.insights.tastes import serving
from tests.insights import world

pytestmark = pytest.mark.django_db
KIND = "FACTORIZATION"


@pytest.fixture(scope="module")
def champion(shop: Any) -> ModelVersion:
    """The version that serves a sound shop."""
    run = train(KIND, at=world.END)
    assert run.version.state == "CHAMPION", run.version.verdict
    version: ModelVersion = run.version
    return version


def happens(sql: str, *parameters: int) -> None:
    """Something goes wrong with the events, until the end of the test."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def train_again() -> TrainingRun:
    return train(KIND, at=world.END)


def serves_on(champion: ModelVersion) -> bool:
    model = serving()
    return model is not None and model.version.pk == champion.pk


def test_it_serves_for_reasons_that_are_kept(champion: ModelVersion) -> None:
    metrics = TrainingRun.objects.get(pk=champion.run_id).metrics

    assert champion.verdict.startswith("The first of its kind, better than popularity (nDCG@10 +0.")
    assert [each["right"] for each in metrics["smoke"]] == [True] * 9
    assert metrics["ndcg"]["low"] > metrics["popularity"]["ndcg"]["high"]


def test_the_same_recipe_learned_again_takes_its_place_and_goes_back_with_one_click(
    champion: ModelVersion,
) -> None:
    again = train_again().version

    assert again.verdict == "The serving recipe, learned again with newer events."
    assert serves_on(again)
    promote(ModelVersion.objects.get(pk=champion.pk), at=world.END, actor="ada", verdict="Back.")
    assert serves_on(champion)


def test_customers_drawn_for_the_events_are_refused_and_can_be_seen_beside_what_serves(
    champion: ModelVersion, operator: Client
) -> None:
    first = Customer.objects.order_by("pk")[0].pk
    happens("UPDATE customers_event SET customer_id = %s + (id * 7919) %% 300", first)

    refused = train_again().version

    assert refused.state == "REFUSED", refused.verdict
    assert serves_on(champion)
    asked = {"customer": str(Customer.objects.consenting(Purpose.RECOMMENDATION).order_by("pk")[0])}
    page = operator.get(reverse("admin:insights_lists", args=[refused.pk]), asked)
    assert [column.version for column in page.context["columns"]] == [champion, refused]
    ours, theirs = ([one.product for one in each.items] for each in page.context["columns"])
    assert len(ours) == len(theirs) == 10
    assert ours != theirs
    page = operator.get(reverse("admin:insights_modelversion_change", args=[refused.pk]))
    assert f"version {champion.number} goes on serving." in page.content.decode()


def test_no_events_are_too_few(champion: ModelVersion) -> None:
    happens("DELETE FROM customers_event")

    run = train_again()

    assert (run.state, run.message) == ("NOT_ENOUGH_DATA", "There are no events to judge on.")
    assert serves_on(champion)


def test_ten_times_fewer_events_are_refused(champion: ModelVersion) -> None:
    """Ids begin elsewhere on each database: whether a tenth is enough for the exam is chance."""
    happens("DELETE FROM customers_event WHERE id %% 10 <> 0")

    run = train_again()

    if run.state != "NOT_ENOUGH_DATA":
        assert run.version.state == "REFUSED"
        assert run.version.verdict.startswith("Learned from ")
    assert serves_on(champion)


def test_a_feed_that_names_one_product_only_is_refused(champion: ModelVersion) -> None:
    product = champion_product()
    happens("UPDATE customers_event SET product_id = %s WHERE product_id IS NOT NULL", product)

    refused = train_again().version

    assert refused.state == "REFUSED"
    assert refused.verdict.startswith("Answers wrongly: Do customers who did different")
    assert serves_on(champion)


def champion_product() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(product_id) FROM customers_event")
        return int(cursor.fetchone()[0])
