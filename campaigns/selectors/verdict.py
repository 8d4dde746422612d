"""What a result comes to for whoever runs the shop: a headline, a sentence, what to do next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaigns.models import Campaign, Measurement
from retention.learning.measure.experiments import FEWEST
from retention.learning.measure.intervals import z_of
from retention.learning.measure.looking import LAST_LOOK
from retention.learning.measure.power import customers_needed
from retention.present.moments import day
from retention.present.templatetags.present import MINUS, money, number

from .effects import Comparison, Effect

Metric = Measurement.Metric
HOPED_FOR = 0.05
"""A large effect of a coupon, as a share of customers kept."""


class Answer(StrEnum):
    """What can be said of a campaign's money."""

    NOTHING = "NOTHING"
    TOO_EARLY = "TOO_EARLY"
    TOO_FEW = "TOO_FEW"
    BROKEN = "BROKEN"
    EARNED = "EARNED"
    LOST = "LOST"
    UNCLEAR = "UNCLEAR"


@dataclass(frozen=True)
class Verdict:
    """headline : a few words, the money in them. sentence : the same with every interval.
    next_step : one thing to do."""

    answer: Answer
    headline: str
    sentence: str
    next_step: str


def verdict_of(
    campaign: Campaign, stage: str, overall: Comparison | None, *, until: datetime
) -> Verdict:
    """stage : as Results has it. overall : all treated against the control, where measured."""
    match stage:
        case "NOT_LAUNCHED":
            said = "Not launched yet: there is nothing to measure."
            return Verdict(Answer.NOTHING, "Not launched yet", said, "Launch it.")
        case "NOT_MEASURABLE":
            return _unmeasurable()
        case "NOT_MEASURED":
            return _unmeasured(campaign)
        case "TOO_EARLY":
            return _early(campaign, overall, until)
    return _final(campaign, overall)


def _unmeasurable() -> Verdict:
    said = (
        "Everybody who has the code may use it, and nobody was drawn to go without: what they would"
        " have bought anyway is not known. What it was used for says what it cost, not what it"
        " changed."
    )
    proof = "For a proof give each customer a code of their own: a share of them is the control."
    return Verdict(Answer.NOTHING, "Its effect cannot be told", said, proof)


def _unmeasured(campaign: Campaign) -> Verdict:
    said = "Nothing is measured yet. The first figures come with tonight's measurement."
    if not campaign.trigger:
        return Verdict(Answer.NOTHING, "Nothing is measured yet", said, "Wait for the night.")
    said = (
        "Nothing is measured yet. Each customer is measured for"
        f" {campaign.measure_days} days from the day they came in; the first figures come when"
        " these are over for some of both groups."
    )
    return Verdict(Answer.NOTHING, "Nothing is measured yet", said, "Let it run.")


def _early(campaign: Campaign, overall: Comparison | None, until: datetime) -> Verdict:
    """Intervals hold on every day, so what is beyond chance may be said before the last."""
    passed, last = (until - (campaign.launched_at or until)).days, campaign.measures_until
    of_days = f"day {min(passed, campaign.days)} of {campaign.days}"
    kept = overall.of(Metric.KEPT) if overall else None
    wait = f"Let it run until {day(last)}. Look as often as you like: that misleads nobody."
    if kept is None or not overall or not overall.is_sound or not kept.direction:
        said = (
            f"Too early to say: {of_days}. The answer comes on {day(last)};"
            " until then the figures may still turn."
        )
        return Verdict(Answer.TOO_EARLY, "Too early to say", said, wait)
    said = (
        f"Beyond chance already on {of_days}: {_lowered(_kept_words(kept, overall.treated))} How"
        f" much it is in the end is known on {day(last)}."
    )
    if kept.direction < 0:
        stop = "Pause it and look at the offer and the message before more coupons go out."
        return Verdict(Answer.TOO_EARLY, "So far it drives customers away", said, stop)
    return Verdict(Answer.TOO_EARLY, "So far it keeps customers", said, wait)


