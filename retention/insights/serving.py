"""What serves, read from the disk."""

import logging
from typing import Any

from retention.insights import artifacts
from retention.insights.families.family import Champion
from retention.insights.models import ModelVersion

log = logging.getLogger(__name__)


def load_champion(kind: str) -> tuple[ModelVersion, dict[str, Any], artifacts.Arrays] | None:
    """The serving version of a kind with what it holds; None where none serves yet.

    Raises BrokenArtifact.
    """
    version = ModelVersion.objects.champions().select_related("run").filter(kind=kind).first()
    if version is None:
        return None
    return version, *artifacts.load(version.path, version.checksum)


def rival(kind: str) -> Champion | None:
    """The serving version as a candidate's rival; one that cannot be read is none, and is said."""
    try:
        serving = load_champion(kind)
    except artifacts.BrokenArtifact as broken:
        log.error("The serving %s model is broken: %s", kind, broken)
        return None
    if serving is None:
        return None
    version, parameters, arrays = serving
    run = version.run
    return Champion(version.number, parameters, arrays, run.metrics, run.row_counts)
