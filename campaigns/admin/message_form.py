from django import forms

from campaigns.letters import PLACEHOLDERS
from campaigns.models import Channel
from campaigns.services.word_message import MessagePlan

FIRST_SUBJECT = "{first name|Hello}, {offer} at {shop}"
FIRST_BODY = """Hi {first name|there},

we would like to see you again. With this code you get {offer}:

{code}

It is yours until {valid until}.

You may like:
{products they may like}

No more messages like this: {unsubscribe}"""
"""What a message begins with, to be changed."""


class MessageForm(forms.Form):
    channel = forms.ChoiceField(
        choices=Channel.choices, widget=forms.RadioSelect, label="How it reaches them"
    )
    subject = forms.CharField(required=False, max_length=150)
    body = forms.CharField(
        required=False,
        max_length=5000,
        label="Text",
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="An empty line begins a paragraph.",
    )
    at_best_hour = forms.BooleanField(
        required=False,
        label="At their best hour",
        help_text="Wait for the weekday and hour at which each is usually in the shop.",
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    placeholders = tuple(PLACEHOLDERS.items())

    def plan(self) -> MessagePlan:
        """What it asks for, whether or not it is sound; line ends as everywhere else."""
        given = self.cleaned_data
        return MessagePlan(
            channel=given.get("channel", ""),
            subject=given.get("subject", "").strip(),
            body=given.get("body", "").replace("\r\n", "\n"),
            at_best_hour=given.get("at_best_hour", False),
        )

    def say(self, problems: dict[str, str]) -> None:
        for field, said in problems.items():
            if field not in self.errors:
                self.add_error(field if field in self.fields else None, said)
