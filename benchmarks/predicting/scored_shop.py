"""A shop with models that serve, and its nights: `... CUSTOMERS DAYS ROUNDS`, prints JSON.

Into the installation that the environment names, which is empty.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import django
import numpy as np

django.setup()

from django.core.management import call_command  # noqa: E402 - after the setup

from benchmarks.facts.ways import ours  # noqa: E402
from customers.models import Event, Purpose  # noqa: E402
from retention.demo.world import event_messages  # noqa: E402
from retention.insights.datasets import read_facts  # noqa: E402
from retention.insights.models import ChurnScore, Kind, ModelVersion  # noqa: E402
from retention.insights.services.score import score_everyone  # noqa: E402
from retention.insights.services.train import train  # noqa: E402
from retention.learning.simulate import Kind as Did  # noqa: E402
from retention.learning.simulate import Shop, ShopSpec  # noqa: E402

STEP_DAYS = 30


def main(customers: int, days: int, rounds: int) -> None:
    call_command("migrate", verbosity=0)
    at = _filled(customers, days)
    for kind in (Kind.CHURN, Kind.VALUE):
        run = train(kind, at=at)
        if not ModelVersion.objects.champions().filter(kind=kind).exists():
            raise SystemExit(f"No model of {kind} serves: {run.state} {run.message}")
    read, score = [], []
    for _ in range(rounds):
        read.append(_timed(lambda: read_facts(purpose=Purpose.ANALYTICS, before=at)))
        score.append(_timed(lambda: score_everyone(at=at)))
    told = {"scored": ChurnScore.objects.count(), "events": Event.objects.count()}
    print(json.dumps(told | {"read": read, "score": score}))


def _filled(customers: int, days: int) -> datetime:
    """Play the shop and store its orders, returns and ratings; the moment after the last."""
    shop = Shop(ShopSpec(n_customers=customers, joining_days=days - STEP_DAYS, seed=7))
    until = shop.day + days
    while shop.day < until:
        batch = shop.advance(min(until, shop.day + STEP_DAYS))
        told = batch.take(np.isin(batch.kind, [Did.PURCHASE, Did.RETURN, Did.RATING]))
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=shop.day)
        for messages in event_messages(
            told, catalogue=shop.catalogue, people=shop.people, currency="GBP", codes={}
        ):
            ours(messages, at)
    return at


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of the processor."""
    wall, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - busy


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
