"""What a file leaves open. A person answers, with an option or on a form; we never guess."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One thing the file does not settle. `option` is the answer's name in `Options`."""

    option: str
    asks: str
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """How the answer is given on a command line."""
        value = "|".join(self.choices) if self.choices else "..."
        return f"--{self.option} {value}"

    def __str__(self) -> str:
        seen = f" (for example {', '.join(self.examples)})" if self.examples else ""
        return f"{self.asks}{seen}"


class Unclear(Exception):
    """The file can be read in more than one way; nothing was read."""

    def __init__(self, name: str, questions: tuple[Question, ...]) -> None:
        self.name = name
        self.questions = questions
        asked = " ".join(f"{question} Answer with {question.flag}." for question in questions)
        super().__init__(f"{name}: {asked}")
