"""What a model learned, on disk: arrays and JSON under a checksum. Nothing here can run code.

A folder holds `manifest.json` and `arrays.npz`. The database knows the checksum of the manifest,
the manifest that of the arrays; both are found right before a byte is interpreted, and what is
interpreted after that is still read as if it were hostile.
"""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.conf import settings
from numpy.lib import format as npy
from numpy.typing import NDArray

FORMAT = 1
ARRAYS, MANIFEST = "arrays.npz", "manifest.json"
LARGEST_MANIFEST = 16 * 1024**2
LIBRARIES = ("numpy", "scipy", "scikit-learn")
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}

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

    name : how its folder's name begins; the rest is drawn, so that none is ever in the way.
    parameters : JSON. arrays : no object arrays.
    """
    root = _root()
    root.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".tmp-", dir=root))
    try:
        with (beside / ARRAYS).open("wb") as file:
            np.savez(file, allow_pickle=False, **{k: np.asarray(v) for k, v in arrays.items()})
            _to_disk(file)
        manifest = _manifest(parameters, beside / ARRAYS)
        with (beside / MANIFEST).open("wb") as file:
            file.write(manifest)
            _to_disk(file)
        _folder_to_disk(beside)
        path = f"{name}-{secrets.token_hex(4)}"
        beside.rename(root / path)
        _folder_to_disk(root)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return Stored(path=path, checksum=hashlib.sha256(manifest).hexdigest())


def load(path: str, checksum: str) -> tuple[dict[str, Any], Arrays]:
    """The parameters and arrays of an artifact, after every checksum has been found right.

    Raises BrokenArtifact.
    """
    said = verify(path, checksum)
    parameters: dict[str, Any] = said["parameters"]
    return parameters, _arrays(_folder(path) / ARRAYS, path)


def verify(path: str, checksum: str) -> dict[str, Any]:
    """The manifest of an artifact that is what was stored, to the last byte.

    Raises BrokenArtifact.
    """
    folder = _folder(path)
    manifest = _read_manifest(folder / MANIFEST, path)
    if hashlib.sha256(manifest).hexdigest() != checksum:
        raise BrokenArtifact(f"Model {path}: its manifest was changed. Train again.")
    try:
        said: dict[str, Any] = json.loads(manifest)
        form, arrays = said["format"], said["arrays"]
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenArtifact(f"Model {path}: its manifest makes no sense. Train again.") from error
    if form != FORMAT:
        raise BrokenArtifact(f"Model {path}: format {form}, not {FORMAT}. Train again.")
    if _checksum(folder / ARRAYS, path) != arrays:
        raise BrokenArtifact(f"Model {path}: its arrays were changed. Train again.")
    return said


def remove(path: str) -> None:
    """Delete an artifact; one that is gone already is fine.

    Raises BrokenArtifact where the path leads elsewhere.
    """
    shutil.rmtree(_folder(path), ignore_errors=True)


def _root() -> Path:
    return Path(settings.ARTIFACT_DIR).resolve()


def _folder(path: str) -> Path:
    # Resolved, so that neither ".." nor a link to another place is followed.
    folder = (_root() / path).resolve()
    if folder.parent != _root():
        raise BrokenArtifact(f"{path!r} leads out of the artifact folder.")
    return folder


def _read_manifest(file: Path, path: str) -> bytes:
    _refuse_what_is_no_file(file, path)
    if file.stat().st_size > LARGEST_MANIFEST:
        raise BrokenArtifact(f"Model {path}: its manifest is over {LARGEST_MANIFEST:,} bytes.")
    return file.read_bytes()


def _checksum(file: Path, path: str) -> str:
    _refuse_what_is_no_file(file, path)
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _refuse_what_is_no_file(file: Path, path: str) -> None:
    # A link to a device would be read for ever.
    if file.is_symlink() or not file.is_file():
        raise BrokenArtifact(f"Model {path}: there is no {file.name}. Train again.")


def _arrays(file: Path, path: str) -> Arrays:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > file.stat().st_size:
                raise BrokenArtifact(f"Model {path}: its arrays unpack to more than they are.")
            return {
                entry.filename.removesuffix(".npy"): _array(archive, entry, path)
                for entry in entries
            }
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError) as error:
        raise BrokenArtifact(f"Model {path}: its arrays cannot be read ({error}).") from error


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> NDArray[Any]:
    """One array, as large as its entry and of plain numbers."""
    what = f"Model {path}: {entry.filename!r}"
    if entry.compress_type != zipfile.ZIP_STORED:
        raise BrokenArtifact(f"{what} is compressed, and we never compress.")
    with archive.open(entry) as stream:
        header = HEADERS.get(npy.read_magic(stream))
        if header is None:
            raise BrokenArtifact(f"{what} is of a version we never write.")
        shape, _, kind = header(stream)
        if kind.hasobject:
            raise BrokenArtifact(f"{what} holds objects, which could run code.")
        # Exact whole numbers: a shape that overflows must not look small.
        size = kind.itemsize
        for length in shape:
            size *= length
        if size != entry.file_size - stream.tell():
            raise BrokenArtifact(f"{what} is not as large as it says.")
    with archive.open(entry) as stream:
        return npy.read_array(stream, allow_pickle=False)


def _manifest(parameters: Mapping[str, Any], arrays: Path) -> bytes:
    said = {
        "format": FORMAT,
        "parameters": dict(parameters),
        "arrays": _checksum(arrays, arrays.name),
        "libraries": {name: version(name) for name in LIBRARIES},
    }
    return json.dumps(said, sort_keys=True, indent=1).encode()


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
