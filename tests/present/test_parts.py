"""The skin: every part renders, nothing is inline, and Django's own pages wear it."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Row

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

TEMPLATES = Path(settings.TEMPLATES[0]["DIRS"][0])
STATIC = Path(settings.STATICFILES_DIRS[0])
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
INLINE = re.compile(
    r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE
)
OUTSIDE = re.compile(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//")


def part(name: str, **context: object) -> str:
    request = RequestFactory().get("/")
    return render_to_string(f"parts/{name}.html", context, request=request)


# A mail program reads no style sheet: messages alone carry their style in themselves.
PAGES = sorted(set(TEMPLATES.rglob("*.html")) - {TEMPLATES / "mail/message.html"})


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_template_has_anything_inline_or_from_outside(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert not INLINE.search(source)
    assert not OUTSIDE.search(source)


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.css")), ids=lambda path: path.name)
def test_no_style_sheet_asks_anyone_else(path: Path) -> None:
    assert not OUTSIDE.search(path.read_text(encoding="utf-8"))


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'id="i-([\w-]+)"', (TEMPLATES / "parts/icons.html").read_text()))
    pages = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    used = set(re.findall(r'href="#i-([\w-]+)"', pages)) | set(
        re.findall(r'{% icon "([\w-]+)"', pages)
    )

    assert used <= drawn


def test_a_key_number_leads_to_the_rows_behind_it() -> None:
    html = part("kpi", label="At risk", value="2,410", url="/risk/", delta="+3%", delta_tone="bad")

    assert 'href="/risk/"' in html
    assert 'class="delta bad">+3%' in html


def test_a_table_escapes_its_cells_and_says_when_it_is_empty() -> None:
    columns = [("Customer", ""), ("Value", "number")]

    full = part("table", columns=columns, rows=[["<b>Ada</b>", "£1"]])
    bare = part("table", columns=columns, rows=[], empty_title="No customers yet.")

    assert '<th scope="row">&lt;b&gt;Ada&lt;/b&gt;</th><td class="number">£1</td>' in full
    assert "No customers yet." in bare


def test_a_funnel_measures_every_step_by_the_first() -> None:
    steps = [
        Row(label="in the band", count=200, kind="start"),
        Row(label="no consent", count=50, kind="out"),
        Row(label="left", count=150, kind="left"),
    ]

    assert re.findall(r'width="([\d.]+)"', part("funnel", steps=steps)) == [
        "100.00",
        "25.00",
        "75.00",
    ]


def test_a_stale_number_says_so_and_why() -> None:
    html = part("freshness", computed_at=NOW, stale=True, error="Needs 90 days.")

    assert "Out of date" in html
    assert "Needs 90 days." in html


def test_a_number_never_computed_does_not_pretend() -> None:
    assert "not computed yet" in part("freshness", computed_at=None)


def test_a_bar_asks_for_its_progress_only_where_it_has_an_address() -> None:
    assert 'data-progress-url="/job/"' in part(
        "progress", label="Import", total=9, done=4, url="/job/"
    )
    assert "data-progress-url" not in part("progress", label="Import", total=9, done=9)


def test_reasons_are_bars_in_proportion_and_the_counter_fact_follows() -> None:
    reasons = [Row(label="silence", value="74 days", effect=0.4), Row(label="loyal", effect=-0.2)]

    html = part("reasons", reasons=reasons, counter="No order for 74 days; usual gap 31.")

    assert re.findall(r' width="([\d.]+)"', html) == ["50.00", "25.00"]
    assert "usual gap 31" in html


def test_the_life_of_a_campaign_marks_where_it_is() -> None:
    steps = [
        Row(label="Drafted", state="done", at=NOW, by="ada"),
        Row(label="Running", state="current"),
    ]

    html = part("steps", steps=steps)

    assert 'class="current" aria-current="step"' in html
    assert "by ada" in html


def test_the_timeline_tells_when_each_thing_was() -> None:
    html = part("timeline", entries=[Row(at=NOW, icon="cart", text="Ordered", url="/order/")])

    assert '<a href="/order/">Ordered</a>' in html
    assert 'datetime="2026-11-25T12:00:00+00:00"' in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["/admin/auth/user/", "/admin/auth/user/add/", "/admin/password_change/"]
)
def test_djangos_own_pages_wear_the_skin_and_keep_the_policy(client: Client, url: str) -> None:
    client.force_login(User.objects.create_superuser("ada", "ada@example.org", "secret"))

    response = client.get(url)
    html = response.content.decode()

    assert response.status_code == 200
    assert 'aria-label="Main"' in html
    assert not INLINE.search(html)


@pytest.mark.django_db
def test_a_stranger_sees_where_to_sign_in_and_nothing_else(client: Client) -> None:
    html = client.get("/admin/login/").content.decode()

    assert "Sign in" in html
    assert 'aria-label="Main"' not in html
    assert not INLINE.search(html)
