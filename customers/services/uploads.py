"""Files that operators upload: kept until they are imported or thought better of, and no longer."""

import re
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.db.models import Q, QuerySet

from customers.files.inspect import Inspection
from customers.files.opening import checksum
from customers.files.reading import Options
from customers.models import IngestBatch

KEPT = timedelta(days=7)
"""An upload that nobody imported by then is deleted: it may hold personal data."""
BLOCK = 1 << 20


class Upload(Protocol):
    """What a browser sent."""

    name: str | None
    file: BinaryIO


class StartedAlready(Exception):
    """The import of this upload was started before."""


def keep_upload(upload: Upload, *, options: Options, at: datetime, by: str) -> IngestBatch:
    """The file under a name of ours, as an import that waits for its preview to be agreed to."""
    name = Path(upload.name or "upload").name
    safe = re.sub(r"[^\w.-]", "_", name)[-100:]
    path = settings.UPLOAD_DIR / f"{uuid.uuid4().hex}-{safe}"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as kept:
        while block := upload.file.read(BLOCK):
            kept.write(block)
    return IngestBatch.objects.create(
        name=name[:300],
        path=str(path),
        checksum=checksum(path),
        reading={"options": options.as_json()},
        created_by=by,
        created_at=at,
    )


def options_of(batch: IngestBatch) -> Options | None:
    """What the operator chose so far; None once the reading is agreed to."""
    stored = batch.reading.get("options")
    return None if stored is None else Options.from_json(stored)


def choose_options(batch: IngestBatch, options: Options) -> None:
    """Keep an operator's choices. Raises StartedAlready."""
    if not _open(batch).update(reading={"options": options.as_json()}):
        raise StartedAlready(f"{batch.name} is being imported already.")


def agree_to(batch: IngestBatch, inspection: Inspection) -> None:
    """From now on the file is read this way and no other. Raises StartedAlready."""
    if not _open(batch).update(reading=inspection.reading.as_json()):
        raise StartedAlready(f"{batch.name} is being imported already.")
    batch.refresh_from_db()


def drop_upload(batch: IngestBatch) -> None:
    """Delete the uploaded file; one that lies elsewhere is the operator's and stays."""
    path = Path(batch.path)
    if batch.path and path.is_relative_to(settings.UPLOAD_DIR):
        path.unlink(missing_ok=True)
        IngestBatch.objects.filter(pk=batch.pk).update(path="")


def think_better_of(batch: IngestBatch) -> None:
    """Forget an upload that was not imported. Raises StartedAlready."""
    waiting = _open(batch)
    drop = list(waiting)
    if not waiting.delete()[0]:
        raise StartedAlready(f"{batch.name} is being imported already.")
    for one in drop:
        drop_upload(one)


def clear_uploads(*, at: datetime) -> int:
    """Delete the files of imports that are done, and uploads that nobody imported in a week."""
    old = Q(created_at__lt=at - KEPT) & ~Q(state=IngestBatch.State.RUNNING)
    gone = IngestBatch.objects.filter(Q(state=IngestBatch.State.DONE) | old)
    batches = list(gone.filter(path__startswith=str(settings.UPLOAD_DIR)))
    for batch in batches:
        drop_upload(batch)
    return len(batches)


def _open(batch: IngestBatch) -> QuerySet[IngestBatch]:
    """The upload as long as nobody agreed to its reading."""
    waiting = IngestBatch.objects.filter(pk=batch.pk, state=IngestBatch.State.WAITING)
    return waiting.filter(reading__has_key="options")
