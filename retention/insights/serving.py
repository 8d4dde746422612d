"""What serves, read from the disk."""

import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from retention.insights import artifacts
from retention.insights.families.family import Champion
from retention.insights.models import ModelVersion

log = logging.getLogger(__name__)

Model = TypeVar("Model")


def load_champion(kind: str) -> tuple[ModelVersion, dict[str, Any], artifacts.Arrays] | None:
    """The serving version of a kind with what it holds; None where none serves yet.

    Raises BrokenArtifact.
    """
    version = ModelVersion.objects.champions().select_related("run").filter(kind=kind).first()
    if version is None:
        return None
    return version, *artifacts.load(version.path, version.checksum)


def readable_champion(kind: str) -> tuple[ModelVersion, dict[str, Any], artifacts.Arrays] | None:
    """The same, and None where it cannot be read, which is said in the log."""
    try:
        return load_champion(kind)
    except artifacts.BrokenArtifact as broken:
        log.error("The serving %s model is broken: %s", kind, broken)
        return None


def rival(kind: str) -> Champion | None:
    """The serving version as a candidate's rival; one that cannot be read is none."""
    serving = readable_champion(kind)
    if serving is None:
        return None
    version, parameters, arrays = serving
    run = version.run
    return Champion(version.number, parameters, arrays, run.metrics, run.row_counts)


class ReadOnce(Generic[Model]):
    """The serving model of a kind in this process: by key and checksum, never two."""

    def __init__(
        self, kind: str, build: Callable[[ModelVersion, dict[str, Any], artifacts.Arrays], Model]
    ) -> None:
        """build : what is kept of a version, its parameters and its arrays."""
        self.kind, self.build = kind, build
        self._held: dict[tuple[int, str], Model] = {}

    def __call__(self) -> Model | None:
        """What serves now; None where nothing was trained yet. One query where it was read before.

        Raises BrokenArtifact.
        """
        champions = ModelVersion.objects.champions().filter(kind=self.kind)
        champion = champions.values_list("pk", "checksum").first()
        if champion is None:
            return None
        # Asked once: another thread may be replacing it.
        held = self._held.get(champion)
        if held is not None:
            return held
        loaded = load_champion(self.kind)
        if loaded is None:
            return None
        version, parameters, arrays = loaded
        fresh = self.build(version, parameters, arrays)
        self._held.clear()
        self._held[version.pk, version.checksum] = fresh
        return fresh
