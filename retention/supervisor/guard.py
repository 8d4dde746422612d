"""If the supervisor is killed, nobody it started is left behind."""

import contextlib
import subprocess
import sys


class Guard:
    """Another process, which kills our children if we are killed: its pipe closes."""

    CODE = (
        "import os, signal, sys\n"
        "groups = set()\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "for line in sys.stdin:\n"
        "    (groups.add if line[0] == '+' else groups.discard)(int(line[1:]))\n"
        "for group in groups:\n"
        "    try: os.killpg(group, signal.SIGKILL)\n"
        "    except ProcessLookupError: pass\n"
    )

    def __enter__(self) -> "Guard":
        self.process = subprocess.Popen(  # noqa: S603 - our own lines
            [sys.executable, "-I", "-S", "-c", self.CODE],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.process.communicate()

    def watch(self, group: int) -> None:
        self._say(f"+{group}")

    def forget(self, group: int) -> None:
        self._say(f"-{group}")

    def _say(self, line: str) -> None:
        # Without its guard the family still runs; it is only less well protected.
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.write(f"{line}\n")
                self.process.stdin.flush()
