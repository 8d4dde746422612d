"""What serves, read from the disk."""

from typing import Any

from retention.insights import artifacts
from retention.insights.families.family import Champion
from retention.insights.models import ModelVersion


def load_champion(kind: str) -> tuple[ModelVersion, dict[str, Any], artifacts.Arrays] | None:
    """The serving version of a kind with what it holds; None where none serves yet.

    Raises BrokenArtifact.
    """
    version = ModelVersion.objects.select_related("run").filter(kind=kind, state="CHAMPION").first()
    if version is None:
        return None
    return version, *artifacts.load(version.path, version.checksum)


def rival(kind: str) -> Champion | None:
    """The serving version as a candidate's rival; one that cannot be read is none."""
    try:
        serving = load_champion(kind)
    except artifacts.BrokenArtifact:
        return None
    if serving is None:
        return None
    version, parameters, arrays = serving
    return Champion(version.number, parameters, arrays, version.run.metrics)
