"""How a benchmark speaks: what it measured, then one line a bar, and its exit code."""

import sys
from dataclasses import dataclass, field


@dataclass
class Bars:
    """Say each figure as it comes; `close` prints the bars and ends the program."""

    lines: list[str] = field(default_factory=list)
    short: bool = False

    def say(self, text: str) -> None:
        print(text, flush=True)

    def at_least(self, name: str, value: float, target: float) -> None:
        """value and target in one unit, which the name tells."""
        self._held(name, value, target, reached=value >= target)

    def at_most(self, name: str, value: float, target: float) -> None:
        """The same where less is better."""
        self._held(name, value, target, reached=value <= target)

    def close(self) -> None:
        print()
        print("\n".join(self.lines), flush=True)
        sys.exit(1 if self.short else 0)

    def _held(self, name: str, value: float, target: float, *, reached: bool) -> None:
        self.short |= not reached
        # A score below 10 says something in its third decimal.
        digits = 2 if abs(target) >= 10 else 4
        verdict = "ok" if reached else "SHORT"
        self.lines.append(f"BAR {name} {value:,.{digits}f} {target:,.{digits}f} {verdict}")
