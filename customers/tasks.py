"""What customers do by themselves: jobs, each of which may run twice and be killed anywhere."""

from typing import Any

from django.utils import timezone

from customers.files.opening import UnreadableFile
from customers.models import IngestBatch
from customers.services.forget_refused_rows import forget_refused_rows
from customers.services.import_file import import_file
from customers.services.uploads import clear_uploads, drop_upload
from retention.jobs.registry import Refused, Running, job


@job("customers.import_file", title="Import a file", queue="ingest", retries=5, schedulable=False)
def import_uploaded_file(run: Running, *, batch_id: int, **_: Any) -> dict[str, Any]:
    batch = IngestBatch.objects.get(pk=batch_id)
    if batch.state != IngestBatch.State.DONE:
        try:
            import_file(batch, clock=timezone.now, progress=run.progress, hold=run.hold)
        except UnreadableFile as error:
            raise Refused(str(error)) from error
    drop_upload(batch)
    return {
        "read": batch.rows_read,
        "stored": batch.rows_stored,
        "duplicates": batch.rows_duplicate,
        "refused": batch.rows_refused,
    }


@job("customers.clear_uploads", title="Delete uploaded files and old refused rows")
def clear_uploaded_files(run: Running, **_: Any) -> dict[str, Any]:
    return {"deleted": clear_uploads(at=run.at), "refused_rows": forget_refused_rows(at=run.at)}
