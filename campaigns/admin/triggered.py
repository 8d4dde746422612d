"""A campaign with a trigger in the words and pictures of its pages."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils.timezone import localtime

from campaigns.models import Campaign
from campaigns.selectors.admissions import admissions_of
from campaigns.selectors.preview import Preview
from campaigns.selectors.waves import ArmOfWave, WaveSeen, wave_now
from retention.present.charts import Series, stacked
from retention.present.templatetags.present import counted, number, percent

Trigger = Campaign.Trigger
COLUMNS = (("Day", ""), ("Coupon", "number"), ("Control", "number"))


def when(campaign: Campaign) -> str:
    """The trigger in words: "Basket left for 4 hours"; empty where there is none."""
    value = campaign.trigger_value or 0
    match campaign.trigger:
        case Trigger.BASKET:
            return f"Basket left for {number(value, 1).removesuffix('.0')} hours"
        case Trigger.RISK:
            return f"Risk of leaving rises to {percent(value, 0)}"
        case Trigger.OVERDUE:
            times = number(value, 2).rstrip("0").rstrip(".")
            return f"Next order overdue: {times} times their usual gap"
        case Trigger.WAVES:
            return f"In waves, {_days(campaign)} apart"
    return ""


def admissions(campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """Who came in so far, for its page; nothing without a trigger."""
    if not campaign.trigger:
        return {}
    found = admissions_of(campaign, at=at)
    labels = [f"{one.day:%-d %b}" for one in found.days]
    chart = stacked(
        labels,
        [
            Series("Coupon", [float(one.treated) for one in found.days]),
            Series("Control", [float(one.control) for one in found.days], tone="s2"),
        ],
        title="Customers admitted a day",
        desc="Of each day since the launch, those drawn for a coupon and those of the control.",
        form=number,
        empty="Nobody yet.",
        width=640,
    )
    rows = [
        [label, number(one.treated), number(one.control)]
        for label, one in zip(labels, found.days, strict=True)
        if one.treated or one.control
    ]
    return {
        "admissions": found,
        "admitted_chart": chart,
        "admitted_rows": rows,
        "admitted_columns": COLUMNS,
    }


def until_words(campaign: Campaign) -> str:
    """ "until the end of 3 March 2027", or until a moment; empty where there is no trigger."""
    if campaign.admits_until is None:
        return ""
    last = localtime(campaign.admits_until)
    if last.time() == time():
        return f"until the end of {last - timedelta(microseconds=1):%-d %B %Y}"
    return f"until {last:%-d %B %Y, %H:%M}"


def notes(campaign: Campaign, seen: Preview) -> dict[str, str]:
    """What stands beside the figures of a preview."""
    if seen.waves:
        return {
            "treated_note": f"customers are expected to, in {counted(seen.waves, 'wave')}",
            "control_note": _control_note(seen),
            "detectable_note": "of customers kept, 4 times in 5, once all are in",
            "volume": waves_words(campaign, seen),
        }
    if not seen.volumes:
        return {
            "treated_note": "customers, were it launched now",
            "control_note": "get nothing and prove the effect",
            "detectable_note": "of customers kept, 4 times in 5",
        }
    first, last = seen.volumes[0], seen.volumes[-1]
    told = " and to ".join(
        f"{counted(one.customers, 'customer')} in the last {one.days} days" for one in seen.volumes
    )
    a_day = number(last.customers / last.days, 1)
    return {
        "treated_note": f"customers are expected to in {first.days} days",
        "control_note": _control_note(seen),
        "detectable_note": f"with about {counted(seen.by_the_end, 'customer')} by the last day",
        "volume": f"It happened to {told}: about {a_day} a day. The figures below are those of the"
        f" last {first.days} days, had it run, under today's rules; each customer comes in once.",
    }


def _control_note(seen: Preview) -> str:
    low, high = map(number, seen.control_between)
    return f"get nothing and prove the effect; {low} to {high}, as the lot falls"


def waves_words(campaign: Campaign, seen: Preview) -> str:
    """How waves work, with their numbers."""
    each = counted(round(seen.chosen / seen.waves), "customer")
    said = (
        f"Customers come in in {counted(seen.waves, 'wave')}, {_days(campaign)} apart: about {each}"
        f" each, a fair sample of all of them, {percent(campaign.control_share, 0)} of each as"
        " control. Each wave leaves the later ones their equal part of the budget."
    )
    if campaign.assigning != Campaign.Assigning.SHIFT:
        return said
    if seen.waves == 1:
        return f"{said} With one wave nothing can shift: choose fewer days or a later last day."
    return (
        f"{said} The first wave shares the offers equally. Each later one gives an offer as often"
        f" as it is likely to be the best by who ordered within {_days(campaign)}, and no offer"
        " less than a quarter of an equal share. It counts customers, not what the offers cost."
    )


def where_in_waves(campaign: Campaign, *, at: datetime) -> str:
    """ "wave 2 of 4, next on 3 December"; empty where it is in none, or does not go on."""
    found = wave_now(campaign, at=at)
    if found is None or campaign.has_ended:
        return ""
    said = f"wave {found.number} of {found.of}" if found.number else f"{found.of} waves"
    if found.number == found.of:
        return f"{said}, the last"
    if found.next_at is None:
        is_paused = campaign.state == Campaign.State.PAUSED
        return f"{said}, {'none while it is paused' if is_paused else 'no more come'}"
    if found.next_at <= at:
        return f"{said}, the next is due"
    return f"{said}, next on {localtime(found.next_at):%-d %B}"


def wave_columns(waves: Sequence[WaveSeen]) -> list[tuple[str, str]]:
    """Of the table of waves."""
    offers = [(arm.offer, "number") for arm in waves[0].arms] if waves else []
    return [("Wave", ""), ("Opened", ""), *offers, ("Control", "number")]


def wave_rows(waves: Sequence[WaveSeen]) -> list[list[str]]:
    """A row a wave: of each offer its share, its customers, and how sure it was the best."""
    return [
        [
            number(wave.number),
            f"{localtime(wave.opened_at):%-d %b %Y}",
            *(_arm_words(arm) for arm in wave.arms),
            number(wave.control),
        ]
        for wave in waves
    ]


def _arm_words(arm: ArmOfWave) -> str:
    share = f"{percent(arm.share, 0)} ({number(arm.customers)})"
    return f"{share}; best: {percent(arm.best, 0)} sure" if arm.known else share


def _days(campaign: Campaign) -> str:
    days = number(campaign.trigger_value or 0, 1).removesuffix(".0")
    return f"{days} day{'' if days == '1' else 's'}"
