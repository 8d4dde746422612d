"""When one fact about a customer's orders changes, the others that hang on it follow.

Orders are counted by age in the windows the features look at; the last order lies in the youngest
window that has one, the first in the oldest. Whatever is asked, the counts and days stay those of
a history that could have happened.
"""

from dataclasses import dataclass
from math import ceil, floor, inf, isnan, nan
from typing import Final

Facts = dict[str, float]

AGES: Final = (0.0, 30.0, 90.0, 180.0, 365.0, inf)
WINDOWS: Final = {"orders_30": 0, "orders_90": 1, "orders_365": 3}
"""The last bucket of ages that each count takes in."""
_OF_GAPS: Final = ("usual_gap_days", "overdue_ratio", "gap_spread", "last_gap_ratio")


@dataclass
class _History:
    """since, tenure : days since the last and the first order. counts : orders by age."""

    since: float
    tenure: float
    counts: list[int]

    @property
    def n(self) -> int:
        return sum(self.counts)

    def upto(self, bucket: int) -> int:
        """Orders of this bucket's age and younger."""
        return sum(self.counts[: bucket + 1])


def order_counts(facts: Facts) -> list[int]:
    """Orders by age, one number for each pair of AGES."""
    whole = round(facts["orders_a_month"] * max(facts["days_since_first_order"], 30.0) / 30)
    half = 2 * facts["orders_90"] - facts["orders_trend_90"]
    up_to = [facts["orders_30"], facts["orders_90"], half, facts["orders_365"], whole]
    return [round(b - a) for a, b in zip([0.0, *up_to], up_to, strict=False)]


def follow_orders(was: Facts, asked: Facts) -> Facts:
    """Rhythm and frequency after the asked facts changed, as far as they had to."""
    history = _History(was["days_since_last_order"], was["days_since_first_order"], [])
    history.counts = order_counts(was)
    many = history.n
    _ask_counts(history, asked)
    _place_last(history, was, asked)
    _place_first(history, was, asked)
    days = _order_days(history, was, asked, more=history.n - many)
    return _facts(history, was | asked, days)


def _ask_counts(history: _History, asked: Facts) -> None:
    kept = -1
    counts = history.counts
    for name, last in WINDOWS.items():
        if name not in asked:
            continue
        more = round(asked[name]) - history.upto(last)
        if more > 0:
            there = [j for j in range(kept + 1, last + 1) if AGES[j] < history.tenure]
            counts[there[-1] if there else kept + 1] += more
        for j in range(last, kept, -1):
            gone = min(counts[j], max(-more, 0))
            counts[j] -= gone
            more += gone
        if not history.n:
            # Who is asked about has ordered once at least: then it was longer ago.
            counts[last + 1] = 1
        kept = last


def _place_last(history: _History, was: Facts, asked: Facts) -> None:
    """The day of the last order, and the orders younger than it moved behind it."""
    counts = history.counts
    if "days_since_last_order" not in asked:
        # Of one order the first is the last.
        if history.n == 1 and "days_since_first_order" in asked:
            history.since = asked["days_since_first_order"]
            counts[:] = [int(j == _bucket(history.since)) for j in range(len(counts))]
        history.since = _within(history.since, next(j for j, n in enumerate(counts) if n))
        return
    history.since = asked["days_since_last_order"]
    here = _bucket(history.since)
    counts[here] += sum(counts[:here])
    counts[:here] = [0] * here
    if not counts[here]:
        counts[next(j for j, n in enumerate(counts) if n)] -= 1
        counts[here] = 1


