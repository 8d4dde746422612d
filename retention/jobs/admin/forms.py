import inspect
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminTextareaWidget

from retention.jobs.models import Schedule
from retention.jobs.registry import all_jobs

from .words import DAYS

WEEKDAYS = [(str(number), name) for number, name in enumerate(DAYS, start=1)]


class ScheduleForm(forms.ModelForm[Schedule]):
    """When a job runs: an interval, or a time of day on some days of the week."""

    job = forms.ChoiceField()
    weekdays = forms.MultipleChoiceField(
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Days of the week",
        help_text="For a time of day.",
    )
    zone = forms.ChoiceField(
        label="Time zone",
        help_text="Where clocks change, a time that comes twice is its first coming, and a time"
        " that never comes is the moment of the jump.",
    )

    class Meta:
        model = Schedule
        fields = (
            "name",
            "job",
            "arguments",
            "every_minutes",
            "at_time",
            "weekdays",
            "zone",
            "enabled",
        )
        labels = {"every_minutes": "Every so many minutes", "at_time": "Or at"}
        help_texts = {
            "name": "As it stands in the list of schedules.",
            "arguments": "What the job is told, as names and values; most need nothing: {}.",
            "every_minutes": "Either this, or a time of day below.",
        }
        widgets = {"arguments": AdminTextareaWidget(attrs={"rows": 2})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = {name: job for name, job in all_jobs().items() if job.schedulable}
        titles = sorted((job.title, name) for name, job in offered.items())
        given = self.instance.job
        if given and given not in all_jobs():
            titles.append((f"{given} (unknown to this version)", given))
        self._choices("job", [(name, title) for title, name in titles])
        self._choices("zone", [(zone, zone) for zone in sorted(available_timezones())])
        self.initial["weekdays"] = list(self.instance.weekdays)
        if not self.instance.pk:
            self.initial["zone"] = settings.TIME_ZONE

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_weekdays(self) -> str:
        return "".join(sorted(self.cleaned_data["weekdays"])) or "1234567"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("every_minutes")) == bool(cleaned.get("at_time")):
            self.add_error(
                "every_minutes", "Give either a number of minutes or a time of day, not both."
            )
        self._check_arguments(cleaned)
        return cleaned

    def _check_arguments(self, cleaned: dict[str, Any]) -> None:
        """The arguments are those the job takes: found out now, and not at two in the morning."""
        job, arguments = all_jobs().get(cleaned.get("job", "")), cleaned.get("arguments")
        if job is None:
            return
        if not isinstance(arguments, dict):
            self.add_error("arguments", 'Give names and values in braces, as in {"days": 90}.')
            return
        try:
            inspect.signature(job.work).bind(None, **arguments)
        except TypeError as error:
            self.add_error("arguments", f"{job.title}: {error}.")
