"""Upload, preview, agree, watch, read the report: as an operator's browser does it."""

import csv
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers.files.reading import Options
from customers.models import Consent, Event, IngestBatch
from customers.services.uploads import KEPT, StartedAlready, choose_options, clear_uploads
from retention.access.models import AuditEntry
from retention.jobs.models import JobRun
from tests import make
from tests.jobs.make import performed
from tests.make import NOW

pytestmark = pytest.mark.django_db

LIST = reverse("admin:customers_ingestbatch_changelist")
ADD = reverse("admin:customers_ingestbatch_add")
ORDERS = "customer,product,order,date,price\nann,mug,7,2026-01-31,2.50\nbob,mug,8,never,2.50\n"
OPEN = "customer,product,order,date,price\nann,mug,7,02/01/2016,2.50\n"


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"


def upload(operator: Client, text: str, name: str = "orders.csv") -> IngestBatch:
    operator.post(ADD, {"file": SimpleUploadedFile(name, text.encode())})
    return IngestBatch.objects.latest("pk")


def page(batch: IngestBatch, name: str = "change") -> str:
    return reverse(f"admin:customers_ingestbatch_{name}", args=[batch.pk])


def text_of(operator: Client, url: str) -> str:
    return operator.get(url).content.decode()


def work() -> None:
    """What a worker does with the one job."""
    run = JobRun.objects.get()
    performed(run, at=run.scheduled_for)


def imported(operator: Client, text: str) -> IngestBatch:
    batch = upload(operator, text)
    operator.post(page(batch, "start"))
    work()
    batch.refresh_from_db()
    return batch


def test_an_upload_waits_for_its_preview_to_be_agreed_to(operator: Client) -> None:
    batch = upload(operator, ORDERS)

    assert (batch.state, batch.name, batch.created_by) == ("WAITING", "orders.csv", "ada")
    assert Path(batch.path).read_text() == ORDERS
    assert not JobRun.objects.exists()
    assert "Previewed, not imported" in text_of(operator, LIST)


def test_the_preview_shows_columns_cells_and_refusals(operator: Client) -> None:
    shown = text_of(operator, page(upload(operator, ORDERS)))

    assert "<span>unit price</span>price" in shown
    assert "2.50<small>2.50 GBP</small>" in shown
    assert "refused, bad date" in shown
    assert "<b>1</b> would be stored" in shown
    assert not Event.objects.exists()


def test_what_the_file_leaves_open_is_asked_and_answered_on_the_page(operator: Client) -> None:
    batch = upload(operator, OPEN)
    assert "Do its dates begin with the day" in text_of(operator, page(batch))

    operator.post(page(batch), {"dates": "D/M/Y"})

    shown = text_of(operator, page(batch))
    assert "Sat 02 January 2016" in shown
    assert "Do its dates begin" not in shown


def test_a_workbook_is_refused_by_its_own_name_and_nothing_else_is_asked(operator: Client) -> None:
    shown = text_of(operator, page(upload(operator, "PK\x03\x04...", name="My book.xlsx")))

    assert "<p>My book.xlsx is a zip archive or an Excel workbook" in shown
    assert "How it is read" not in shown


def test_a_question_is_asked_in_the_words_of_the_page(operator: Client) -> None:
    shown = text_of(operator, page(upload(operator, "who,what,when\nann,mug,2026-01-31\n")))

    assert "Which column is what?" in shown
    assert "field=column" not in shown


def test_the_first_rows_are_shown_while_a_question_is_open(operator: Client) -> None:
    shown = text_of(operator, page(upload(operator, OPEN)))

    assert "<td>02/01/2016</td>" in shown
    assert "<span>occurred at</span>date" in shown
    assert "what they mean is open" in shown
    assert "Becomes" not in shown


def test_a_file_that_leaves_something_open_cannot_be_started(operator: Client) -> None:
    batch = upload(operator, OPEN)

    operator.post(page(batch, "start"))

    assert not JobRun.objects.exists()


def test_columns_are_chosen_on_the_page(operator: Client) -> None:
    batch = upload(operator, "who,what,when\nann,mug,2026-01-31\n")
    chosen = {"column_0": "customer", "column_1": "product", "column_2": "occurred_at"}

    operator.post(page(batch), {**chosen, "kind": "VIEW"})
    operator.post(page(batch), {"column_0": "customer", "column_1": "product", "kind": "VIEW"})
    assert "On which day did this happen?" in text_of(operator, page(batch))

    operator.post(page(batch), {**chosen, "kind": "VIEW", "consents": ["MARKETING"]})
    operator.post(page(batch, "start"))
    work()
    assert Event.objects.get().kind == "VIEW"
    assert Consent.objects.get().purpose == "MARKETING"


def test_once_agreed_to_a_job_imports_it_and_the_upload_is_deleted(operator: Client) -> None:
    path = Path(upload(operator, ORDERS).path)
    path.unlink()

    batch = imported(operator, ORDERS)

    assert (batch.state, batch.rows_stored, batch.rows_refused) == ("DONE", 1, 1)
    assert list(path.parent.iterdir()) == []
    assert Event.objects.get().batch == batch


def test_agreeing_twice_imports_once(operator: Client) -> None:
    batch = upload(operator, ORDERS)

    operator.post(page(batch, "start"))
    operator.post(page(batch, "start"))

    assert JobRun.objects.count() == 1


def test_the_report_says_what_became_of_every_row(operator: Client) -> None:
    shown = text_of(operator, page(imported(operator, ORDERS)))

    assert "Refused, and why" in shown
    assert "Line 3: &#x27;never&#x27; is no date" in shown
    assert "customers met for the first time" in shown


