import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from retention.insights import artifacts
from retention.insights.models import Kind, ModelVersion
from retention.insights.turns import take_turn

KEPT_VERSIONS = 5
"""Of each kind, beside the one that serves: so many that served once, to roll back to, and so many
that never did, to see why."""
LEFT_BEHIND = timedelta(days=1)


def prune_versions(*, at: datetime) -> int:
    """Delete the oldest versions with their artifacts, and what killed trainings left behind.

    A version that a score, list or segment still names stays until that is computed again.
    """
    removed = 0
    for kind in Kind.values:
        for served in (True, False):
            of_a_sort = ModelVersion.objects.filter(kind=kind, promoted_at__isnull=not served)
            others = of_a_sort.exclude(state="CHAMPION").order_by("-number")
            old = others.values_list("pk", flat=True)[KEPT_VERSIONS:]
            removed += sum(_remove(pk, kind) for pk in list(old))
    _sweep_folders(at)
    return removed


def _remove(pk: int, kind: str) -> bool:
    """False where the version was promoted, or is in use, since it was chosen."""
    with transaction.atomic():
        take_turn(kind)
        version = ModelVersion.objects.unused().filter(pk=pk).select_related("run").first()
        if version is None:
            return False
        path, run = version.path, version.run
        version.delete()
        run.delete()
    # After the commit: a version whose folder is gone must not be there to promote.
    artifacts.remove(path)
    return True


def _sweep_folders(at: datetime) -> None:
    # The folders first: one that is written meanwhile has its row by the time rows are read.
    folders = list(Path(settings.ARTIFACT_DIR).glob("*"))
    known = set(ModelVersion.objects.values_list("path", flat=True))
    for folder in folders:
        if folder.name not in known and _touched(folder) < at - LEFT_BEHIND:
            shutil.rmtree(folder, ignore_errors=True)


def _touched(folder: Path) -> datetime:
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except FileNotFoundError:  # Renamed this very moment: as young as can be.
        return datetime.max.replace(tzinfo=UTC)
