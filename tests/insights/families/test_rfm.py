from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from retention.insights.datasets import read_facts
from retention.insights.families.family import Learned, TooLittle, silent
from retention.insights.families.rfm import RfmFamily, buyers
from retention.insights.families.segments import memberships_of, rfm_rows
from retention.insights.models import Kind
from retention.insights.models.rfm import LETTERS, NOT_YET
from retention.learning.segment.rfm import RfmName
from tests import make
from tests.insights.families.candidates import as_champion
from tests.make import NOW

pytestmark = pytest.mark.django_db
FAMILY = RfmFamily()
DAY = timedelta(days=1)


def learned() -> Learned:
    facts = read_facts(purpose="ANALYTICS", before=NOW)
    outcome = FAMILY.learn(facts, at=NOW, progress=silent)
    assert isinstance(outcome, Learned), outcome
    return outcome


def shop_of(customers: int) -> list[int]:
    """Customer n ordered n times, the last time n days before the last one did."""
    people = [make.customer() for _ in range(customers)]
    for n, who in enumerate(people, start=1):
        for order in range(n):
            make.event(customer=who, occurred_at=NOW - DAY * (customers - n + 1 + order))
    return [who.pk for who in people]


def test_the_best_are_champions_and_the_worst_are_lost() -> None:
    people = shop_of(25)
    outcome = learned()

    _, members = memberships_of(Kind.RFM, outcome.parameters, outcome.arrays)

    assert {members[who] for who in people[-5:]} == {"CHAMPIONS"}
    assert {members[who] for who in people[:5]} == {"LOST"}
    assert Counter(members.values()) == outcome.metrics["sizes"]


def test_it_always_serves_the_newest_count() -> None:
    shop_of(25)
    facts = read_facts(purpose="ANALYTICS", before=NOW)

    verdict = FAMILY.judge(learned(), as_champion(learned()), facts, at=NOW)

    assert (verdict.promote, verdict.words) == (True, "Counted from the newest events.")


def test_too_few_buyers_are_said() -> None:
    shop_of(3)
    facts = read_facts(purpose="ANALYTICS", before=NOW)

    outcome = FAMILY.learn(facts, at=NOW, progress=silent)

    assert outcome == TooLittle("Needs 25 customers who have ordered, has 3.")


def test_those_who_only_looked_are_no_buyers() -> None:
    make.event(customer=make.customer(), kind="VIEW", order_id="", amount=None)
    facts = read_facts(purpose="ANALYTICS", before=NOW + DAY)

    assert len(buyers(facts, NOW + DAY).customers) == 0


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_days_since_an_order_are_the_same_wherever_the_shop_is(settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    make.event(customer=make.customer(), occurred_at=NOW - timedelta(hours=3))
    facts = read_facts(purpose="ANALYTICS", before=NOW)

    days = buyers(facts, NOW).column("days_since_last_order")

    assert np.allclose(days, [3 / 24])


def test_the_last_month_is_now_and_an_earlier_one_what_was_known_then() -> None:
    people = shop_of(25)
    outcome = learned()
    rows = {row.customer_id: row for row in rfm_rows(outcome.arrays, as_of=NOW)}

    _, members = memberships_of(Kind.RFM, outcome.parameters, outcome.arrays)

    assert {who: row.name for who, row in rows.items()} == members
    assert all(row.history[-1] == LETTERS[RfmName(row.name)] for row in rows.values())
    # Their one order was 25 days ago: before it they had no name.
    starts = [month for month in outcome.parameters["months"] if month < f"{NOW - 25 * DAY}"]
    assert rows[people[0]].history.startswith(NOT_YET * len(starts))


def test_a_version_of_before_histories_were_kept_has_none() -> None:
    shop_of(25)
    arrays = {name: values for name, values in learned().arrays.items() if name != "history"}

    assert {row.history for row in rfm_rows(arrays, as_of=NOW)} == {""}