def _final(campaign: Campaign, overall: Comparison | None) -> Verdict:
    kept = overall.of(Metric.KEPT) if overall else None
    if overall is None or kept is None or min(overall.treated, overall.control) < FEWEST:
        said = f"Too few customers to tell: each group needs at least {FEWEST}."
        larger = "Choose a larger group or a larger control next time: the preview says how large."
        return Verdict(Answer.TOO_FEW, "Too few customers to tell", said, larger)
    if overall.is_broken:
        said = (
            "The groups are not what was drawn: find out who is missing from one of them before"
            " believing any figure."
        )
        look = "Look for an import that failed or a filter in the shop that saw one group only."
        return Verdict(Answer.BROKEN, "Believe no figure", said, look)
    made = overall.of(Metric.MARGIN, Metric.REVENUE)
    said = f"{_kept_words(kept, overall.treated)} {_money_words(overall, campaign.currency)}"
    return _paid(campaign, overall, kept, made, said.strip())


def _paid(
    campaign: Campaign, overall: Comparison, kept: Effect, made: Effect | None, said: str
) -> Verdict:
    direction = made.direction if made else 0
    total = money(abs(made.effect) * overall.treated, campaign.currency) if made else ""
    if direction > 0:
        again = "Run it again for the same kind of customers, and keep the control."
        return Verdict(Answer.EARNED, f"It earned {total}", said, again)
    if direction < 0:
        stop = "Do not repeat it as it is: give less, or give it to others."
        return Verdict(Answer.LOST, f"It lost {total}", said, stop)
    if kept.direction < 0:
        stop = "Do not repeat it: customers left because of it."
        return Verdict(Answer.UNCLEAR, "It drove customers away", said, stop)
    words = "whether it paid cannot be told"
    headline = f"It kept customers; {words}" if kept.direction else f"{words[0].upper()}{words[1:]}"
    settle = _settle_money(campaign, overall, made) if kept.direction and made else None
    return Verdict(Answer.UNCLEAR, headline, said, settle or _settle(campaign, overall, kept))


def _settle_money(campaign: Campaign, overall: Comparison, made: Effect) -> str:
    """How many customers it takes to know whether keeping them pays, were the best guess true."""
    there, half = overall.treated + overall.control, (made.high - made.low) / 2
    bound = z_of(LAST_LOOK)
    needed = there * ((1 + z_of(0.6) / bound) * half / max(abs(made.effect), 1.0)) ** 2
    each = money(abs(made.effect), campaign.currency)
    return (
        f"Run it on more customers before you call it a success: about {number(round(needed, -2))}"
        f" would show whether {each} a customer is real. A smaller discount may keep as many."
    )


def _settle(campaign: Campaign, overall: Comparison, kept: Effect) -> str:
    """What it takes to know, where this campaign could not tell."""
    there, base = overall.treated + overall.control, min(max(kept.control_mean, 0.01), 0.99)
    needed = customers_needed(
        base=base, rise=HOPED_FOR, control_share=campaign.control_share, level=LAST_LOOK
    )
    if needed <= there:
        return (
            f"With {number(there)} customers a large effect would have shown: if there is one, it"
            " is small. Try another offer rather than the same again."
        )
    return (
        f"This is not “no effect”: {number(there)} customers were too few. About {number(needed)}"
        f" would show {HOPED_FOR * 100:.0f} points more kept; with fewer it stays a guess."
    )


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:]


def _kept_words(kept: Effect, treated: int) -> str:
    people = f"about {abs(round(kept.effect * treated)):,} people"
    between = f"(95% interval {_points(kept.low)} to {_points(kept.high)})"
    match kept.direction:
        case 1:
            return f"It kept {_points(kept.effect)} points more customers {between}: {people}."
        case -1:
            return f"It kept {_points(-kept.effect)} points fewer customers {between}: {people}."
    return f"No difference in customers kept can be told: {_points(kept.effect)} points {between}."


def _points(share: float) -> str:
    return f"{share * 100:.1f}".replace("-", MINUS)


def _money_words(overall: Comparison, currency: str) -> str:
    made = overall.of(Metric.MARGIN, Metric.REVENUE)
    if made is None:
        return ""
    total, low, high = (
        money(value * overall.treated, currency) for value in (made.effect, made.low, made.high)
    )
    what = f"{made.metric.lower()} net of discounts"
    match made.direction:
        case 1:
            return f"It earned {total} of {what} ({low} to {high})."
        case -1:
            return f"It lost money: {total} of {what} ({low} to {high})."
    return f"Whether it paid cannot be told: {total} of {what} ({low} to {high})."
