"""What a preview should make an operator think twice about, and the ways out with their numbers."""

from collections.abc import Iterator

from campaigns.models import Campaign, Offer
from campaigns.selectors.preview import Arm, Preview
from campaigns.selectors.verdict import HOPED_FOR
from catalog.models import Product
from retention.learning.measure.experiments import FEWEST
from retention.learning.measure.looking import LAST_LOOK
from retention.learning.measure.power import customers_needed, detectable_share
from retention.present.templatetags.present import number, percent

FAR = 0.10
"""A coupon seldom changes the share of customers kept by more than a few points."""


def cautions(campaign: Campaign, seen: Preview) -> list[str]:
    """Sentences; none where there is nothing to warn of, or nobody to treat."""
    return [
        *_hardly_provable(campaign, seen),
        *_buy_anyway(campaign, seen),
        *_small_arms(seen),
        *_unfair(seen),
        *_cost_unknown(campaign),
    ]


def _unfair(seen: Preview) -> Iterator[str]:
    for one in seen.fairness:
        if one.unfair:
            yield (
                f"{one.by} {one.name}: chosen {one.ratio:.2f} times as often as everybody else"
                f" ({one.low:.2f} to {one.high:.2f}; {number(one.chosen)} of"
                f" {number(one.customers)}). Below 0.80 is more than chance and may be unfair: see"
                " who is left out and why, and have somebody sign for it."
            )


def _hardly_provable(campaign: Campaign, seen: Preview) -> Iterator[str]:
    if seen.detectable is None or seen.detectable <= FAR:
        return
    base = min(max(seen.baseline, 0.01), 0.99)
    share = campaign.control_share
    needed = customers_needed(base=base, rise=HOPED_FOR, control_share=share, level=LAST_LOOK)
    half = seen.by_the_end // 2
    halves = detectable_share(half, seen.by_the_end - half, base=base, level=LAST_LOOK)
    there = number(seen.by_the_end)
    ways = [f"about {number(needed)} customers instead of {there} would show {_points(HOPED_FOR)}"]
    if campaign.control_share < 0.5 and seen.by_the_end > 3:
        ways.append(f"a control of 50% with these would show {_points(halves)}")
    beyond = {out.reason: out.count for out in seen.exclusions}
    for reason, limit in (("beyond_budget", "budget"), ("beyond_maximum", "largest number")):
        if left_out := beyond.get(reason, 0):
            ways.append(f"the {limit} you set leaves out {number(left_out)}")
    yield (
        "This campaign will hardly be able to prove anything: it would show an effect only if the"
        f" coupon kept {_points(seen.detectable)} more of the customers, and a coupon seldom keeps"
        f" more than a few. Ways out: {'; '.join(ways)}."
    )


def _buy_anyway(campaign: Campaign, seen: Preview) -> Iterator[str]:
    if "LOW" in campaign.bands and seen.chosen:
        yield (
            "Whoever is at lower risk is likelier to buy anyway: of the customers of this campaign"
            f" {percent(seen.baseline, 0)} are expected to order without a coupon, and for them it"
            " is a discount on sales you would have made."
        )


def _small_arms(seen: Preview) -> Iterator[str]:
    """Of several offers; of a single one the smallest effect it can see has said so."""
    offers = seen.arms[:-1]
    if small := [arm for arm in offers if arm.too_few and seen.treated and len(offers) > 1]:
        yield (
            "Too few to be measured by themselves, with fewer than"
            f" {FEWEST} customers or so few to compare them with: "
            + "; ".join(f"{arm.name} ({_arm_words(arm)})" for arm in small)
            + ". Leave them out, choose a larger group, or a larger control."
        )


def _arm_words(arm: Arm) -> str:
    return f"{number(arm.customers)} against {number(arm.compared)}"


def _points(share: float) -> str:
    return f"{share * 100:.1f} points"


def _cost_unknown(campaign: Campaign) -> Iterator[str]:
    offers = campaign.offers.filter(benefit__in=Offer.OFF_THE_LINES, may_sell_below_cost=False)
    sold = Product.objects.available()
    if offers.exists() and (unknown := sold.filter(cost=None).count()):
        yield (
            f"You did not say what {number(unknown)} of your {number(sold.count())} products cost:"
            " on these nothing keeps a coupon from selling below cost. Send their cost in with the"
            " products."
        )
