"""What was found, in words: what it is, what it does to the models, what to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from retention.insights.models import DataFinding, Problem
from retention.insights.quality.meaning import MEANING, name_of
from retention.insights.quality.words_feed import change, clock, gaps, unknown
from retention.present.templatetags.present import counted, money, number, percent

Told = tuple[str, str]
"""A title, and a sentence with the figures behind it."""


@dataclass(frozen=True)
class Words:
    """title : what was found. evidence : its figures. effect : what it does to the models.
    advice : the one thing to do next."""

    title: str
    evidence: str
    effect: str
    advice: str


def words_of(finding: DataFinding) -> Words:
    kind = Problem(finding.kind)
    title, evidence = TELLERS[kind](finding, finding.evidence)
    effect, advice = MEANING[kind]
    if kind == Problem.HUGE:
        advice = advice.format(cap=money(finding.evidence["cap"]))
    return Words(title, evidence, effect, advice)


def _till(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    who = name_of(finding.customer)
    looks = "looks like a till or a test account"
    title = f"{who} {looks if said['certain'] else 'buys like a reseller, not like one person'}"
    parts = {
        "name": "its id is a word for tills and tests",
        "many": f"{counted(said['orders'], 'order')}, the next customer {number(said['next'])}",
        "daily": f"ordered on {number(said['days'])} of {counted(said['trading_days'], 'day')}",
        "hours": "orders at every hour the shop sells in",
        "wide": f"bought {number(said['products'])} of {counted(said['of_products'], 'product')}",
        "heavy": f"{number(finding.count)} of {counted(finding.of, 'line')}"
        f" ({percent(finding.count / finding.of)})",
    }
    told = "; ".join(parts[sign] for sign in said["signs"])
    return title, f"{told[:1].upper()}{told[1:]}. {percent(said['revenue_share'])} of revenue."


def _bot(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    views = f"{counted(finding.count, 'view')} ({percent(finding.share)} of all) and no purchase"
    pace = f"up to {number(said['in_ten_minutes'])} in ten minutes"
    hours = f"in {counted(said['hours_a_day'], 'hour')} of one day"
    return (
        f"{name_of(finding.customer)} looks like a bot, not a person",
        f"{views}; {pace}, {hours}.",
    )


def _duplicates(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    return (
        f"{counted(finding.count, 'event was', 'events were')} told twice",
        (
            "The same customer, product, quantity, money and second came again in another file or"
            f" request: {percent(finding.count / finding.of)} of what is learned from,"
            f" {percent(said['revenue_share'])} of revenue,"
            f" of {counted(said['customers'], 'customer')}."
        ),
    )


def _repeats(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    return (
        f"{counted(finding.count, 'line stands', 'lines stand')} twice in one order",
        (
            "Equal in product, quantity, money and second:"
            f" {percent(finding.count / finding.of)} of what is learned from,"
            f" {percent(said['revenue_share'])} of revenue,"
            f" of {counted(said['customers'], 'customer')}."
            " They may be bought twice or booked twice; only the shop knows."
        ),
    )


def _huge(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    n = finding.count
    back = said["given_back"]
    came = f" {number(back)} of them came back within 30 days." if back else ""
    return (
        (f"{counted(n, 'line comes', 'lines come')} to {percent(finding.share)} of all revenue"),
        (
            f"{money(said['money'])} together, the largest {money(said['largest'])}; a usual line"
            f" comes to {money(said['usual'])}.{came}"
        ),
    )


def _prices(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    n, products = finding.count, said["of_products"]
    return (
        f"{counted(n, 'line costs', 'lines cost')} far from the usual price",
        (
            "A piece costs more than ten times, or less than a tenth of, what that product costs"
            f" in the middle of its sales. {counted(products, 'product')};"
            f" {percent(finding.share)} of revenue is too much or too little."
        ),
    )


def _no_price(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    n = finding.count
    return (
        f"{counted(n, 'purchase')} brought no money",
        (
            f"{percent(finding.share)} of purchases have no price, or a price of nothing, and no"
            " discount that would explain it."
        ),
    )


def _currencies(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    lines = ", ".join(f"{code} {counted(n, 'line')}" for code, n in sorted(said["lines"].items()))
    return f"Purchases come in {counted(len(said['lines']), 'currency', 'currencies')}", f"{lines}."


def _returns(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    n = finding.count
    before = "has no purchase before it" if n == 1 else "have no purchase before them"
    return (
        f"{number(n)} of {counted(finding.of, 'return')} {before}",
        (
            f"They come to {money(said['money'])}, {percent(finding.share)} of revenue."
            f" {number(said['early'])} of them came in the first"
            f" {counted(said['early_days'], 'day')}, when the purchase may be older than the data."
        ),
    )


def _contacts(finding: DataFinding, said: Mapping[str, Any]) -> Told:
    n = finding.count
    return (
        f"{counted(n, 'customer')} may be the same people",
        (
            f"{counted(said['emails'], 'customer shares', 'customers share')} an e-mail address"
            f" with another, {number(said['phones'])} a phone number."
        ),
    )


TELLERS: Final[Mapping[Problem, Callable[[DataFinding, Mapping[str, Any]], Told]]] = {
    Problem.TILL: _till,
    Problem.BOT: _bot,
    Problem.DUPLICATES: _duplicates,
    Problem.REPEATS: _repeats,
    Problem.HUGE: _huge,
    Problem.PRICES: _prices,
    Problem.NO_PRICE: _no_price,
    Problem.CURRENCIES: _currencies,
    Problem.UNKNOWN: unknown,
    Problem.RETURNS: _returns,
    Problem.CONTACTS: _contacts,
    Problem.GAPS: gaps,
    Problem.CHANGE: change,
    Problem.CLOCK: clock,
}
