"""What each problem of the data does to the models, and the one thing to do next."""

from collections.abc import Mapping
from typing import Final

from customers.models import Customer
from retention.insights.models import Problem

MEANING: Final[Mapping[Problem, tuple[str, str]]] = {
    Problem.TILL: (
        (
            "Models take it for a person: what it buys so often looks like what everybody wants,"
            " and what it spends raises what a customer seems to be worth."
        ),
        "Leave it out of learning, or say that it is a real customer.",
    ),
    Problem.BOT: (
        (
            "Its views count as interest: what it opened looks wanted, and it counts as somebody"
            " who looks and never buys."
        ),
        "Leave it out of learning, or say that it is a real customer.",
    ),
    Problem.DUPLICATES: (
        (
            "These customers look twice as busy and twice as valuable as they are, so their risk of"
            " leaving is too low and their products too popular."
        ),
        "Count them once; the imports show which file came twice.",
    ),
    Problem.REPEATS: (
        "If they were booked twice, spend and value of these customers are too high.",
        "Look at some. Leave the second line out, or say that they were bought twice.",
    ),
    Problem.HUGE: (
        (
            "One such line puts its customer among the most valuable for years and stretches every"
            " average, also where it was given back."
        ),
        "Cap what a line comes to at {cap}, the largest of all other lines.",
    ),
    Problem.PRICES: (
        "Spend and value of whoever bought them are wrong, most likely by a slipped decimal point.",
        "Let them count as the dearest or cheapest believed price of their product.",
    ),
    Problem.NO_PRICE: (
        "Whoever bought them looks worth less than they are, or nothing.",
        "Send the prices with the events; if they were gifts, say so here.",
    ),
    Problem.CURRENCIES: (
        "Amounts are added as if they were one currency: value and money at stake are wrong.",
        "Send all events in one currency.",
    ),
    Problem.UNKNOWN: (
        "Recommendations and rules learn nothing from them; churn and value do.",
        "Send the products in, with a title and a category.",
    ),
    Problem.RETURNS: (
        "Their customers' spend is too low, and they seem to regret what they never bought here.",
        "Import the older orders too, if there are any.",
    ),
    Problem.CONTACTS: (
        (
            "One person counted as several: each of them looks quieter, worth less and closer to"
            " leaving than the person is."
        ),
        "Look at them side by side, and merge those who are one person.",
    ),
    Problem.GAPS: (
        (
            "Everyone looks silent on these days. If the shop was open, what was bought is missing"
            " from every model, and those who bought then seem to be leaving."
        ),
        "If the shop was closed, say that it is right so; else import these days again.",
    ),
    Problem.CHANGE: (
        (
            "A model that learns across a break mixes two shops: its figures from before do not"
            " hold after it."
        ),
        (
            "If it really happened (a sale, a new season), say that it is right so; else look at"
            " the import of that week."
        ),
    ),
    Problem.CLOCK: (
        "The best hour and weekday to write, and days since an order, are wrong by as much.",
        "Set the shop's time zone, and send times with their zone.",
    ),
}


def name_of(customer: Customer | None) -> str:
    """ "Ada Lane (17841)", or "Customer 17841" of whom no more is known."""
    if customer is None:
        return "Nobody"
    name = customer.called
    return name if name.endswith(customer.external_id) else f"{name} ({customer})"
