"""After how long customers order again: the curve, and who is past each day without."""

import math
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from retention.insights.analysis.ordering import Found
from retention.insights.analysis.repurchase import DAYS, Band, repurchase, waiting
from retention.insights.analysis.telling import told_waits
from retention.insights.conditions.asking import TookTooLong, within
from retention.insights.selectors import known_until
from retention.learning.measure.intervals import Estimate
from retention.present import charts
from retention.present.charts import Series
from retention.present.groups import HIDDEN_CELL
from retention.present.lists import VIEW_CUSTOMER
from retention.present.templatetags.present import number, percent

from .analysis import SECONDS
from .behind import VIEW_SEGMENT, url_of
from .pages import page_of

STEP = 5
TONES = {1: "s1", 2: "s3", 3: "s2"}


@permission_required(VIEW_SEGMENT, raise_exception=True)
def repurchase_page(request: HttpRequest) -> HttpResponse:
    may_open, at = request.user.has_perm(VIEW_CUSTOMER), known_until(timezone.now())
    shown: dict[str, Any] = {"as_of": at, "may_open": may_open}
    try:
        with within(SECONDS):
            bands = [band for band in repurchase(at=at) if band.waits]
    except TookTooLong as refused:
        messages.error(request, str(refused))
    else:
        shown |= {
            "bands": [_told(band) for band in bands],
            "curve": _curve(bands, may_open=may_open),
            "days": _days(bands, may_open=may_open),
        }
    return page_of(request, "analysis/repurchase", "When they order again", **shown)


def half_of(band: Band) -> str:
    """By when half have ordered again, in words."""
    median = band.survival.median
    if math.isnan(median.value):
        known = [(day, share) for day in DAYS if (share := band.share(day))]
        if not known:
            return "Not known yet: too few are watched"
        last, share = known[-1]
        return f"Fewer than half: {percent(share.value, 0)} within {last} days"
    days = f"{median.value:.0f} day{'' if median.value == 1 else 's'}"
    return f"Half have ordered again within {days}"


def _told(band: Band) -> dict[str, Any]:
    median = band.survival.median
    high = "no end" if math.isinf(median.high) else f"{median.high:.0f}"
    known = "" if math.isnan(median.value) else f"95% interval {median.low:.0f} to {high} days"
    return {"label": band.label, "half": half_of(band), "interval": known, "waits": band.waits}


def _curve(bands: list[Band], *, may_open: bool) -> str:
    days = range(0, DAYS[-1] + 1, STEP)
    return charts.line(
        [f"{day} days" for day in days],
        [_series(band, [band.share(day) for day in days]) for band in bands],
        title="Share who have ordered again, by days since",
        form=lambda share: percent(share, 0),
        urls=[_url(Found(1, waiting(day)), day, "the last order") for day in days]
        if may_open
        else (),
        width=960,
        height=300,
    )


def _series(band: Band, shares: list[Estimate | None]) -> Series:
    return Series(
        f"after {band.label}",
        [one.value if one else None for one in shares],
        TONES[band.after],
        low=[one.low if one else None for one in shares],
        high=[one.high if one else None for one in shares],
    )


def _days(bands: list[Band], *, may_open: bool) -> list[dict[str, Any]]:
    told = [told_waits(band) for band in bands]
    return [
        {
            "day": day,
            "cells": [
                _cell(band, day, told=may_open or those[day], may_open=may_open)
                for band, those in zip(bands, told, strict=True)
            ],
        }
        for day in DAYS
    ]


def _cell(band: Band, day: int, *, told: bool, may_open: bool) -> dict[str, str]:
    share, found = band.share(day), band.waiting[day]
    return {
        "share": percent(share.value, 0) if share else "–",
        "interval": f"{percent(share.low, 0)} to {percent(share.high, 0)}" if share else "",
        "waiting": number(found.count) if told else HIDDEN_CELL,
        "url": _url(found, day, band.label) if may_open and found.count else "",
    }


def _url(found: Found, day: int, label: str) -> str:
    name = f"No order in the {day} days since {label}"
    return url_of(found.rule, name)
