"""RFM as it is shown: the grid, the months, who moved; what each cell opens."""

import json
from collections import Counter
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from customers.services.consent import record_consents
from retention.insights.admin.crossing import Row
from retention.insights.conditions.asking import customers_of
from retention.insights.conditions.tree import read_rule
from retention.insights.models import RfmScore
from retention.insights.models.rfm import LABELS, LETTERS, NOT_YET, STATES
from retention.insights.months import MONTHS, months_until
from retention.insights.publishing import publish_rfm
from retention.insights.rfm import BANDS, RECENCIES, rfm_grid, rfm_months
from retention.insights.rfm_told import told_rfm
from retention.learning.segment.rfm import RfmName, segment_of
from retention.present.groups import FEWEST, HIDDEN_CELL
from tests import make
from tests.customers.sending import client as api_client
from tests.make import NOW

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:rfm")


def crowd(size: int = 60, *, seed: int = 3) -> list[RfmScore]:
    """Customers with any scores, and histories that begin at some month."""
    rng = np.random.default_rng(seed)
    letters = list(LETTERS.values())
    made = []
    for _ in range(size):
        r, f, m = rng.integers(1, 6, size=3).tolist()
        name = segment_of(r, (f + m) / 2)
        unknown = int(rng.integers(0, MONTHS))
        past = NOT_YET * unknown + "".join(rng.choice(letters[:4], size=MONTHS - 1 - unknown))
        history = past + LETTERS[name]
        made.append(
            make.rfm_score(recency=r, frequency=f, money=m, name=str(name), history=history)
        )
    return made


def cells_of(page: str) -> dict[str, str]:
    """The rules that the links of a page hold, with what stands in each link."""
    found = {}
    for link in page.split('<a href="')[1:]:
        url, _, rest = link.partition('"')
        if "/segment/behind/" in url:
            rule = parse_qs(urlparse(url.replace("&amp;", "&")).query)["rule"][0]
            found[rule] = unescape(rest.partition("<b>")[2].partition("</b>")[0])
    return found


def test_each_recency_and_band_has_one_name_and_the_bands_leave_none_out() -> None:
    halves = [half / 2 for low, high in BANDS for half in range(int(2 * low), int(2 * high) + 1)]

    assert sorted(halves) == [half / 2 for half in range(2, 11)]
    for r in RECENCIES:
        for low, high in BANDS:
            assert segment_of(r, low) == segment_of(r, high)


def test_the_grid_counts_every_customer_once_under_their_name() -> None:
    scores = crowd()

    cells = [cell for row in rfm_grid().rows for cell in row]

    counted: Counter[str] = Counter()
    for cell in cells:
        counted[cell.name] += cell.count
    assert +counted == Counter(score.name for score in scores)


def test_movement_is_what_counting_one_by_one_says_and_adds_up() -> None:
    scores, months = crowd(), rfm_months()
    sizes = dict(zip(RfmName, months.sizes(), strict=True))

    moved = months.movement(earlier=4, later=1)

    slowly = Counter((score.history[-5], score.history[-2]) for score in scores)
    for was, row in zip(moved.was, moved.counts, strict=True):
        assert row == [slowly[STATES[was], LETTERS[now]] for now in RfmName]
        assert was == "NOT_YET" or sum(row) == sizes[RfmName(was)][-5]
    columns = [sum(column) for column in zip(*moved.counts, strict=True)]
    assert columns == [sizes[name][-2] for name in RfmName]


def test_every_cell_opens_as_many_as_it_says(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    crowd(120)

    with django_assert_max_num_queries(8):
        page = operator.get(PAGE + "?earlier=3").content.decode()

    cells = cells_of(page)
    assert len(set(cells.values())) > 10
    assert any(int(shown) < FEWEST for shown in cells.values())
    for rule, shown in cells.items():
        assert int(shown) == customers_of(read_rule(json.loads(rule)), at=NOW).count()


def test_a_cell_lists_its_customers_and_can_become_a_segment(operator: Client) -> None:
    make.rfm_score(customer=make.customer(external_id="ada-1"))
    said = {"rule": '{"is": "rfm", "recency": ["5"]}', "name": "Latest"}

    page = operator.get(reverse("admin:behind"), said).content.decode()
    link = page.partition("/segment/add/?")[2].partition('"')[0].replace("&amp;", "&")
    editor = operator.get(reverse("admin:insights_segment_add") + f"?{link}").content.decode()

    assert "ada-1" in page
    assert 'value="Latest"' in editor
    assert 'name="0.0:recency" value="5" checked' in editor


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "{",
        '{"is": "rfm"}',
        '{"is": "rfm", "recency": [5]}',
        '{"is": "orders", "at_least": 1e400}',
        f'{{"is": "risk", "above": 1{"0" * 400}}}',
        '{"is": "source", "source": "a\\u0000"}',
        '{"is": "orders", "at_least": 1, "\\ud800": 1}',
    ],
)
def test_a_link_that_leads_nowhere_is_not_found(operator: Client, rule: str) -> None:
    assert operator.get(reverse("admin:behind"), {"rule": rule}).status_code == 404


