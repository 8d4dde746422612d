"""What a model learned, on disk: arrays and JSON under a checksum. Nothing here can run code."""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

FORMAT = 1
ARRAYS, MANIFEST = "arrays.npz", "manifest.json"
LARGEST_BYTES = 8 * 1024**3
LIBRARIES = ("numpy", "scipy", "scikit-learn")

Arrays = dict[str, NDArray[Any]]


class BrokenArtifact(Exception):
    """What lies on the disk is not what was stored; it is not read any further."""


@dataclass(frozen=True)
class Stored:
    """Where an artifact is, below the artifact folder, and the checksum of its manifest."""

    path: str
    checksum: str


def store(name: str, *, parameters: Mapping[str, Any], arrays: Mapping[str, Any]) -> Stored:
    """Write an artifact whole or not at all: a folder beside, then one rename.

    name : the folder's name, unused so far. parameters : JSON. arrays : no object arrays.
    """
    root = Path(settings.ARTIFACT_DIR)
    root.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".tmp-", dir=root))
    try:
        with (beside / ARRAYS).open("wb") as file:
            np.savez(file, allow_pickle=False, **{k: np.asarray(v) for k, v in arrays.items()})
            _to_disk(file.fileno())
        manifest = _manifest(parameters, beside / ARRAYS)
        with (beside / MANIFEST).open("wb") as file:
            file.write(manifest)
            file.flush()
            _to_disk(file.fileno())
        _folder_to_disk(beside)
        beside.rename(root / name)
        _folder_to_disk(root)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return Stored(path=name, checksum=hashlib.sha256(manifest).hexdigest())


def load(path: str, checksum: str) -> tuple[dict[str, Any], Arrays]:
    """The parameters and arrays of an artifact, after every checksum has been found right."""
    folder = (Path(settings.ARTIFACT_DIR) / path).resolve()
    if folder.parent != Path(settings.ARTIFACT_DIR).resolve():
        raise BrokenArtifact(f"{path!r} leads out of the artifact folder.")
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise BrokenArtifact(f"Model {path}: cannot read it ({error}). Train again.") from error
    if hashlib.sha256(manifest).hexdigest() != checksum:
        raise BrokenArtifact(f"Model {path}: its manifest was changed. Train again.")
    said = json.loads(manifest)
    if said["format"] != FORMAT:
        raise BrokenArtifact(f"Model {path}: format {said['format']}, not {FORMAT}. Train again.")
    if _checksum(folder / ARRAYS) != said["arrays"]:
        raise BrokenArtifact(f"Model {path}: its arrays were changed. Train again.")
    return said["parameters"], _arrays(folder / ARRAYS)


def remove(path: str) -> None:
    """Delete an artifact; one that is gone already is fine."""
    shutil.rmtree(Path(settings.ARTIFACT_DIR) / path, ignore_errors=True)


def _arrays(path: Path) -> Arrays:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_BYTES:
            raise BrokenArtifact(f"{path} unpacks to more than {LARGEST_BYTES:,} bytes.")
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _manifest(parameters: Mapping[str, Any], arrays: Path) -> bytes:
    said = {
        "format": FORMAT,
        "parameters": dict(parameters),
        "arrays": _checksum(arrays),
        "libraries": {name: version(name) for name in LIBRARIES},
    }
    return json.dumps(said, sort_keys=True, indent=1).encode()


def _checksum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BrokenArtifact(f"Cannot read {path.name} ({error}). Train again.") from error


def _to_disk(descriptor: int) -> None:
    os.fsync(descriptor)


def _folder_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
