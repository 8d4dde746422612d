"""The editor of a rule, as a form that is sent: what its buttons do, where its errors stand."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from customers.models import Event
from retention.access.models import AuditEntry
from retention.insights.admin.segment_draft import (
    Part,
    draft_of,
    edit,
    new_condition,
    read_draft,
    sent_draft,
)
from retention.insights.admin.segment_parts import errors_of
from retention.insights.conditions.asking import about_count_of
from retention.insights.conditions.kinds import kinds
from retention.insights.conditions.tree import Node, conditions_of, read_rule
from retention.insights.conditions.wording import in_words
from retention.insights.models import RecommendationRule, Segment
from retention.jobs.models import JobRun
from tests import make
from tests.insights.conditions.rules import CATEGORIES, SEGMENTS, VALUES, rules
from tests.make import NOW

pytestmark = pytest.mark.django_db
ADD = reverse("admin:insights_segment_add")
ORDERED = {"0:joined": "all", "part": ["0", "0.0"], "0.0:of": "orders", "0.0:at_least": "2"}
RECENT = {"schema": 1, "is": "orders", "at_least": 1, "days": 30}


def form(said: dict[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in said.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def shown_again(root: Part) -> QueryDict:
    """What a browser sends of a page that shows these parts."""
    said: dict[str, Any] = {"part": [part.place for part in root.walk()]}
    for part in root.walk():
        joined = f"{'not ' if part.negated else ''}{part.of}"
        said |= {f"{part.place}:joined": joined} if part.is_group else {}
        said |= {f"{part.place}:of": part.of, f"{part.place}:not": str(int(part.negated))}
        said |= {f"{part.place}:{name}": texts for name, texts in part.typed.items()}
    return form(said)


def told(rule: Node) -> tuple[str, list[Any]]:
    return in_words(rule), [dict(one.values) for one in conditions_of(rule)]


@pytest.fixture
def names() -> None:
    """What random rules name."""
    for path, product in zip(CATEGORIES, ("tea", "green", "mug"), strict=True):
        make.product(external_id=product, category=make.category(path))
    make.customer().identities.create(source="web", external_id="w1")
    for kind, key in (name.split("/") for name in SEGMENTS):
        make.segment(kind=kind, key=key)


@pytest.mark.usefixtures("names")
@settings(
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rule=rules())
def test_a_rule_comes_out_of_the_editor_as_it_went_in(rule: dict[str, Any]) -> None:
    stored = read_rule(rule)

    sent = read_draft(sent_draft(shown_again(draft_of(rule))))

    assert sent is not None
    assert told(sent) == told(stored)


def changed(*did: str) -> str:
    root = draft_of(RECENT)
    for one in did:
        edit(root, one, of="returned")
    rule = read_draft(sent_draft(shown_again(root)))
    return in_words(rule) if rule else " ".join(errors_of(root).values())


@pytest.mark.parametrize(
    ("did", "words"),
    [
        (["add:0"], "A and B"),
        (["group:0", "add:0.1"], "A and (B or B)"),
        (["nest:0.0", "add:0.0"], "A or B"),
        (["add:0", "nest:0.0", "ungroup:0.0"], "A and B"),
        (["add:0", "remove:0.0"], "B"),
        (["add:0", "nest:0.1", "nest:0.1.0", "remove:0.1.0"], ""),
        (["remove:0", "add:0.0", "ungroup:0", "remove:9", "shout:0"], "A"),
    ],
)
def test_buttons_add_nest_and_remove_parts(did: list[str], words: str) -> None:
    letters = {"ordered in the last 30 days": "A", "returned something": "B"}

    said = changed(*did)

    for sentence, letter in letters.items():
        said = said.replace(sentence, letter)
    assert said == words


@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ({"0.0:days": "often"}, "0.0:days", "'often': expected a whole number"),
        ({"0.0:at_least": ""}, "0.0:at_least", "Say how much"),
        ({"0.0:at_most": "1", "0.0:not": "1"}, "0.0:at_most", "1 is less than the 2"),
        ({"0.0:of": "risk", "0.0:above": "160"}, "0.0:above", "a number from 0 to 100"),
        ({"0.0:of": "spent", "0.0:at_least": "5 quid"}, "0.0:at_least", "5 quid"),
        ({"0.0:of": "coupon", "0.0:days": ""}, "0.0:days", "Fill this in."),
        ({"0.0:of": "bought_category", "0.0:category": "Teq"}, "0.0:category", "no category 'Teq'"),
        ({"part": ["0", "0.0", "0.1"], "0.1:joined": "not any"}, "0.1:", "Empty"),
    ],
)
def test_an_error_stands_where_it_belongs_and_nowhere_else(
    said: dict[str, Any], place: str, words: str
) -> None:
    root = sent_draft(form(ORDERED | said))

    assert read_draft(root) is None
    errors = errors_of(root)
    assert list(errors) == [place]
    assert words in errors[place]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"part": "0", "0:of": "orders"},
        {"part": ["0.1", "0.1.2", "7", "0.x", "0" + ".1" * 50], "0.1:of": "nothing"},
        {"part": ["0", "0.0", "0.0.0"], "0:joined": "all", "0.0:of": "risk", "0.0.0:of": "risk"},
        {"part": [f"0.{n}" for n in range(1000)] + ["0"], "0:joined": "xor"},
    ],
)
def test_whatever_is_sent_is_some_draft(said: dict[str, Any]) -> None:
    root = sent_draft(form(said))

    assert root.is_group
    assert len(list(root.walk())) <= 3


def test_a_new_segment_is_written_without_a_script(operator: Client) -> None:
    page = operator.post(ADD, ORDERED | {"name": "Twice", "do": "add:0", "0:new": "risk"})
    assert 'name="0.1:above" value="60"' in page.content.decode()

    both = ORDERED | {"part": ["0", "0.0", "0.1"], "0.1:of": "risk", "0.1:above": "60"}
    operator.post(ADD, both | {"name": "Twice", "do": "save"})

    made = Segment.objects.get()
    assert made.rule == {
        "schema": 1,
        "all": [{"is": "orders", "at_least": 2}, {"is": "risk", "above": 0.6}],
    }
    assert JobRun.objects.get().arguments == {"segment_id": made.pk}


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("kind", sorted(VALUES))
def test_every_condition_can_be_filled_in(operator: Client, kind: str) -> None:
    root = Part("all", parts=[new_condition(kind)]).numbered()

    page = operator.post(ADD, dict(shown_again(root).lists())).content.decode()

    fields = {f"0.0:{one.name}" for one in kinds()[kind].fields}
    assert fields <= set(re.findall(r'name="(0\.0:\w+)"', page))


def test_a_save_that_is_refused_keeps_what_was_typed_and_says_all(operator: Client) -> None:
    said = ORDERED | {"0.0:days": "soon", "name": " ", "description": "Ours", "do": "save"}

    page = operator.post(ADD, said).content.decode()

    assert "Give it a name" in page
    assert "&#x27;soon&#x27;: expected a whole number" in page
    assert 'value="Ours"' in page
    assert not Segment.objects.exists()


def test_it_counts_while_one_types_and_names_some(operator: Client) -> None:
    bought = make.customer(external_id="ada-1")
    make.event(customer=bought, occurred_at=NOW, order_id="1")
    make.event(customer=bought, occurred_at=NOW, order_id="2")
    url = reverse("admin:segment_count")

    counted = operator.post(url, ORDERED).json()
    wrong = operator.post(url, ORDERED | {"0.0:at_least": "x"}).json()

    assert counted["errors"] == {}
    assert '<p class="found-count">1</p>' in counted["html"]
    assert "Everyone who has at least 2 orders" in counted["html"]
    assert "ada-1" in counted["html"]
    assert list(wrong["errors"]) == ["0.0:at_least"]


def test_who_may_not_see_customers_sees_no_sample(client: Client) -> None:
    make.event(customer=make.customer(external_id="ada-1"), occurred_at=NOW)
    writer = make.user(is_superuser=False)
    writer.user_permissions.add(Permission.objects.get(codename="add_segment"))
    client.force_login(writer)

    counted = client.post(reverse("admin:segment_count"), ORDERED | {"0.0:at_least": "1"}).json()

    assert "fewer than 20" in counted["html"]
    assert "ada-1" not in counted["html"]


def test_of_as_many_customers_the_same_is_told_only_where_they_are_the_same() -> None:
    before = NOW - timedelta(days=1)
    everyone = [make.event(customer=make.customer(), occurred_at=before) for _ in range(45)]
    ordered = read_rule({"schema": 1, "is": "orders", "at_least": 1})

    told = []
    for one in everyone[:30]:
        Event.objects.filter(pk=one.pk).delete()
        told.append({about_count_of(ordered, at=NOW, seconds=5) for _ in range(2)})
        one.save(force_insert=True)

    assert all(len(same) == 1 for same in told)
    assert set.union(*told) == {40, 50}


def test_nobody_and_a_few_are_told_alike() -> None:
    for _ in range(10):
        make.event(customer=make.customer(), occurred_at=NOW - timedelta(days=1))
    rules = [read_rule(RECENT | {"at_least": least}) for least in (1, 2)]

    assert [about_count_of(rule, at=NOW, seconds=5) for rule in rules] == [0, 0]


def test_a_rule_about_what_is_gone_is_shown_as_it_was_to_be_put_right(operator: Client) -> None:
    gone = make.segment(rule={"schema": 1, "is": "segment", "segment": "RFM/GONE"})

    page = operator.get(reverse("admin:segment_edit", args=[gone.pk])).content.decode()

    assert '<option value="RFM/GONE">RFM/GONE</option>' in page
    assert "expected one of nothing" in page
    listed = operator.get(reverse("admin:insights_segment_changelist")).content.decode()
    assert "cannot be read any more" in listed


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "[" * 3000,
        "7",
        '{"is": "spent", "at_least": "5 quid", "at_most": [1]}',
        '{"all": [{"is": "tall"}, {"any": 3}, {"not": {"not": []}}, {"is": ["risk"]}]}',
        '{"is": "band", "bands": {"HIGH": 1}}',
        '{"not":' * 40 + "{}" + "}" * 40,
    ],
)
def test_whatever_a_link_says_the_editor_opens(operator: Client, rule: str) -> None:
    assert operator.get(ADD, {"rule": rule}).status_code == 200


@pytest.mark.parametrize("of", ["campaign", "recommendation rule"])
def test_a_segment_in_use_is_kept_and_says_by_whom(operator: Client, of: str) -> None:
    kept = make.segment(name="Kept", rule=RECENT)
    if of == "campaign":
        make.campaign(name="Come back", segment=kept)
    else:
        RecommendationRule.objects.create(
            name="Come back", action="HIDE", brand="x", segment=kept, created_at=NOW
        )
    url = reverse("admin:segment_delete", args=[kept.pk])

    asked = operator.get(url).content.decode()
    refused = operator.post(url, follow=True).content.decode()

    assert "<b>Come back</b>" in asked
    assert f"Kept is used by the {of} Come back." in refused
    assert Segment.objects.filter(pk=kept.pk).exists()


def test_a_segment_that_nothing_uses_goes_with_its_members_and_is_on_the_record(
    operator: Client,
) -> None:
    gone = make.segment(name="Gone", rule=RECENT)
    gone.memberships.create(customer=make.customer(), entered_at=NOW)

    operator.post(reverse("admin:segment_delete", args=[gone.pk]))

    assert not Segment.objects.exists()
    entry = AuditEntry.objects.get(action="delete segment")
    assert entry.before["rule"] == "ordered in the last 30 days"


def test_what_a_training_made_is_neither_edited_nor_deleted(operator: Client) -> None:
    learned = make.segment()

    for page in ("segment_edit", "segment_delete"):
        assert operator.post(reverse(f"admin:{page}", args=[learned.pk])).status_code == 404


def test_a_change_opens_who_entered_and_who_left(operator: Client) -> None:
    some = make.segment(rule=RECENT)
    came, went, stayed = (make.customer(external_id=name) for name in ("came", "went", "stayed"))
    for who, since, until in ((came, NOW, None), (went, None, NOW), (stayed, None, None)):
        some.memberships.create(
            customer=who, entered_at=since or NOW - timedelta(days=9), left_at=until
        )
    change = some.changes.create(at=NOW, entered=1, left=1, size=2)

    page = operator.get(reverse("admin:segment_moved", args=[some.pk, change.pk]))

    entered, left = page.content.decode().split("Left:")
    assert "came" in entered.split("Entered:")[1]
    assert "went" in left
    assert "stayed" not in page.content.decode()


@pytest.mark.parametrize("page", ["segment_count", "segment_parts"])
def test_whoever_may_not_edit_counts_nothing(client: Client, page: str) -> None:
    client.force_login(make.user(is_superuser=False))

    assert client.post(reverse(f"admin:{page}"), ORDERED).status_code == 403
