"""Whether the feed is whole: days without events, weeks unlike the others, clocks, what has no
product."""

from collections.abc import Collection
from typing import Any

import numpy as np

from retention.learning.panel import SECONDS_A_DAY, BoolArray, FloatArray, IntArray, Kind
from retention.learning.quality.log import Found, Log, Problem, ends, part

WEEK = 7
RECENT_DAYS = 28
MONDAY = 4
"""1 January 1970 was a Thursday: day 4 was a Monday."""
NEAR_WEEKS, USUAL_EVENTS = 4, 10
LONGEST_NIGHT, DAY_FROM, DAY_UNTIL, ASLEEP = 6, 8, 22, 0.05
REFERENCE, FEWEST_WEEKS, FEWEST_EVENTS = 8, 4, 100
SPREADS, FACTOR = 6.0, 2.0
MOST = 5
NO_TIME = 0.95
FAR_DAYS, FAR_SHARE = 365, 0.01
LATE = 0.01
UNNAMED = 0.005


def gaps(log: Log, *, today: int | None = None) -> list[Found]:
    """Days without any event where that day of the week usually has some, in runs.

    today : since 1970; the days before it are over, those after the last event too. None where
    the data ends with that.
    """
    if not len(log):
        return []
    first, events = _daily(log.second, today)
    usual = _usual(events)
    missing = np.flatnonzero((events == 0) & (usual >= USUAL_EVENTS))
    if not len(missing):
        return []
    runs = _runs(missing, events)
    told = sorted(runs, key=lambda run: -run["missed"])[:MOST]
    for run in runs:
        run["first"], run["last"] = run["first"] + first, run["last"] + first
    ends_at = (missing + first) * SECONDS_A_DAY
    share = part(usual[missing].sum(), usual[missing].sum() + len(log))
    n = len(missing)
    evidence = {
        "runs": told,
        "of_runs": len(runs),
        "longest": max(run["days"] for run in runs),
        "recent": int((missing >= len(events) - RECENT_DAYS).sum()),
    }
    return [Found(Problem.GAPS, share, n, len(events), **ends(ends_at), evidence=evidence)]


def _daily(second: IntArray, today: int | None) -> tuple[int, IntArray]:
    """The first day since 1970, and the events of each day from then on, until today."""
    day = second // SECONDS_A_DAY
    first = int(day.min())
    return first, np.bincount(day - first, minlength=max((today or first) - first, 0))


def _usual(events: IntArray) -> FloatArray:
    """What each day's weekday has in the four weeks before and after, at the median; (days,)."""
    steps = [week * WEEK for week in range(-NEAR_WEEKS, NEAR_WEEKS + 1) if week]
    around = np.full((len(steps), len(events)), np.nan)
    for row, step in enumerate(steps):
        to = slice(max(-step, 0), min(len(events) - step, len(events)))
        of = slice(max(step, 0), min(len(events) + step, len(events)))
        if to.start < to.stop:
            around[row, to] = events[of]
    enough = (~np.isnan(around)).sum(axis=0) >= NEAR_WEEKS
    usual = np.zeros(len(events))
    if enough.any():
        usual[enough] = np.nanmedian(around[:, enough], axis=0)
    return usual


def _runs(missing: IntArray, events: IntArray) -> list[dict[str, int]]:
    """Neighbouring days as one run; a day that never sells does not part them."""
    usual = _usual(events)
    runs: list[dict[str, int]] = []
    for day in missing.tolist():
        joined = runs and not events[runs[-1]["last"] : day].any()
        if joined:
            runs[-1]["last"] = day
            runs[-1]["days"] += 1
            runs[-1]["missed"] += round(usual[day])
        else:
            runs.append({"first": day, "last": day, "days": 1, "missed": round(usual[day])})
    return runs


