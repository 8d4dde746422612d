"""REC-1, memory: the peak above the data while both sides learn, each in a process of its own."""

import ctypes
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.bars import Bars
from benchmarks.recommending.speed import FACTORS, crowd
from retention.learning.recommend.als import ImplicitALS

ITERATIONS = 2


def memory(bars: Bars, size: tuple[int, int, int]) -> None:
    """What learning takes beyond the events, ours to implicit's: factors, copies, blocks."""
    ours, theirs = (_peak_apart(side, size) for side in ("ours", "implicit"))
    customers, products, n = size
    bars.say(f"\nMemory of learning beyond {n:,} events, {customers:,} x {products:,}")
    bars.say(f"  {ours / 1e6:,.0f} MB, implicit {theirs / 1e6:,.0f} MB")
    bars.at_most(f"REC-1-als-memory-{products}", ours / theirs, 1.2)


def _peak_apart(side: str, size: tuple[int, int, int]) -> float:
    run = [sys.executable, "-m", "benchmarks.recommending.memory", side, *map(str, size)]
    return float(subprocess.run(run, check=True, capture_output=True, text=True).stdout)


def _measure(side: str, size: tuple[int, int, int]) -> int:
    """Bytes, from the same events to a model that has learned; implicit wants them as a matrix."""
    events = crowd(*size)
    if side == "ours":
        model = ImplicitALS(factors=FACTORS, iterations=ITERATIONS)
        return peak_above(lambda: model.fit(events, at_day=1.0))
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    peer = AlternatingLeastSquares(factors=FACTORS, iterations=ITERATIONS)
    return peak_above(lambda: peer.fit(csr_matrix(events.matrix(1.0)), show_progress=False))


def peak_above(work: Callable[[], object]) -> int:
    """Bytes resident at the peak of some work, beyond those before it."""
    start = _restart()
    work()
    return _status("VmHWM") - start


def _restart() -> int:
    """Give back what is free, forget the peak (proc(5), clear_refs); the bytes resident now."""
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status names no {name}: memory can be measured on Linux only.")


if __name__ == "__main__":
    side, *size = sys.argv[1:]
    customers, products, n = map(int, size)
    print(_measure(side, (customers, products, n)))
