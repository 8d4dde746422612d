from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from retention.jobs.admin.words import result_pairs
from retention.jobs.models import JobRun, Schedule
from retention.present.templatetags.present import NOTHING
from tests import make as shop
from tests.jobs import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def viewer(client: Client) -> Client:
    user = shop.user(is_superuser=False)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_jobrun", "view_schedule"])
    )
    client.force_login(user)
    return client


def page(client: Client, name: str, *arguments: int) -> str:
    response = client.get(reverse(f"admin:jobs_{name}", args=arguments))
    assert response.status_code == 200
    return response.content.decode()


def test_a_result_within_a_result_is_said_in_words() -> None:
    run = make.run(
        state="DONE",
        result={
            "trained": {"kind": "VALUE", "by_band": {"HIGH": 3}},
            "left_out": [],
            "runs": [1, 2],
        },
    )

    assert result_pairs(run) == [
        ("trained", "kind value; by band high 3"),
        ("left out", NOTHING),
        ("runs", "1, 2"),
    ]


def test_the_list_says_how_far_each_job_is_and_what_came_of_it(operator: Client) -> None:
    make.run(state="RUNNING", done=40, total=100, message="40 of 100 rows")
    make.run(state="FAILED", error="sales.csv: no column 'customer'.", finished_at=NOW)
    make.run(state="DONE", result={"rows_stored": 12345}, started_at=NOW, finished_at=NOW)

    seen = page(operator, "jobrun_changelist")

    assert "40 of 100 rows" in seen
    assert "no column &#x27;customer&#x27;" in seen
    assert "rows stored 12,345" in seen


