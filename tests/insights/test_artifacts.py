import hashlib
import io
import json
import pickle  # noqa: TID251 - what an attacker would use
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retention.env import PROJECT_DIR
from retention.insights import artifacts
from retention.insights.artifacts import BrokenArtifact, Stored, load, remove, store, verify

pytestmark = pytest.mark.usefixtures("models")
WHOLE = {"factors": np.arange(6.0).reshape(2, 3), "ids": np.array([7, 9]), "empty": np.empty(0)}


def stored(**arrays: Any) -> Stored:
    return store("churn-1", parameters={"horizon": 60, "names": ["a"]}, arrays=arrays or WHOLE)


def forged(models: Path, arrays: bytes) -> Stored:
    """An artifact whose arrays somebody made by hand, every checksum right."""
    folder = models / "forged"
    folder.mkdir(parents=True)
    (folder / "arrays.npz").write_bytes(arrays)
    said = {"format": 1, "parameters": {}, "arrays": hashlib.sha256(arrays).hexdigest()}
    manifest = json.dumps(said).encode()
    (folder / "manifest.json").write_bytes(manifest)
    return Stored("forged", hashlib.sha256(manifest).hexdigest())


def zipped(compression: int = zipfile.ZIP_STORED, **entries: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(f"{name}.npy", content)
    return made.getvalue()


def npy(array: Any, **options: Any) -> bytes:
    made = io.BytesIO()
    np.lib.format.write_array(made, np.asarray(array), **options)
    return made.getvalue()


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.trace,)


def test_what_was_stored_comes_back_bit_for_bit() -> None:
    kept = stored()

    parameters, arrays = load(kept.path, kept.checksum)

    assert parameters == {"horizon": 60, "names": ["a"]}
    assert {name: array.tobytes() for name, array in arrays.items()} == {
        name: array.tobytes() for name, array in WHOLE.items()
    }
    assert arrays["factors"].shape == (2, 3)


def test_the_manifest_says_what_it_was_made_with(models: Path) -> None:
    said = json.loads((models / stored().path / "manifest.json").read_text())

    assert said["libraries"]["numpy"] == np.__version__
    assert said["format"] == 1


def test_two_artifacts_of_one_name_do_not_meet() -> None:
    assert stored().path != stored().path


@pytest.mark.parametrize("name", ["manifest.json", "arrays.npz"])
def test_one_changed_byte_is_seen(models: Path, name: str) -> None:
    kept = stored()
    file = models / kept.path / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(BrokenArtifact, match=r"was changed|were changed"):
        load(kept.path, kept.checksum)


@pytest.mark.parametrize("name", ["manifest.json", "arrays.npz"])
def test_a_missing_file_is_said_with_the_way_out(models: Path, name: str) -> None:
    kept = stored()
    (models / kept.path / name).unlink()

    with pytest.raises(BrokenArtifact, match=rf"there is no {name}\. Train again"):
        load(kept.path, kept.checksum)


def test_another_format_is_not_guessed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "FORMAT", 2)
    kept = stored()
    monkeypatch.setattr(artifacts, "FORMAT", 1)

    with pytest.raises(BrokenArtifact, match="format 2, not 1"):
        load(kept.path, kept.checksum)


@pytest.mark.parametrize("path", ["..", "../outside", "/etc", "", ".", "churn/../../x", "a/b"])
def test_no_path_leads_out_of_the_folder(path: str) -> None:
    with pytest.raises(BrokenArtifact, match="leads out"):
        load(path, "0" * 64)


def test_no_path_removes_anything_outside(models: Path) -> None:
    precious = models.parent / "precious"
    precious.mkdir()

    with pytest.raises(BrokenArtifact):
        remove("../precious")

    assert precious.exists()


def test_a_link_to_another_place_is_not_followed(models: Path) -> None:
    kept = stored()
    (models / kept.path).rename(models.parent / "elsewhere")
    (models / kept.path).symlink_to(models.parent / "elsewhere")

    with pytest.raises(BrokenArtifact, match="leads out"):
        load(kept.path, kept.checksum)


