import pytest

from retention.access.audit import first_broken, record
from retention.access.models import AuditEntry
from tests import make
from tests.jobs import make as jobs

pytestmark = pytest.mark.django_db


def entries(n: int) -> list[AuditEntry]:
    product = make.product()
    return [
        record(
            "price",
            thing=product,
            actor="anna",
            at=make.NOW,
            before={"price": price},
            after={"price": price + 1},
        )
        for price in range(n)
    ]


def test_an_untouched_log_is_whole() -> None:
    entries(3)

    assert first_broken() is None


def test_an_edited_entry_breaks_the_log_there() -> None:
    _, second, _ = entries(3)
    AuditEntry.objects.filter(pk=second.pk).update(actor="somebody else")

    assert first_broken() == second


def test_a_deleted_entry_breaks_the_log_behind_it() -> None:
    first, _, third = entries(3)
    AuditEntry.objects.filter(pk=first.pk + 1).delete()

    assert first_broken() == third


def test_a_night_finds_a_log_that_was_changed_and_says_where() -> None:
    first, *_ = entries(3)
    AuditEntry.objects.filter(pk=first.pk).update(after={})

    run = jobs.performed(jobs.run(job="access.check_log"))

    assert run.state == "FAILED"
    assert f"entry {first.pk} of 1 June 2026" in run.error


def test_a_night_finds_nothing_where_nothing_was_changed() -> None:
    entries(3)

    assert jobs.performed(jobs.run(job="access.check_log")).state == "DONE"


@pytest.mark.parametrize("removed", [1, 3])
def test_a_night_finds_that_the_last_entries_were_removed(removed: int) -> None:
    written = entries(3)
    jobs.performed(jobs.run(job="access.check_log"))
    AuditEntry.objects.filter(pk__in=[entry.pk for entry in written[-removed:]]).delete()

    run = jobs.performed(jobs.run(job="access.check_log"))

    assert run.state == "FAILED"
    assert "of the entries that it had on 1 June 2026 (3) the last were removed" in run.error


def test_entries_written_since_do_not_hide_that_others_were_removed() -> None:
    *_, last = entries(3)
    jobs.performed(jobs.run(job="access.check_log"))
    last.delete()
    entries(2)

    runs = [jobs.performed(jobs.run(job="access.check_log")) for _ in range(2)]

    assert [run.state for run in runs] == ["FAILED", "FAILED"]


def test_a_log_that_grew_is_whole() -> None:
    jobs.performed(jobs.run(job="access.check_log"))
    entries(2)
    jobs.performed(jobs.run(job="access.check_log"))
    entries(1)

    run = jobs.performed(jobs.run(job="access.check_log"))

    assert (run.state, run.result["entries"]) == ("DONE", 3)


def test_a_check_of_before_seals_were_kept_is_compared_with_nothing() -> None:
    jobs.run(job="access.check_log", state="DONE", finished_at=make.NOW, result={"whole": True})

    assert jobs.performed(jobs.run(job="access.check_log")).state == "DONE"
