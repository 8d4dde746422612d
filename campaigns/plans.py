"""What a person or a machine asks a campaign to be, and what is wrong with it.

The form and the API both come through here, so that both refuse the same with the same words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from campaigns.codes import LONGEST, SHORTEST, can_be_chosen
from campaigns.models import Campaign, Offer
from retention.insights.models import Band
from retention.present.amounts import MOST
from retention.present.templatetags.present import money

Benefit = Offer.Benefit
Assigning, Trigger = Campaign.Assigning, Campaign.Trigger
Problem = tuple[str, str]
"""A field, and what is wrong with it."""
AT: Final[dict[str, tuple[float, float, str]]] = {
    Trigger.BASKET: (1, 168, "Between 1 and 168 hours after the last product."),
    Trigger.RISK: (0.01, 0.99, "A risk of leaving between 1% and 99%."),
    Trigger.OVERDUE: (1, 10, "Between 1 and 10 times the days between their orders."),
    Trigger.WAVES: (1, 90, "Between 1 and 90 days from wave to wave."),
}
"""Between what the value of a trigger lies."""
MOST_USES: Final = 10**6
LONGEST_MEASURED: Final = 365
LONGEST_ADMITTING: Final = timedelta(days=3 * 365)
TOO_FAR: Final = "Within three years from now."


@dataclass(frozen=True, kw_only=True)
class OfferPlan:
    """What one arm gets. Money in minor units.

    amount : off the order; for free shipping, a gift and points, what one costs the shop.
    maximum_discount : asked for with a percentage only; else the amount is the most it can cost.
    products : ids of the shop; none: everything. gift : one, too. category : its path.
    """

    benefit: str
    name: str = ""
    percent: int | None = None
    amount: int | None = None
    maximum_discount: int | None = None
    minimum_spend: int = 0
    valid_days: int = 30
    share: int = 1
    products: tuple[str, ...] = ()
    gift: str = ""
    points: int | None = None
    scope: str = Offer.Scope.CHOSEN
    category: str = ""
    may_sell_below_cost: bool = False
    stacking: str = Offer.Stacking.EXCLUSIVE
    priority: int = 10

    @classmethod
    def of(cls, offer: Offer) -> "OfferPlan":
        """What it takes to draft the same again."""
        return cls(
            benefit=offer.benefit,
            name=offer.name,
            percent=offer.percent,
            amount=offer.amount,
            maximum_discount=offer.maximum_discount,
            minimum_spend=offer.minimum_spend,
            valid_days=offer.valid_days,
            share=offer.share,
            products=tuple(sorted(product.external_id for product in offer.products.all())),
            gift=offer.gift.external_id if offer.gift else "",
            points=offer.points,
            scope=offer.scope,
            category=offer.category.path if offer.category else "",
            may_sell_below_cost=offer.may_sell_below_cost,
            stacking=offer.stacking,
            priority=offer.priority,
        )

    @property
    def worst_case(self) -> int:
        """The most that one coupon can cost."""
        most = self.maximum_discount if self.benefit == Benefit.PERCENT else self.amount
        return most or 0

    def words(self, currency: str) -> str:
        """The offer in a line: "10% off, at most £10.00"."""
        match self.benefit:
            case Benefit.PERCENT:
                return f"{self.percent}% off, at most {money(self.maximum_discount, currency)}"
            case Benefit.AMOUNT:
                return f"{money(self.amount, currency)} off"
            case Benefit.GIFT:
                return f"A gift: {self.gift}"
            case Benefit.POINTS:
                return f"{self.points:,} points" if self.points else "Points"
        return "Free shipping"


@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """Whom, what, and within which limits."""

    name: str
    budget_amount: int
    currency: str
    offers: tuple[OfferPlan, ...]
    bands: tuple[str, ...] = ()
    segment: int | None = None
    minimum_risk: float | None = None
    assigning: str = Assigning.SHARE
    send_at_a_loss: bool = False
    maximum_customers: int | None = None
    contact_gap_days: int = 30
    control_share: float = 0.2
    measure_days: int = 60
    trigger: str = Trigger.NONE
    trigger_value: float | None = None
    trigger_already: bool = False
    admits_until: datetime | None = None
    general_code: str = ""
    code_uses: int | None = None
    uses_per_customer: int | None = None
    code_for_anyone: bool = True

    def problems(self) -> dict[str, str]:
        """What is wrong with it, by field; of several things wrong with one field, the first."""
        found = [*self._audience_problems(), *self._trigger_problems(), *self._limit_problems()]
        found += code_problems(self)
        for number, offer in enumerate(self.offers):
            found += [(f"offers.{number}.{field}", said) for field, said in _offer_problems(offer)]
        return dict(reversed(found))

    def _audience_problems(self) -> Iterator[Problem]:
        if not self.name.strip():
            yield "name", "Give the campaign a name."
        if len(self.name) > 150:
            yield "name", f"The name has {len(self.name)} characters; 150 fit."
        if unknown := sorted(set(self.bands) - set(Band.values)):
            yield "bands", f"No band {', '.join(unknown)}. Choose from {', '.join(Band.values)}."
        anyone = self.code_uses is not None and self.code_for_anyone
        waits = self.trigger not in ("", Trigger.WAVES)
        if not self.bands and self.segment is None and not waits and not anyone:
            yield "bands", "Choose whom it is for: a churn band, a segment, or both."
        if self.minimum_risk is not None and not 0 <= self.minimum_risk < 1:
            yield "minimum_risk", "A risk of leaving from 0% to below 100%."
        if self.assigning not in Assigning.values:
            yield "assigning", f"Choose from {', '.join(Assigning.values)}."
        if self.send_at_a_loss and self.assigning == Assigning.WORTH:
            yield "send_at_a_loss", "By worth nobody gets an offer at a loss: draw by lot for it."
        if self.maximum_customers is not None and self.maximum_customers < 2:
            yield "maximum_customers", "At least 2: one to treat, one to compare with."

    def _trigger_problems(self) -> Iterator[Problem]:
        if self.trigger not in Trigger.values:
            yield "trigger", f"Choose from {', '.join(AT)}, or none."
        elif self.trigger:
            low, high, said = AT[self.trigger]
            if self.trigger_value is None or not low <= self.trigger_value <= high:
                yield "trigger_value", said
            if self.admits_until is None:
                yield "admits_until", "Say until which day it admits customers."
            if self.assigning == Assigning.WORTH:
                yield "assigning", "With a trigger or in waves offers are drawn by lot."
        elif self.trigger_value is not None or self.admits_until is not None:
            yield "trigger", "Say what triggers it."
        if self.assigning == Assigning.SHIFT and self.trigger in Trigger.values:
            if self.trigger != Trigger.WAVES:
                yield "assigning", "To shift to what works, let customers in in waves."
            elif len(self.offers) < 2:
                yield "assigning", "To shift to what works, there must be two offers or more."
            elif len({offer.share for offer in self.offers}) > 1:
                yield "assigning", "To shift to what works, offers begin with equal weights."

    def _limit_problems(self) -> Iterator[Problem]:
        if not 0.01 <= self.control_share <= 0.9:
            yield "control_share", "Between 1% and 90% of the customers belong in the control."
        if not 1 <= self.measure_days <= LONGEST_MEASURED:
            yield "measure_days", "Measure for 1 to 365 days."
        if not 0 <= self.contact_gap_days <= 3650:
            yield "contact_gap_days", "Between 0 and 3650 days."
        if len(self.currency) != 3 or not self.currency.isalpha():
            yield "currency", f"{self.currency!r} is not an ISO 4217 code, like GBP."
        if not self.offers:
            yield "offers", "Say what the customers get: at least one offer."
        dearest = max((offer.worst_case for offer in self.offers), default=0)
        dearest *= self.code_uses or 1
        if not max(dearest, 1) <= self.budget_amount <= MOST:
            most = money(max(dearest, 1), self.currency)
            budget = money(self.budget_amount, self.currency)
            all_uses = f"{self.code_uses:,} uses, which" if self.code_uses else "one coupon, which"
            yield "budget_amount", f"{budget} does not cover {all_uses} may cost {most}."


def code_problems(plan: CampaignPlan) -> Iterator[Problem]:
    """Of a code for all."""
    if plan.code_uses is None:
        if plan.general_code or plan.uses_per_customer is not None or not plan.code_for_anyone:
            yield "code_uses", "Say how often the code can be used in all."
        return
    if not 1 <= plan.code_uses <= MOST_USES:
        yield "code_uses", f"From 1 to {MOST_USES:,} uses in all."
    if plan.uses_per_customer is not None and not 1 <= plan.uses_per_customer <= plan.code_uses:
        yield "uses_per_customer", "At least 1 a customer, and no more than in all."
    if plan.general_code and not can_be_chosen(plan.general_code):
        yield "general_code", f"From {SHORTEST} to {LONGEST} letters and digits."
    if any(offer.valid_days > LONGEST_MEASURED for offer in plan.offers):
        yield "offers.0.valid_days", f"A code for all is good for 1 to {LONGEST_MEASURED} days."
    if plan.trigger:
        yield "trigger", "A code for all waits for nobody: choose one of the two."
    if len(plan.offers) > 1:
        yield "offers", "A code for all has one offer."
    if plan.assigning != Assigning.SHARE:
        yield "assigning", "A code for all has one offer: leave out how offers are chosen."
    if any(offer.scope in Offer.OF_EACH_CUSTOMER for offer in plan.offers):
        yield "offers.0.scope", "A code for all is the same for everybody: choose the products."
    if plan.code_for_anyone and (plan.bands or plan.segment is not None):
        yield "bands", "Anyone may use the code. Leave bands and segment out, or only they may."


def _offer_problems(offer: OfferPlan) -> Iterator[Problem]:
    if offer.benefit not in Benefit.values:
        yield "benefit", f"No benefit {offer.benefit!r}. Choose from {', '.join(Benefit.values)}."
    if offer.benefit == Benefit.PERCENT:
        if offer.percent is None or not 1 <= offer.percent <= 100:
            yield "percent", "Take between 1 and 100 percent off."
        if offer.maximum_discount is None:
            yield "maximum_discount", "Say how much one coupon may cost at most."
    elif offer.amount is None:
        yield "amount", "Say how much it takes off, or what one costs you."
    if not 1 <= offer.worst_case <= MOST:
        field = "maximum_discount" if offer.benefit == Benefit.PERCENT else "amount"
        yield field, "At least one minor unit: a penny, a cent."
    yield from _kind_problems(offer)
    if not 0 <= offer.minimum_spend <= MOST:
        yield "minimum_spend", "Nothing, or an amount."
    if offer.benefit == Benefit.AMOUNT and 0 < offer.minimum_spend < offer.worst_case:
        yield "minimum_spend", "At least as much as the coupon takes off."
    if not 1 <= offer.valid_days <= 730:
        yield "valid_days", "Valid for 1 to 730 days."
    if not 1 <= offer.share <= 100:
        yield "share", "A weight from 1 to 100."
    if len(offer.name) > 100:
        yield "name", f"The name has {len(offer.name)} characters; 100 fit."


def _kind_problems(offer: OfferPlan) -> Iterator[Problem]:
    if offer.benefit == Benefit.GIFT and not offer.gift:
        yield "gift", "Say which product the gift is, by its id."
    if offer.benefit == Benefit.POINTS and not 1 <= (offer.points or 0) <= 10**9:
        yield "points", "Say how many points."
    for field, value, known in (
        ("scope", offer.scope, Offer.Scope.values),
        ("stacking", offer.stacking, Offer.Stacking.values),
    ):
        if value not in known:
            yield field, f"No {field} {value!r}. Choose from {', '.join(known)}."
    if offer.scope == Offer.Scope.CATEGORY and not offer.category:
        yield "category", "Say which category, as the catalogue writes it: Kitchen > Mugs."
    if offer.products and offer.scope != Offer.Scope.CHOSEN:
        yield "products", "Name products, or let them be found: not both."
    if not 0 <= offer.priority <= 100:
        yield "priority", "From 0, the first, to 100."