def test_progress_is_asked_for_while_it_runs(operator: Client) -> None:
    batch = upload(operator, ORDERS)
    operator.post(page(batch, "start"))

    assert page(batch, "progress") in text_of(operator, page(batch))
    waiting = operator.get(page(batch, "progress")).json()
    work()
    over = operator.get(page(batch, "progress")).json()

    assert (waiting["message"], waiting["finished"]) == ("Waiting for a worker.", False)
    assert over == {"done": 100, "total": 100, "message": "2 rows", "finished": True}


def test_a_failed_import_says_why_and_can_be_tried_again(operator: Client) -> None:
    batch = upload(operator, ORDERS)
    operator.post(page(batch, "start"))
    Path(batch.path).rename(f"{batch.path}.moved")
    work()
    assert "is gone or was changed" in text_of(operator, page(batch))

    Path(f"{batch.path}.moved").rename(batch.path)
    operator.post(page(batch, "again"))
    work()

    batch.refresh_from_db()
    assert batch.state == "DONE"


def test_an_upload_thought_better_of_leaves_nothing(operator: Client) -> None:
    batch = upload(operator, ORDERS)

    operator.post(page(batch, "discard"))

    assert not IngestBatch.objects.exists()
    assert not Path(batch.path).exists()


def test_a_started_import_cannot_be_discarded(operator: Client) -> None:
    batch = upload(operator, ORDERS)
    operator.post(page(batch, "start"))

    operator.post(page(batch, "discard"))

    assert IngestBatch.objects.get() == batch


def test_choices_that_come_after_the_agreement_change_nothing(operator: Client) -> None:
    batch = upload(operator, ORDERS)
    operator.post(page(batch, "start"))

    with pytest.raises(StartedAlready):
        choose_options(batch, Options(delimiter="semicolon"))

    work()
    assert IngestBatch.objects.get().state == "DONE"


def test_a_file_without_facts_says_why_on_the_page(operator: Client) -> None:
    batch = upload(operator, "customerID,tenure,MonthlyCharges,Churn\nx,1,2.0,No\n")

    shown = text_of(operator, page(batch))

    assert "nothing of this file is a shop fact" in shown
    assert "How it is read" not in shown


@pytest.mark.parametrize("text", ["", "no columns\nat all\n", "\x00\x01", "a,b\n"])
def test_no_upload_makes_the_page_fall(operator: Client, text: str) -> None:
    batch = upload(operator, text or " ", name="x.csv")

    assert operator.get(page(batch)).status_code == 200


def test_refused_rows_are_downloaded_as_text_that_no_spreadsheet_runs(operator: Client) -> None:
    batch = imported(operator, 'customer,product,order,date,price\n"=1+1",mug,7,never,2.50\n')

    response: Any = operator.post(page(batch, "refused"))

    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))
    assert rows[0]["line"] == "2"
    assert rows[0]["row"].startswith("'=1+1 | mug")


REFUSED = "customer,product,order,date,price\ngrace@example.com,mug,7,never,2.50\n"


def test_whoever_downloads_refused_rows_is_on_the_record(operator: Client) -> None:
    batch = imported(operator, REFUSED)

    assert operator.get(page(batch, "refused")).status_code == 403, "a link would not say who"
    operator.post(page(batch, "refused"))

    entry = AuditEntry.objects.get(action="export refused rows")
    assert (entry.thing_id, entry.after) == (str(batch.pk), {"rows": 1})


@pytest.mark.parametrize(("sees_customers", "status"), [(True, 200), (False, 403)])
def test_refused_rows_are_for_those_who_may_see_customers(
    client: Client, operator: Client, sees_customers: bool, status: int
) -> None:
    batch = imported(operator, REFUSED)
    rights = ["view_ingestbatch", "view_customer"] if sees_customers else ["view_ingestbatch"]
    viewer = make.user(username="viewer", is_superuser=False)
    viewer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(viewer)

    shown = client.get(page(batch)).content.decode()

    assert "Line 2" in shown
    assert ("grace@example.com" in shown) == sees_customers
    assert ("Download them as CSV" in shown) == sees_customers
    assert client.post(page(batch, "refused")).status_code == status


def test_who_may_only_look_cannot_upload_or_start(client: Client, operator: Client) -> None:
    batch = upload(operator, ORDERS)
    client.force_login(make.user(username="viewer", is_superuser=False))

    answers = [client.get(ADD), client.get(page(batch)), client.post(page(batch, "start"))]

    assert {answer.status_code for answer in answers} == {403}


def test_uploads_are_deleted_after_a_week(operator: Client) -> None:
    batch = upload(operator, ORDERS)

    assert clear_uploads(at=batch.created_at + KEPT / 2) == 0
    assert clear_uploads(at=batch.created_at + KEPT * 2) == 1
    assert not Path(batch.path).exists()
    assert operator.get(page(batch)).status_code == 200


def test_a_list_takes_few_queries_however_long(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        IngestBatch.objects.create(name=f"f{n}.csv", created_at=NOW)

    with django_assert_max_num_queries(9):
        operator.get(LIST)


def test_while_something_is_open_the_columns_told_already_are_shown(operator: Client) -> None:
    batch = upload(operator, OPEN)

    form = operator.get(page(batch)).context["form"]

    told = [field.initial for field in form.column_fields]
    assert told == ["customer", "product", "order_id", "occurred_at", "unit_price"]
