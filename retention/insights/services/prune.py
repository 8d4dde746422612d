import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from retention.insights import artifacts
from retention.insights.models import Kind, ModelVersion

KEPT_VERSIONS = 5
"""Of each kind, beside the one that serves: enough to roll back to."""
LEFT_BEHIND = timedelta(days=1)


def prune_versions(*, at: datetime) -> int:
    """Delete the oldest versions with their artifacts, and what killed trainings left behind."""
    removed = 0
    for kind in Kind.values:
        others = ModelVersion.objects.filter(kind=kind).exclude(state="CHAMPION")
        for version in others.order_by("-number")[KEPT_VERSIONS:]:
            # The row first: a version whose folder is gone must not be there to promote.
            path, run = version.path, version.run
            version.delete()
            run.delete()
            artifacts.remove(path)
            removed += 1
    _sweep_folders(at)
    return removed


def _sweep_folders(at: datetime) -> None:
    root = Path(settings.ARTIFACT_DIR)
    known = set(ModelVersion.objects.values_list("path", flat=True))
    for folder in root.glob("*"):
        age = at.timestamp() - folder.stat().st_mtime
        if folder.name not in known and age > LEFT_BEHIND.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)