@pytest.mark.parametrize("name", ["manifest.json", "arrays.npz"])
def test_a_device_is_not_read_for_ever(models: Path, name: str) -> None:
    kept = stored()
    (models / kept.path / name).unlink()
    (models / kept.path / name).symlink_to("/dev/zero")

    with pytest.raises(BrokenArtifact, match="there is no"):
        load(kept.path, kept.checksum)


def test_objects_are_never_stored() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        stored(evil=np.array([object()], dtype=object))


def test_an_evil_pickle_in_an_array_is_refused_and_not_run(models: Path, tmp_path: Path) -> None:
    trace = tmp_path / "it ran"
    evil = np.array([Evil(trace)], dtype=object)
    kept = forged(models, zipped(weights=npy(evil, allow_pickle=True)))

    with pytest.raises(BrokenArtifact, match="could run code"):
        load(kept.path, kept.checksum)

    assert not trace.exists()


def test_a_pickle_in_the_place_of_arrays_is_refused_and_not_run(
    models: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "it ran"
    kept = forged(models, pickle.dumps(Evil(trace)))

    with pytest.raises(BrokenArtifact, match="cannot be read"):
        load(kept.path, kept.checksum)

    assert not trace.exists()


def test_a_zip_bomb_is_refused_before_it_unpacks(models: Path) -> None:
    bomb = zipped(zipfile.ZIP_DEFLATED, weights=npy(np.zeros(10_000_000)))
    kept = forged(models, bomb)

    with pytest.raises(BrokenArtifact, match="unpack to more than they are"):
        load(kept.path, kept.checksum)


def test_nothing_compressed_is_read_however_small(models: Path) -> None:
    kept = forged(
        models, zipped(zipfile.ZIP_DEFLATED, weights=npy(np.random.default_rng(0).random(9)))
    )

    with pytest.raises(BrokenArtifact, match="compressed"):
        load(kept.path, kept.checksum)


def test_an_array_that_claims_to_be_huge_is_refused_before_memory_is_taken(models: Path) -> None:
    claim = npy(np.zeros(4)).replace(b"(4,), }", b"(9999999999999,), }")
    kept = forged(models, zipped(weights=claim))

    with pytest.raises(BrokenArtifact, match=r"not as large as it says|cannot be read"):
        load(kept.path, kept.checksum)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"\x93NUMPY\x09\x00" + b"\x00" * 90])
def test_rubbish_in_an_entry_is_refused(models: Path, content: bytes) -> None:
    kept = forged(models, zipped(weights=content))

    with pytest.raises(BrokenArtifact):
        load(kept.path, kept.checksum)


def test_a_manifest_that_makes_no_sense_is_refused(models: Path) -> None:
    kept = stored()
    (models / kept.path / "manifest.json").write_bytes(b"[]")

    with pytest.raises(BrokenArtifact, match="makes no sense"):
        verify(kept.path, hashlib.sha256(b"[]").hexdigest())


def test_a_writing_that_fails_half_way_leaves_nothing(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(artifacts, "_folder_to_disk", full)

    with pytest.raises(OSError, match="No space"):
        stored()

    assert list(models.iterdir()) == []


KILLED_WHILE_WRITING = """
import os, signal, sys
from django.conf import settings
settings.configure(ARTIFACT_DIR=sys.argv[1])
from retention.insights import artifacts
artifacts._manifest = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
artifacts.store("churn-1", parameters={}, arrays={"a": [1.0]})
"""


def test_a_process_killed_while_writing_leaves_nothing_that_could_be_served(
    models: Path,
) -> None:
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, str(models)]

    killed = subprocess.run(command, cwd=PROJECT_DIR, check=False)

    assert killed.returncode == -signal.SIGKILL
    assert [folder.name[:5] for folder in models.iterdir()] == [".tmp-"]


def test_removing_twice_is_fine(models: Path) -> None:
    kept = stored()

    remove(kept.path)
    remove(kept.path)

    assert list(models.iterdir()) == []