def changes(log: Log) -> list[Found]:
    """Weeks whose volume, share without a product or mean price is unlike the eight before."""
    if not len(log):
        return []
    week = (log.second // SECONDS_A_DAY - MONDAY) // WEEK
    first, n = int(week.min()), int(week.max() - week.min()) + 1
    bought = log.kind == Kind.PURCHASE
    events, lines = _sum(week, first, n), _sum(week[bought], first, n)
    unnamed = _sum(week[bought & (log.product < 0)], first, n)
    money = _sum(week[bought], first, n, weights=log.amount[bought])
    told = [
        *_sudden("events", events / np.maximum(_days_open(log, first, n), 1), events, first),
        *_sudden("without_product", _ratio(unnamed, lines), lines, first),
        *_sudden("mean_price", _ratio(money, lines), lines, first),
    ]
    if not told:
        return []
    told.sort(key=lambda one: -one["strength"])
    weeks = np.unique([one["week"] for one in told])
    concerned = np.isin(week, weeks)
    recent = int(weeks.max()) >= first + n - 1 - RECENT_DAYS // WEEK
    evidence = {"weeks": told[:MOST], "of_weeks": len(weeks), "recent": recent}
    share = part(concerned.sum(), len(log))
    seconds = log.second[concerned]
    return [Found(Problem.CHANGE, share, len(weeks), n, **ends(seconds), evidence=evidence)]


def _sum(week: IntArray, first: int, n: int, *, weights: IntArray | None = None) -> FloatArray:
    return np.bincount(week - first, weights=weights, minlength=n).astype(np.float64)


def _ratio(part_: FloatArray, whole: FloatArray) -> FloatArray:
    ratio: FloatArray = np.divide(part_, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return ratio


def _days_open(log: Log, first: int, n: int) -> FloatArray:
    """Days with events in each week: what is missing whole is a gap, and no change."""
    days = np.unique(log.second // SECONDS_A_DAY)
    return _sum((days - MONDAY) // WEEK, first, n)


def _sudden(what: str, value: FloatArray, support: FloatArray, first: int) -> list[dict[str, Any]]:
    """Weeks, first and last left out as parts of weeks, that stand out of the eight before."""
    told = []
    for at in range(1, len(value) - 1):
        before = slice(max(at - REFERENCE, 1), at)
        past = value[before][support[before] >= FEWEST_EVENTS]
        if len(past) < FEWEST_WEEKS or support[at] < 1 or np.isnan(value[at]):
            continue
        usual = float(np.median(past))
        spread = 1.4826 * float(np.median(np.abs(past - usual)))
        away = abs(float(value[at]) - usual)
        if away > max(SPREADS * spread, _least(what, usual, float(value[at]))):
            told.append(
                {
                    "week": first + at,
                    "what": what,
                    "value": float(value[at]),
                    "usual": usual,
                    "strength": away / max(usual, 1e-9),
                }
            )
    return told


def _least(what: str, usual: float, value: float) -> float:
    """How far away is far at least: double or half; ten points for a share."""
    if what == "without_product":
        return 0.1
    return usual * (FACTOR - 1) if value > usual else usual * (1 - 1 / FACTOR)


def clock(log: Log) -> list[Found]:
    """Times that cannot be the shop's: days only, nights at noon, years away, clocks ahead."""
    known = log.take(log.learned)
    if len(known) < FEWEST_EVENTS:
        return []
    signs: dict[str, Any] = {}
    shares = [0.0]
    days_only = float(_share_of_one_time(known.second))
    if days_only >= NO_TIME:
        signs["days_only"] = days_only
    elif night := _night_at_day(known.second):
        signs["night"] = night
        shares.append(1.0)
    if ahead := int(known.corrected.sum()):
        shares.append(part(ahead, len(known)))
        if shares[-1] >= LATE:
            signs["ahead"] = ahead
    if far := _far(known.second):
        signs["far"] = far
        shares.append(part(far["events"], len(known)))
    if not signs:
        return []
    share = max(shares) if signs.keys() != {"days_only"} else 0.0
    concerned = signs.get("ahead", 0) + signs.get("far", {}).get("events", 0) or len(known)
    return [
        Found(Problem.CLOCK, share, concerned, len(known), **ends(known.second), evidence=signs)
    ]


def _share_of_one_time(second: IntArray) -> float:
    """How many events happened at the commonest second of the day: at midnight, days only."""
    return float(np.bincount(second % SECONDS_A_DAY).max()) / len(second)


def _night_at_day(second: IntArray) -> dict[str, Any] | None:
    """The shop's quietest six hours, where they lie in the day: its time zone is another's."""
    hours = np.bincount(second % SECONDS_A_DAY // 3600, minlength=24)
    windows = np.array([np.roll(hours, -start)[:LONGEST_NIGHT].sum() for start in range(24)])
    start = int(windows.argmin())
    share = part(windows[start], hours.sum())
    if share > ASLEEP or not DAY_FROM <= start <= DAY_UNTIL - LONGEST_NIGHT:
        return None
    return {"from": start, "until": start + LONGEST_NIGHT, "busiest": int(hours.argmax())}


def _far(second: IntArray) -> dict[str, int] | None:
    """The few events before a silence of a year, at the beginning."""
    day = np.sort(second // SECONDS_A_DAY)
    silences = np.flatnonzero(np.diff(day) > FAR_DAYS)
    before = silences[silences < FAR_SHARE * len(day)]
    if not len(before):
        return None
    last = int(before[-1])
    return {"events": last + 1, "last_day": int(day[last]), "then_day": int(day[last + 1])}


def unknown_products(log: Log, bare: Collection[int]) -> list[Found]:
    """Purchases without a product, and of products of which nothing but the id is known.

    bare : the ids of those products.
    """
    sold = log.of(Kind.PURCHASE)
    nothing = sold.product < 0
    only_id: BoolArray = np.isin(sold.product, np.fromiter(bare, dtype=np.int64, count=len(bare)))
    either = nothing | only_id
    share = part(either.sum(), len(sold))
    if share < UNNAMED:
        return []
    evidence = {
        "without": int(nothing.sum()),
        "bare": int(only_id.sum()),
        "bare_products": len(np.unique(sold.product[only_id])),
        "events": sold.event[either][:50].tolist(),
    }
    seconds, n = sold.second[either], int(either.sum())
    return [Found(Problem.UNKNOWN, share, n, len(sold), **ends(seconds), evidence=evidence)]
