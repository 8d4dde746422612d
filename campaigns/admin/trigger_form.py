"""When customers come into a campaign: all at its launch, or as something happens."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.timezone import localdate, localtime, make_aware

from campaigns.models import Campaign
from campaigns.plans import LONGEST_ADMITTING, TOO_FAR, CampaignPlan

Trigger = Campaign.Trigger
VALUES: Final = {
    Trigger.BASKET: ("basket_hours", 1.0),
    Trigger.RISK: ("rises_percent", 100.0),
    Trigger.OVERDUE: ("overdue_times", 1.0),
    Trigger.WAVES: ("wave_days", 1.0),
}
"""The field that asks for the value of a trigger, and how many of its units make one."""


def _last_day() -> date:
    return localdate() + LONGEST_ADMITTING - timedelta(days=1)


class TriggerForm(forms.Form):
    trigger = forms.ChoiceField(
        choices=Trigger.choices,
        required=False,
        widget=forms.RadioSelect,
        label="Customers come in",
        help_text="As something happens: looked at every five minutes, each customer once, under"
        " the same limits and with the same control. No band or segment is needed then. In waves: a"
        " part of the band or segment at a time, each a fair sample of it.",
    )
    basket_hours = forms.FloatField(
        required=False,
        initial=4,
        label="Basket left for",
        help_text="Hours since the last product was put in, without an order.",
    )
    rises_percent = forms.FloatField(
        required=False,
        initial=60,
        label="Risk rises to",
        help_text="Percent. It was below when it was scored before, or is scored for the first"
        " time.",
    )
    overdue_times = forms.FloatField(
        required=False,
        initial=1.5,
        label="Overdue after",
        help_text="Times the days that usually pass between this customer's orders.",
    )
    wave_days = forms.FloatField(
        required=False,
        initial=14,
        label="Days from wave to wave",
        help_text="Where offers shift to what works, it shows by orders within these days.",
    )
    trigger_already = forms.BooleanField(
        required=False,
        label="Also whoever it is true of already when it is launched",
    )
    admits_until = forms.DateField(
        required=False,
        validators=[MaxValueValidator(_last_day, message=TOO_FAR)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        label="Until the end of",
        help_text="Nobody comes in afterwards. Each customer is measured from their own day on.",
    )


def trigger_asked_for(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a plan, from those of the form that were filled in."""
    chosen = given.get("trigger", "")
    if chosen not in VALUES:
        return {"trigger": chosen}
    field, units = VALUES[Trigger(chosen)]
    value, last = given.get(field), given.get("admits_until")
    return {
        "trigger": chosen,
        "trigger_value": None if value is None else value / units,
        "trigger_already": given.get("trigger_already", False),
        "admits_until": _end_of(last) if last else None,
    }


def trigger_filled_in(plan: CampaignPlan) -> dict[str, Any]:
    """The trigger of a draft as the form shows it."""
    if not plan.trigger or plan.trigger_value is None or plan.admits_until is None:
        return {}
    field, units = VALUES[Trigger(plan.trigger)]
    return {
        "trigger": plan.trigger,
        field: round(plan.trigger_value * units, 6),
        "trigger_already": plan.trigger_already,
        # Midnight is the end of the day before.
        "admits_until": localtime(plan.admits_until - timedelta(microseconds=1)).date(),
    }


def field_of(name: str, trigger: str) -> str:
    """Where the form asks for a field of a plan."""
    if name == "trigger_value" and trigger in VALUES:
        return VALUES[Trigger(trigger)][0]
    return name


def _end_of(day: Any) -> datetime:
    return make_aware(datetime.combine(day + timedelta(days=1), time()))
