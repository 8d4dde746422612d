"""The product's own jobs under kill -9: an import, a training and a launch of a whole shop.

`test_jobs.py` shows that the machinery keeps its promises; here it is seen that the jobs do.
"""

import contextlib
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import WHOLE, Product, product, redis

pytestmark = pytest.mark.faults

CUSTOMERS, FILE_ROWS, KILLS = (3_000, 600_000, 5) if WHOLE else (400, 60_000, 2)
LEASE_SECONDS = 6
"""Longer than a chunk of an import on a busy machine: on SQLite nobody else can write meanwhile."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Product]:
    """A shop with a past and models that serve, made by the demonstration."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(redis()).url if os.environ.get("DATABASE_URL") else ""
        made = stack.enter_context(product(redis_url=url, lease_seconds=LEASE_SECONDS))
        made.python(
            "from django.core.management import call_command\n"
            f"call_command('demo', only_setup=True, customers={CUSTOMERS})"
        )
        made.start("main")
        made.start("training")
        yield made


def kill_while_it_runs(
    shop: Product, worker: str, job: str, *, kills: int, within: float = 0.6
) -> None:
    """So many workers die with this job in their hands; then it is done."""
    dice = random.Random(11)
    newest = f"FROM jobs_jobrun WHERE id = (SELECT max(id) FROM jobs_jobrun WHERE job = '{job}')"
    for _ in range(kills):
        mine = f"'{worker}@%/{shop.running[worker].pid}/%'"
        over_or_mine = f"state IN ('DONE', 'FAILED') OR (state = 'RUNNING' AND worker LIKE {mine})"
        shop.wait_for(f"SELECT {over_or_mine} {newest}", True, seconds=90)
        time.sleep(dice.uniform(0, within))
        shop.kill(worker)
        shop.start(worker)
    shop.wait_for(f"SELECT state {newest}", "DONE", seconds=300)


def test_an_import_ends_with_the_rows_of_its_file(shop: Product) -> None:
    path = shop.folder / "sales.csv"
    write_sales(path, rows=FILE_ROWS)
    shop.python(IMPORT.format(path=str(path)))

    kill_while_it_runs(shop, "main", "customers.import_file", kills=KILLS)

    orders = "FROM customers_event WHERE order_id LIKE 'file-%'"
    assert shop.rows(f"SELECT count(*), count(DISTINCT order_id) {orders}") == [
        (FILE_ROWS, FILE_ROWS)
    ]
    assert shop.rows(
        "SELECT rows_read, rows_stored, rows_duplicate FROM customers_ingestbatch"
    ) == [(FILE_ROWS, FILE_ROWS, 0)]


def starts(shop: Product, job: str) -> int:
    """Of the run that was started most often: its workers did die with it in their hands."""
    [(attempts,)] = shop.rows(f"SELECT max(attempts) FROM jobs_jobrun WHERE job = '{job}'")
    return int(attempts)


def write_sales(path: Path, *, rows: int) -> None:
    with path.open("w") as file:
        file.write("customer_id,product_id,event_type,occurred_at,order_id,amount\n")
        for n in range(rows):
            day = f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}T{n % 24:02}:00:00Z"
            file.write(f"file-{n % 5000},mug-{n % 300},purchase,{day},file-{n},12.50\n")


IMPORT = """
from pathlib import Path
from django.utils import timezone
from customers.files.inspect import Defaults, inspect_file
from customers.files.reading import Options
from customers.services.import_file import begin_import
from retention.jobs.services.ask import ask

path, now = Path({path!r}), timezone.now()
found = inspect_file(path, options=Options(),
    defaults=Defaults(currency="GBP", timezone="Europe/London", latest=now))
batch = begin_import(path, found, name="sales.csv", at=now)
ask("customers.import_file", arguments={{"batch_id": batch.pk}}, at=now)
"""


def test_a_training_leaves_one_champion_and_no_open_run(shop: Product) -> None:
    trained = "SELECT count(*) FROM insights_modelversion WHERE kind = 'CHURN'"
    runs = "FROM jobs_jobrun WHERE job = 'insights.train'"
    asked = f"SELECT count(*) {runs} AND CAST(arguments AS TEXT) LIKE '%CHURN%'"
    [(before,)], [(asked_before,)] = shop.rows(trained), shop.rows(asked)

    kill_a_training(shop)

    # The shop's own schedules may ask too, meanwhile.
    shop.wait_for(f"SELECT count(*) {runs} AND state IN ('QUEUED', 'RUNNING')", 0, seconds=300)
    [(asked_after,)] = shop.rows(asked)
    assert shop.rows(trained) == [(before + asked_after - asked_before,)]
    champions = "SELECT kind FROM insights_modelversion WHERE state = 'CHAMPION' ORDER BY kind"
    kinds = ("BASKETS", "CHURN", "CLUSTERS", "FACTORIZATION", "RFM", "VALUE")
    assert shop.rows(champions) == [(kind,) for kind in kinds]
    assert shop.rows("SELECT count(*) FROM insights_trainingrun WHERE state = 'RUNNING'") == [(0,)]


def kill_a_training(shop: Product) -> None:
    """Asked for until a worker died with one in its hands; some are over too soon."""
    for _ in range(12):
        shop.ask("insights.train", kind="CHURN")
        kill_while_it_runs(shop, "training", "insights.train", kills=1, within=0.1)
        if starts(shop, "insights.train") > 1:
            return
    pytest.fail("Twelve trainings were each over before their worker could be killed.")


def test_a_launch_gives_each_treated_customer_one_coupon(shop: Product) -> None:
    campaign = int(shop.python(APPROVED))
    shop.ask("campaigns.launch", campaign_id=campaign, actor="ada")

    kill_while_it_runs(shop, "main", "campaigns.launch", kills=KILLS)

    treated = "FROM campaigns_assignment WHERE arm = 'TREATMENT' AND campaign_id"
    coupons = "FROM campaigns_coupon WHERE campaign_id"
    [(chosen,)] = shop.rows(f"SELECT count(*) {treated} = {campaign}")
    [issued] = shop.rows(
        f"SELECT count(*), count(DISTINCT customer_id), sum(worst_case) {coupons} = {campaign}"
    )
    [(committed,)] = shop.rows(
        f"SELECT committed_amount FROM campaigns_campaign WHERE id = {campaign}"
    )
    assert chosen > 0
    assert issued == (chosen, chosen, committed)


APPROVED = """
from django.contrib.auth.models import User
from django.utils import timezone
from campaigns.actors import Actor
from campaigns.models import Offer
from campaigns.plans import CampaignPlan, OfferPlan
from campaigns.services.approve import approve_campaign
from campaigns.services.draft import draft_campaign
from campaigns.services.submit import submit_campaign

now = timezone.now()
writer, second = (Actor.of(user) for user in User.objects.order_by("pk")[:2])
plan = CampaignPlan(name="Once more", bands=("HIGH", "MEDIUM", "LOW"), budget_amount=9_000_000,
    currency="GBP", control_share=0.1, measure_days=60,
    offers=(OfferPlan(benefit=Offer.Benefit.AMOUNT, amount=500, valid_days=30),))
campaign = draft_campaign(plan, by=writer, at=now)
submit_campaign(campaign.pk, by=writer, at=now)
approve_campaign(campaign.pk, by=second, at=now)
print(campaign.pk)
"""