def test_the_list_costs_the_same_whatever_its_length(
    operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(40):
        make.run(state="RUNNING")

    with django_assert_max_num_queries(8):
        page(operator, "jobrun_changelist")


def test_only_a_run_that_goes_on_is_polled(operator: Client) -> None:
    running = make.run(state="RUNNING")
    done = make.run(state="DONE", finished_at=NOW)

    assert "data-progress-url" in page(operator, "jobrun_change", running.pk)
    assert "data-progress-url" not in page(operator, "jobrun_change", done.pk)


def test_the_poll_answers_where_the_run_is(operator: Client) -> None:
    run = make.run(state="RUNNING", done=3, total=9, message="three")

    answer = operator.get(reverse("admin:jobs_jobrun_progress", args=[run.pk])).json()

    assert answer == {"done": 3, "total": 9, "message": "three", "finished": False}


def test_a_failed_job_is_tried_again_by_a_click(operator: Client) -> None:
    run = make.run(state="FAILED", error="disk full", finished_at=NOW)
    assert "disk full" in page(operator, "jobrun_change", run.pk)

    operator.post(reverse("admin:jobs_jobrun_retry", args=[run.pk]))

    run.refresh_from_db()
    assert (run.state, run.asked_by) == ("QUEUED", "ada")


def test_a_waiting_job_is_cancelled_by_a_click(operator: Client) -> None:
    run = make.run()

    operator.post(reverse("admin:jobs_jobrun_cancel", args=[run.pk]))

    run.refresh_from_db()
    assert run.state == "CANCELLED"


def test_selected_jobs_are_stopped_and_the_rest_named(operator: Client) -> None:
    waiting, done = make.run(), make.run(state="DONE", finished_at=NOW)

    response = operator.post(
        reverse("admin:jobs_jobrun_changelist"),
        {"action": "cancel_selected", "_selected_action": [waiting.pk, done.pk]},
        follow=True,
    )

    seen = response.content.decode()
    assert "1 job stopped." in seen
    assert "is over: done" in seen


def test_who_may_only_look_sees_no_buttons_and_cannot_act(viewer: Client) -> None:
    run = make.run()

    assert "Cancel this job" not in page(viewer, "jobrun_change", run.pk)
    assert viewer.post(reverse("admin:jobs_jobrun_cancel", args=[run.pk])).status_code == 403


def test_nobody_writes_a_run_by_hand(operator: Client) -> None:
    run = make.run()

    assert operator.get(reverse("admin:jobs_jobrun_add")).status_code == 403
    assert operator.get(reverse("admin:jobs_jobrun_delete", args=[run.pk])).status_code == 403


def test_schedules_show_their_last_and_their_next_run_in_their_zone(operator: Client) -> None:
    schedule = make.schedule(at_time=time(2, 0), zone="Asia/Tokyo", next_run_at=SOON)
    make.run(schedule=schedule, state="FAILED", finished_at=NOW)

    seen = page(operator, "schedule_changelist")

    assert "every day at 02:00 in Asia/Tokyo" in seen
    assert "Mon 1 Jun, 21:05 JST" in seen
    assert "Failed" in seen


def test_a_schedule_runs_now_by_a_click(operator: Client) -> None:
    schedule = make.schedule(arguments={"days": 7})

    operator.post(reverse("admin:jobs_schedule_run", args=[schedule.pk]))

    run = JobRun.objects.get()
    assert (run.schedule, run.arguments, run.asked_by) == (schedule, {"days": 7}, "ada")
    assert run.scheduled_for == NOW


def test_who_may_only_look_cannot_run_a_schedule(viewer: Client) -> None:
    schedule = make.schedule()

    assert "Run now" not in page(viewer, "schedule_changelist")
    assert viewer.post(reverse("admin:jobs_schedule_run", args=[schedule.pk])).status_code == 403


def changed(client: Client, schedule: Schedule, **fields: Any) -> str:
    """The page after saving the form with these fields."""
    given: dict[str, Any] = {
        "name": schedule.name,
        "job": schedule.job,
        "arguments": "{}",
        "enabled": "on",
    }
    given |= {"weekdays": list("1234567"), "zone": "Europe/London"}
    url = reverse("admin:jobs_schedule_change", args=[schedule.pk])
    return client.post(url, given | fields, follow=True).content.decode()


def test_a_changed_time_moves_the_next_run(operator: Client) -> None:
    schedule = make.schedule(next_run_at=NOW)

    changed(operator, schedule, at_time="05:30", weekdays=["3"])

    schedule.refresh_from_db()
    assert (schedule.weekdays, schedule.every_minutes) == ("3", None)
    assert schedule.next_run_at == datetime(2026, 6, 3, 4, 30, tzinfo=UTC)


def test_a_schedule_has_one_rhythm(operator: Client) -> None:
    seen = changed(operator, make.schedule(), at_time="05:30", every_minutes="5")

    assert "either a number of minutes or a time of day" in seen


def test_arguments_the_job_does_not_take_are_refused_at_once(operator: Client) -> None:
    seen = changed(operator, make.schedule(job="jobs.clean"), every_minutes="5", arguments="[1]")

    assert "names and values in braces" in seen


def test_switching_on_again_does_not_catch_up(operator: Client) -> None:
    schedule = make.schedule(enabled=False, next_run_at=datetime(2020, 1, 1, tzinfo=UTC))

    operator.post(
        reverse("admin:jobs_schedule_changelist"),
        {"action": "switch_on", "_selected_action": [schedule.pk]},
    )

    schedule.refresh_from_db()
    assert schedule.enabled
    assert schedule.next_run_at is not None
    assert schedule.next_run_at > NOW


@pytest.mark.parametrize("key", ["99", "nonsense", "9" * 40])
def test_a_job_that_is_not_there_is_no_crash(operator: Client, key: str) -> None:
    assert operator.get(reverse("admin:jobs_jobrun_change", args=[key])).status_code == 404


def test_what_needs_its_own_right_is_not_scheduled(operator: Client) -> None:
    schedule = make.schedule(every_minutes=5)

    changed(
        operator,
        schedule,
        job="campaigns.launch",
        arguments='{"campaign_id": 1, "actor": "somebody else"}',
        every_minutes="5",
    )

    schedule.refresh_from_db()
    assert schedule.job == "jobs.clean"