def _place_first(history: _History, was: Facts, asked: Facts) -> None:
    """The day of the first order, and the orders older than it moved before it."""
    counts = history.counts
    if "usual_gap_days" in asked and was["usual_gap_days"] > 0:
        gap = asked["usual_gap_days"]
        apart = (history.tenure - history.since) * gap / was["usual_gap_days"]
        # At least half of the gaps are no shorter than the usual one.
        longest = gap * ceil((was["order_days_total"] - 1) / 2)
        history.tenure = history.since + max(apart, longest - 1)
    history.tenure = asked.get("days_since_first_order", history.tenure)
    if history.n == 1:
        history.tenure = history.since
        return
    oldest = max(j for j, n in enumerate(counts) if n)
    if not asked.keys() & {"days_since_last_order", "days_since_first_order", "usual_gap_days"}:
        history.tenure = max(_within(history.tenure, oldest), history.since)
        return
    here = _bucket(max(history.tenure, history.since))
    counts[here] += sum(counts[here + 1 :])
    counts[here + 1 :] = [0] * (len(counts) - here - 1)
    if not counts[here]:
        counts[max(j for j, n in enumerate(counts) if n)] -= 1
        counts[here] = 1


def _order_days(history: _History, was: Facts, asked: Facts, *, more: int) -> int:
    """On how many days they ordered; the first order moves back where they need the room."""
    wanted = round(asked.get("order_days_total", was["order_days_total"] + more))
    wanted = min(max(wanted, 1), history.n)
    changed = more or asked.keys() & {"order_days_total", "days_since_first_order"}
    if changed and wanted > floor(history.tenure - history.since) + 1:
        edge = AGES[_bucket(history.tenure) + 1]
        history.tenure = max(history.tenure, min(history.since + wanted - 1, edge))
    apart = history.tenure - history.since
    return max(min(wanted, floor(apart) + 2), 2 if apart >= 1 and history.n > 1 else 1)


def _facts(history: _History, said: Facts, days: int) -> Facts:
    quarter, half = history.upto(1), history.upto(2)
    facts = {
        "days_since_last_order": history.since,
        "days_since_first_order": history.tenure,
        **{name: float(history.upto(last)) for name, last in WINDOWS.items()},
        "order_days_total": float(days),
        "orders_a_month": 30 * history.n / max(history.tenure, 30.0),
        "orders_trend_90": float(2 * quarter - half),
        **_rhythm(history, said, days),
    }
    low, high = _weeks(history, days)
    facts["order_weeks_12"] = min(max(said["order_weeks_12"], low), high)
    return facts


def _rhythm(history: _History, said: Facts, days: int) -> Facts:
    if days < 2:
        return dict.fromkeys(
            ("usual_gap_days", "overdue_ratio", "gap_spread", "last_gap_ratio"), nan
        )
    apart = history.tenure - history.since
    gap, longest = said["usual_gap_days"], (apart + 1) / ceil((days - 1) / 2)
    if isnan(gap):
        gap = apart / (days - 1)
    # Orders of one day are one day with an order: no gap is shorter than a day.
    gap = max(min(gap, longest), 1.0)
    last = 1.0 if days == 2 or isnan(said["last_gap_ratio"]) else said["last_gap_ratio"]
    spread = 0.0 if isnan(said["gap_spread"]) else said["gap_spread"]
    return {
        "usual_gap_days": gap,
        "overdue_ratio": history.since / gap,
        "gap_spread": spread if days > 2 else nan,
        "last_gap_ratio": min(last, (apart + 1) / gap),
    }


def _weeks(history: _History, days: int) -> tuple[int, int]:
    """The least and the most weeks of the last twelve that can have an order."""
    if history.since > 84 or not history.upto(1):
        return 0, 0
    oldest = min(history.tenure, 84.0 if history.counts[1] else 30.0)
    first, last = max(ceil(history.since / 7) - 1, 0), min(ceil(oldest / 7) - 1, 11)
    apart = history.tenure <= 84 and last > first
    return 2 if apart else 1, max(1, min(last - first + 1, history.upto(1), days))


def _bucket(age: float) -> int:
    return next(j for j, edge in enumerate(AGES[1:]) if age <= edge)


def _within(age: float, bucket: int) -> float:
    """The nearest day of a bucket of ages."""
    if age > AGES[bucket + 1]:
        return AGES[bucket + 1]
    return age if age > AGES[bucket] or not bucket else AGES[bucket] + 1
