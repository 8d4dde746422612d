"""What a file leaves open. A person answers, with an option or on a form; we never guess."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One thing the file does not settle. `option` is the answer's name in `Options`."""

    option: str
    asks: str
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    typed: str = ""
    """How the answer is written, where it is written and not chosen on a form."""

    @property
    def flag(self) -> str:
        """How the answer is given on a command line."""
        value = "|".join(self.choices) if self.choices else "..."
        return f"--{self.option} {value}"

    @property
    def at_a_terminal(self) -> str:
        return f"{self} {self.typed}" if self.typed else str(self)

    def __str__(self) -> str:
        seen = f" (for example {', '.join(self.examples)})" if self.examples else ""
        return f"{self.asks}{seen}"


class Unclear(Exception):
    """The file can be read in more than one way; nothing was read."""

    def __init__(self, name: str, questions: tuple[Question, ...]) -> None:
        self.name = name
        self.questions = questions
        asked = " ".join(f"{one.at_a_terminal} Answer with {one.flag}." for one in questions)
        super().__init__(f"{name}: {asked}")
