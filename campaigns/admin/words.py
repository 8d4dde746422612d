"""What each move of a campaign will do, in a sentence with its numbers, before it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from campaigns.models import Campaign, Channel
from campaigns.selectors.preview import Preview, preview
from campaigns.selectors.progress import progress_of
from campaigns.services.submit import needs_approval
from campaigns.services.word_message import message_plan_of
from retention.present.templatetags.present import counted, money, number, percent

from .triggered import until_words


@dataclass(frozen=True)
class Words:
    """The sentence; a warning; what was previewed, whose funnel stands below it."""

    sentence: str
    notice: str = ""
    seen: Preview | None = None


def submitting(campaign: Campaign) -> Words:
    seen = _seen(campaign)
    limit = money(settings.APPROVAL_LIMIT, settings.SHOP_CURRENCY)
    budget = money(campaign.budget_amount, campaign.currency)
    notice = (
        f"The budget of {budget} is not within {limit}: someone else has to approve it."
        if needs_approval(campaign)
        else ""
    )
    verb = "Ask a second person to approve" if notice else "Send in"
    return Words(f"{verb} a campaign that would {_treat(campaign, seen)}.", notice, seen)


def approving(campaign: Campaign) -> Words:
    seen = _seen(campaign)
    budget = money(campaign.budget_amount, campaign.currency)
    return Words(
        f"Allow a campaign that would {_treat(campaign, seen)}.",
        f"Customers may change until it is launched. It never costs more than {budget}.",
        seen,
    )


def launch_words(campaign: Campaign) -> str:
    """What a worker does next of a launch that was asked for."""
    if campaign.is_general:
        return "a worker puts out the code."
    if campaign.is_in_waves:
        return "a worker lets the first wave in and issues its coupons."
    if campaign.trigger:
        return "a worker begins to let customers in as it happens to them."
    return "a worker freezes the groups and issues the coupons."


def launching(campaign: Campaign) -> Words:
    seen = _seen(campaign)
    if campaign.is_general:
        return Words(
            f"Launch now: {_treat(campaign, seen)}.", "Once it is out, anybody can tell it on."
        )
    if campaign.is_in_waves:
        first = "The first wave comes in at once, the others by themselves."
    elif campaign.trigger:
        first = "Nobody is chosen yet: from now on it is looked at every five minutes."
    else:
        first = "The groups are frozen."
    return Words(
        f"Launch now: {_treat(campaign, seen)}.",
        f"{first} Coupons that are out cannot be called back unseen." + _goes_out(campaign),
        seen,
    )


def pausing(campaign: Campaign) -> Words:
    if campaign.is_general:
        return Words(
            "Let nobody use the code until it is resumed; an order that a use is kept for may.",
            "Its last day stays what it is.",
        )
    now = progress_of(campaign)
    in_ = "Let nobody in, and stop" if campaign.trigger else "Stop"
    return Words(
        f"{in_} issuing coupons and sending messages: {counted(now.waiting, 'customer')} will wait"
        f" for theirs. The {number(now.issued)} coupons that are out stay good."
    )


def resuming(campaign: Campaign) -> Words:
    if campaign.is_general:
        return Words("Let the code be used again, within the limits it had.")
    now = progress_of(campaign)
    most = money(campaign.remaining_amount, campaign.currency)
    if campaign.is_in_waves:
        return Words(
            f"Let waves in again, {until_words(campaign)}, for at most {most} more. Whoever missed"
            " theirs comes in with the next."
        )
    if campaign.trigger:
        return Words(
            f"Let customers in again, {until_words(campaign)}, for at most {most} more. What"
            " happened while it was paused counts for two days."
        )
    waiting = counted(now.waiting, "customer")
    return Words(f"Go on issuing coupons to {waiting} for at most {most} more.")


def reopening(campaign: Campaign) -> Words:
    return Words(
        "Take it back to a draft, to be changed.",
        "It has to be sent in, and approved where needed, again.",
    )


def cancelling(campaign: Campaign) -> Words:
    if campaign.launched_at is None:
        return Words("End this campaign before it began. Nobody got a coupon.")
    now = progress_of(campaign)
    waiting = f": {counted(now.waiting, 'customer')} who wait get no coupon" if now.waiting else ""
    return Words(
        f"End this campaign for good{waiting}.",
        "It cannot be taken up again."
        if campaign.is_general
        else "It cannot be taken up again, and no message is sent any more."
        " Its customers go on being measured until the last day, and no other campaign has them"
        " before then: a control that got a coupon would prove nothing.",
    )


WORDS: dict[str, Callable[[Campaign], Words]] = {
    "submit": submitting,
    "approve": approving,
    "launch": launching,
    "pause": pausing,
    "resume": resuming,
    "reopen": reopening,
    "cancel": cancelling,
}


def _goes_out(campaign: Campaign) -> str:
    """Whether a message follows by itself."""
    match message_plan_of(campaign).channel:
        case Channel.EMAIL:
            return " An e-mail to each follows within minutes, outside their quiet hours."
        case Channel.WEBHOOK:
            return " Your webhook is told of each within minutes, outside their quiet hours."
    return " Nothing is sent from here: take the file afterwards."


def _seen(campaign: Campaign) -> Preview | None:
    """Whom it would reach; a code for all reaches whoever has it."""
    return None if campaign.is_general else preview(campaign, at=timezone.now())


def _treat(campaign: Campaign, seen: Preview | None) -> str:
    if seen is None:
        uses, each = number(campaign.code_uses), campaign.uses_per_customer
        most = (campaign.code_uses or 0) * max(
            one.maximum_discount for one in campaign.offers.all()
        )
        return (
            f"put out one code that can be used {uses} times, {number(each)} a customer, at a cost"
            f" of at most {money(most, campaign.currency)}; what it changes cannot be measured"
        )
    worst, treated = money(seen.worst_case, seen.currency), counted(seen.treated, "customer")
    if seen.volumes:
        control, budget = (
            percent(campaign.control_share, 0),
            money(campaign.budget_amount, seen.currency),
        )
        return (
            f"let customers in {until_words(campaign)} as it happens to them, {control} of them as"
            f" control, for at most {budget} in all; in the last {seen.volumes[0].days} days that"
            f" would have been about {treated} with a coupon, for at most {worst}"
        )
    if seen.waves:
        return (
            f"let {counted(seen.chosen, 'customer')} in in {seen.waves} waves"
            f" {until_words(campaign)}: give a coupon to about {treated} at a cost of at most"
            f" {worst}, and compare them with about {number(seen.control)} who get none"
        )
    return (
        f"give a coupon to {treated} at a cost of at most {worst},"
        f" and compare them with {number(seen.control)} who get none"
    )
