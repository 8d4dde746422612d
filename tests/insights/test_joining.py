"""Learn who comes into a segment: asked of the past as rules are, and shown as a picture."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from customers.models import Customer
from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.insights.conditions.asking import members_of
from retention.insights.conditions.tree import read_rule
from retention.insights.datasets import Facts, local_day
from retention.insights.joining import answers, grouped, inside_of, moment_of
from retention.insights.joining_words import nodes, verdict
from retention.insights.models import Segment, SegmentJoining
from retention.insights.services.learn_joining import learn_who_joins
from retention.jobs.models import JobRun
from retention.learning.panel import BoolArray, FloatArray
from retention.learning.segment.joining import FACTS, facts_of
from tests import make
from tests.insights.world import END

pytestmark = pytest.mark.django_db
ACTIVE = {"schema": 1, "is": "viewed", "at_least": 1, "days": 14}


def learn(rule: Any = ACTIVE, *, days: int = 90, **fields: Any) -> SegmentJoining:
    segment = make.segment(**({"kind": "RULE", "key": "vip", "name": "VIP", "rule": rule} | fields))
    return learn_who_joins(segment, horizon_days=days, as_of=END, at=END)


def test_each_answer_is_a_rule_that_finds_whom_the_question_does(facts: Facts) -> None:
    events, paths = grouped(facts.panel())
    told = facts_of(events, cut_off=local_day(END))

    for fact in range(told.shape[1]):
        for least in np.unique(np.floor(np.quantile(told[:, fact], [0.2, 0.5, 0.8, 0.999]))):
            if least <= 1 and fact != list(FACTS).index("customer_days"):
                continue
            enough = told[:, fact] >= least
            yes, no = answers(fact, float(least), paths)
            for answer, expected in ((yes, enough), (no, ~enough)):
                rule = read_rule(answer.rule)
                found = members_of(rule, at=moment_of(local_day(END)), seconds=60)
                sure = ~an_hour_decides(fact, told[:, fact], float(least))
                wanted = facts.customers.ids[expected & sure].tolist()
                unsure = set(facts.customers.ids[~sure].tolist())
                assert [each for each in found if each not in unsure] == wanted, answer.words


def an_hour_decides(fact: int, told: FloatArray, least: float) -> BoolArray:
    """Days between orders just at the border: facts count the shop's days, rules hours passed.

    Where the clocks change between two orders, the two differ by an hour.
    """
    at_the_border: BoolArray = told == least - 1
    return at_the_border if fact == list(FACTS).index("gap_days") else np.zeros_like(at_the_border)


def test_what_is_learned_leads_to_segments_of_its_customers(shop: dict[int, Customer]) -> None:
    joining = learn()

    told = nodes(joining)
    ends = [node for node in told if node.is_leaf]

    assert verdict(joining).startswith("It works: tested on ")
    assert sum(end.n for end in ends) == told[0].n
    for end in ends:
        assert len(members_of(read_rule(end.rule), at=END, seconds=60)) == end.now, end.said


def test_an_rfm_name_can_be_learned_about_and_was_so_at_the_time(facts: Facts) -> None:
    panel = facts.panel()
    champions = make.segment(kind="RFM", key="CHAMPIONS", name="Champions")

    there = inside_of(champions, facts, panel)

    known = np.unique(panel.customer[panel.second < (local_day(END) - 90) * 86_400])
    assert 0 < there(local_day(END) - 90).sum() < len(known)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rule": {"schema": 1, "is": "risk", "above": 0.5}}, "Risk of leaving: that is known as"),
        ({"kind": "CLUSTER", "rule": None}, "drawn anew each time"),
        ({"days": 365}, "of orders, has"),
    ],
)
def test_what_cannot_be_learned_says_why(
    fields: dict[str, Any], said: str, shop: dict[int, Customer]
) -> None:
    joining = learn(**fields)

    assert said in joining.problem
    assert joining.tree == []


def test_the_page_shows_the_tree_and_has_it_learned_again(
    shop: dict[int, Customer], admin_client: Client
) -> None:
    joining = learn()
    page = f"/admin/insights/segment/{joining.segment_id}/joining/"

    shown = admin_client.get(page).content.decode()
    asked = admin_client.post(page, {"days": "90"})
    admin_client.post(page, {"days": "3"})

    assert "It works: tested on" in shown
    assert shown.count('class="node"') == len(joining.tree)
    assert "Make a segment" in shown
    assert asked.status_code == 302
    run = JobRun.objects.get(job="insights.who_joins")
    assert run.arguments == {"segment_id": joining.segment_id, "days": 90}


def test_a_changed_rule_is_said_to_be_learned_again(
    shop: dict[int, Customer], admin_client: Client
) -> None:
    joining = learn(rule={"schema": 1, "is": "risk", "above": 0.5})
    Segment.objects.filter(pk=joining.segment_id).update(rule=ACTIVE)

    shown = admin_client.get(f"/admin/insights/segment/{joining.segment_id}/joining/")

    assert "Nothing could be learned" in shown.content.decode()
    assert "rule has changed since" in shown.content.decode()


def test_machines_read_what_was_learned_and_have_it_learned(shop: dict[int, Customer]) -> None:
    _, secret = make_key("Shop", scopes=[Scope.READ, Scope.SEGMENTS_WRITE], at=END)
    client, key = Client(), {"Authorization": f"Bearer {secret}"}
    joining = learn()
    address = f"/api/v1/segments/{joining.segment_id}/joining/"

    read = client.get(address, headers=key).json()
    asked = client.post(address, {"days": 30}, "application/json", headers=key)
    refused = client.post(address, {"days": 3}, "application/json", headers=key)

    assert read["tells"] is True
    assert [node["words"] for node in read["nodes"]] == [node.words for node in nodes(joining)]
    assert {node["rule"] is not None for node in read["nodes"] if node["is_leaf"]} == {True}
    assert asked.status_code == 202
    assert JobRun.objects.get(pk=asked.json()["job"]).arguments["days"] == 30
    assert refused.status_code == 400
