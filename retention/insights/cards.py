"""The card of a model: what it is for, how good it is for whom, and what it must not be used for.

Read back from what its training measured, never measured again: a card tells the version, not
tonight (`watched.py` does).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from retention.insights.judged import Figure, ends
from retention.insights.models import Kind, ModelVersion
from retention.insights.models.churn import no_order_within
from retention.learning.churn.following import SPECS
from retention.present.templatetags.present import percent

NOT_FOR: Final[Mapping[str, str]] = {
    Kind.CHURN: "Use it only to choose whom to look after: it says who is likely to leave, not "
    "whom a coupon would keep, and is never a reason to refuse anyone or charge them more.",
    Kind.VALUE: "Do not use it for prices or refusals: it says what a customer is likely to spend, "
    "not what they could spend, and never how well they should be treated.",
    Kind.FACTORIZATION: "Do not use it for prices or offers: it says what customers are likely to "
    "want, not what a recommendation would add to what they buy anyway.",
    Kind.RFM: "Not a forecast: it sorts customers by what they did, not by what they will do.",
    Kind.BASKETS: "No proof that one product sells the other: customers who buy both would often "
    "have bought both anyway. Only a campaign with a control group shows what an offer adds.",
    Kind.RATINGS: "Do not use it to judge products or people: it says what rating a customer would "
    "probably give, and those who rate are not all those who buy.",
    Kind.UPLIFT: "Do not use it for offers unlike those it was measured with, nor for prices: it "
    "says whom such coupons kept, not why.",
    Kind.CLUSTERS: "Do not decide about one person by it: the groups are one way to draw the "
    "picture, and there are others.",
}
"""What a model must not be used for; on its page, where somebody might."""
NEVER: Final = (
    "prices, fees or credit for a person",
    "refusing service, returns or delivery to anybody",
    "judging people outside the shop, or for somebody else",
    "proof that a coupon works: only a campaign with a control group shows that",
)
TRUE_ENOUGH: Final = 0.03
"""A share that lies so far outside its interval is told as a limit."""
STRONGEST: Final = 8


@dataclass(frozen=True)
class Group:
    """The exam among some of its customers. said : mean prediction; the others with intervals."""

    kind: str
    group: str
    customers: int
    said: float
    happened: Figure
    auc: Figure

    @property
    def name(self) -> str:
        """ "Orders: 2 to 4"."""
        return f"{self.kind[0].upper()}{self.kind[1:]}: {self.group}"

    @property
    def miss(self) -> float:
        """How far what was said lies outside the interval of what happened; 0 within."""
        _, low, high = ends(self.happened)
        return max(low - self.said, self.said - high, 0.0)

    @property
    def sentence(self) -> str:
        happened, low, high = (percent(end, 0) for end in ends(self.happened))
        return (
            f"{self.name}, it expected {percent(self.said, 0)} to leave "
            f"and {happened} did ({low} to {high})."
        )


@dataclass(frozen=True)
class Driver:
    """A feature, and how far it moves a customer on average, in log-odds."""

    feature: str
    label: str
    effect: float


@dataclass(frozen=True)
class Card:
    """purpose, audience, limits : sentences. groups, drivers : empty where a version is older."""

    purpose: str
    audience: str
    groups: tuple[Group, ...]
    drivers: tuple[Driver, ...]
    limits: tuple[str, ...]
    not_for: str
    never: tuple[str, ...] = NEVER


def card_of(version: ModelVersion) -> Card | None:
    """The card of a churn model; None for the other kinds."""
    model = version.run.parameters.get("model")
    if version.kind != Kind.CHURN or not model:
        return None
    metrics = version.run.metrics
    groups = tuple(_group(one) for one in metrics.get("by_group", ()))
    meant = no_order_within(model["horizon_days"], model.get("overdue_times"))
    return Card(
        purpose="Says of each customer how likely they are to leave, and why: for choosing whom to "
        f"care for. {meant}.",
        audience=_audience(model),
        groups=groups,
        drivers=tuple(_drivers(metrics.get("drivers", ()))),
        limits=tuple(_limits(metrics, groups)),
        not_for=NOT_FOR[Kind.CHURN],
    )


def caution_of(version: ModelVersion) -> str:
    """What to know before believing its scores, in a sentence; "" where its exam found nothing."""
    alarms = version.run.metrics.get("alarms") or [""]
    sentence, stop, _ = alarms[0].partition(". ")
    return f"{sentence}{stop}".strip()


def _audience(model: Mapping[str, Any]) -> str:
    orders = model["min_orders"]
    ordered = "at least one order" if orders == 1 else f"at least {orders} orders"
    return (
        f"Customers with {ordered}, the last at most {model['active_within_days']} days ago; "
        "without those who objected to being analysed, or whom cleaning left out. No contact, "
        "place, language or device is looked at."
    )


def _group(stored: Mapping[str, Any]) -> Group:
    return Group(
        stored["kind"],
        stored["group"],
        stored["n"],
        stored["said"],
        stored["happened"],
        stored["auc"],
    )


def _drivers(stored: list[Mapping[str, Any]]) -> Iterator[Driver]:
    known = [one for one in stored if one["feature"] in SPECS]
    for one in known[:STRONGEST]:
        yield Driver(one["feature"], SPECS[one["feature"]].label, one["effect"])


def _limits(metrics: Mapping[str, Any], groups: tuple[Group, ...]) -> Iterator[str]:
    yield from metrics.get("alarms", ())
    yield from (group.sentence for group in groups if group.miss > TRUE_ENOUGH)
    yield "A probability is as true as the season is like those it learned from."
    yield "A reason says what the model looked at, not what would change the customer's mind."
    yield "A feed that stops looks like customers who stay away; see Data quality."
