"""The supervisor's promises, kept by real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retention.env import PROJECT_DIR
from retention.supervisor import Child, supervise
from retention.supervisor.guard import Guard
from retention.supervisor.keeper import Keeper

SCRIPT = """
import sys
from retention.supervisor import Child, supervise
code = sys.argv[1:]
children = [Child(name=f"child{n}", argv=[sys.executable, "-u", "-c", each])
            for n, each in enumerate(code)]
sys.exit(supervise(children, on_ready=lambda: print("ready", flush=True), grace_seconds=1))
"""
SLEEPER = "import os, time; print('pid', os.getpid()); time.sleep(100)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
PARENT = f"import subprocess, sys;subprocess.run([sys.executable, '-u', '-c', {SLEEPER!r}])"

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """A supervisor of children that run the given code."""
    started = []

    def make(*code: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *code],
            cwd=PROJECT_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield make
    for process in started:
        process.kill()
        process.communicate()


def pid_said_by(supervisor: "subprocess.Popen[str]", *, name: str = "child0") -> int:
    assert supervisor.stdout is not None
    for line in supervisor.stdout:
        if line.startswith(name) and "pid" in line:
            return int(line.split()[-1])
    raise AssertionError(f"{name} never said its pid.")


def is_gone(pid: int) -> bool:
    for _ in range(50):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or ") Z " in stat.read_text():
            return True
        time.sleep(0.1)
    return False


def test_a_dead_child_is_started_again(start: Start) -> None:
    supervisor = start(SLEEPER)
    first = pid_said_by(supervisor)

    os.kill(first, signal.SIGKILL)

    assert pid_said_by(supervisor) != first


def test_each_line_carries_the_name_of_its_child(start: Start) -> None:
    supervisor = start("print('hello')", SLEEPER)

    assert supervisor.stdout is not None
    assert "child0   │ hello\n" in iter(supervisor.stdout.readline, "")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_all_children(start: Start, how: signal.Signals) -> None:
    supervisor = start(SLEEPER)
    child = pid_said_by(supervisor)

    supervisor.send_signal(how)

    assert supervisor.wait(timeout=10) == 0
    assert is_gone(child)


def test_a_child_that_does_not_listen_is_killed_after_the_grace(start: Start) -> None:
    supervisor = start(DEAF)
    child = pid_said_by(supervisor)

    supervisor.terminate()

    assert supervisor.wait(timeout=10) == 0
    assert is_gone(child)


def test_a_grandchild_goes_with_its_parent(start: Start) -> None:
    supervisor = start(PARENT)
    grandchild = pid_said_by(supervisor)

    supervisor.terminate()

    supervisor.wait(timeout=10)
    assert is_gone(grandchild)


def test_nobody_outlives_a_supervisor_that_is_killed(start: Start) -> None:
    supervisor = start(PARENT)
    grandchild = pid_said_by(supervisor)

    supervisor.kill()

    assert is_gone(grandchild)


def test_a_child_that_never_gets_to_its_feet_ends_it_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retention.supervisor.keeper.LONGEST_PAUSE", 0.01)
    broken = Child(name="web", argv=[sys.executable, "-c", "raise SystemExit('port in use')"])

    assert supervise([broken]) == 1
    said = capsys.readouterr().out
    assert said.count("web      │ port in use") == 5
    assert "has ended soon 5 times in a row" in said


def test_what_is_hushed_is_not_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    code = "print('worker: bye'); print('a word'); raise SystemExit(1)"
    child = Child(name="web", argv=[sys.executable, "-c", code], hush=("worker: ",))

    with Guard() as guard:
        keeper = Keeper(child, 36, guard)
        keeper.look_after()
        assert keeper.process is not None
        keeper.process.wait()
        keeper.kill()

    assert capsys.readouterr().out == "web      │ a word\n"


def test_ready_is_said_once_all_are(start: Start) -> None:
    supervisor = start(SLEEPER, SLEEPER)

    assert supervisor.stdout is not None
    assert "ready\n" in iter(supervisor.stdout.readline, "")
