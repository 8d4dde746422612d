from typing import Any, NoReturn

from rest_framework import serializers


class Choice(serializers.ChoiceField):
    """A choice that comes in. What is none is refused with those that there are."""

    default_error_messages = {"invalid_choice": "There is no {input!r}. Choose from {there}."}

    def fail(self, key: str, **given: Any) -> NoReturn:
        super().fail(key, there=choices_in_words(self.choices), **given)


def choices_in_words(choices: Any) -> str:
    return ", ".join(str(choice) for choice in choices)