def test_who_may_not_see_customers_is_told_no_small_group_and_opens_none(client: Client) -> None:
    crowd()
    client.force_login(viewer())

    page = client.get(PAGE).content.decode()

    assert "<b>hidden</b>" in page
    assert "Hidden: fewer than 10 customers, or a number from which" in page
    assert cells_of(page) == {}
    small = {f"<b>{n}</b>" for n in range(1, 10)}
    assert not any(one in page for one in small)


def test_who_may_not_see_customers_is_told_what_may_be_of_all_tables_together(
    client: Client,
) -> None:
    crowd(200)
    client.force_login(viewer())
    told = told_rfm(rfm_grid(), rfm_months())

    shown = client.get(PAGE).context

    assert told_in(shown["rows"], sums=True) == told.grid
    assert told_in(shown["movement"], sums=True) == told.movement
    assert told_in(shown["by_month"], sums=False) == told.by_month


def test_who_may_not_see_customers_chooses_no_months_to_subtract(client: Client) -> None:
    crowd()
    client.force_login(viewer())

    page = client.get(PAGE + "?earlier=3&later=1")

    assert (page.context["earlier"], page.context["later"]) == (1, 0)
    assert 'name="earlier"' not in page.content.decode()


def viewer() -> User:
    """Who may see segments, and no customers."""
    user = make.user(is_superuser=False)
    user.user_permissions.add(Permission.objects.get(codename="view_segment"))
    return user


def told_in(rows: list[Row], *, sums: bool) -> list[list[bool]]:
    """What a page tells of a table and its sums."""
    lines = [[cell.count for cell in row.cells] + [row.total] * sums for row in rows]
    return [[shown != HIDDEN_CELL for shown in line] for line in lines]


@pytest.mark.parametrize("asked", ["earlier=0", "earlier=99&later=98", "earlier=x&later=-1"])
def test_months_that_are_none_are_the_nearest(operator: Client, asked: str) -> None:
    crowd(12)

    assert operator.get(f"{PAGE}?{asked}").status_code == 200


def test_before_a_training_the_page_says_so(operator: Client) -> None:
    assert "Nobody has scores yet" in operator.get(PAGE).content.decode()
    make.rfm_score(history="")
    assert "after the next training" in operator.get(PAGE).content.decode()


def test_who_objected_is_counted_nowhere() -> None:
    score = make.rfm_score()
    record_consents({(score.customer_id, "ANALYTICS"): False}, source="test", at=NOW)

    assert rfm_grid().customers == 0
    assert rfm_months().histories == []


def test_new_scores_stand_instead_of_the_old_ones_and_of_nobody_who_objected() -> None:
    gone, stays, objects = (make.rfm_score(recency=1) for _ in range(3))
    record_consents({(objects.customer_id, "ANALYTICS"): False}, source="test", at=NOW)
    fields: dict[str, Any] = {"frequency": 3, "money": 3, "name": "LOYAL", "as_of": NOW}

    publish_rfm(
        RfmScore(customer_id=one.customer_id, recency=4, **fields) for one in (stays, objects)
    )

    assert list(RfmScore.objects.values_list("customer", "recency")) == [(stays.customer_id, 4)]
    assert not RfmScore.objects.filter(pk=gone.pk).exists()


@pytest.mark.parametrize(
    ("moment", "first", "before_last"),
    [
        (datetime(2026, 6, 15, 9, tzinfo=UTC), "2025-08-01T00:00+01:00", "2026-06-01T00:00+01:00"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2025-02-01T00:00+00:00", "2025-12-01T00:00+00:00"),
        (datetime(2026, 3, 31, 23, tzinfo=UTC), "2025-05-01T00:00+01:00", "2026-03-01T00:00+00:00"),
    ],
)
def test_months_begin_on_the_shops_own_clock(
    settings: Any, moment: datetime, first: str, before_last: str
) -> None:
    settings.TIME_ZONE = "Europe/London"

    months = months_until(moment)

    assert len(months) == MONTHS
    assert [months[0], months[-2], months[-1]] == [
        datetime.fromisoformat(first),
        datetime.fromisoformat(before_last),
        moment,
    ]
    assert months == sorted(set(months))


def test_the_api_tells_who_may_read_customers_every_number() -> None:
    crowd(30)

    grid = api_client("read").get("/api/v1/segments/rfm/").json()
    moved = api_client("read").get("/api/v1/segments/rfm/movement/?earlier=2").json()

    assert sum(cell["count"] for cell in grid["cells"]) == grid["customers"] == 30
    assert 0 < min(cell["count"] for cell in moved["cells"]) < FEWEST
    assert grid["months"][-1] == grid["as_of"]
    assert moved["later_at"] == grid["as_of"]
    assert all(set(LABELS) >= {cell["was"], cell["now"]} for cell in moved["cells"])
