"""What is bought together, and what after what; see docs/algorithms/baskets.md."""

from datetime import datetime, timedelta
from math import ceil, sqrt
from typing import Any, Final

import numpy as np

from customers.models import Purpose
from retention.insights.artifacts import Arrays
from retention.insights.datasets import SECONDS_A_DAY, Facts, local_day
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.families.sanity import not_numbers
from retention.learning.basket.fpgrowth import Itemsets, TooManySets, frequent_sets
from retention.learning.basket.holders import Holders
from retention.learning.basket.orders import Baskets, usual_window
from retention.learning.basket.rules import ARRAYS as OF_RULES
from retention.learning.basket.rules import Rules, rules_of
from retention.learning.basket.sequences import ARRAYS as OF_SEQUENCES
from retention.learning.basket.sequences import Sequences, then_buys
from retention.learning.panel import Kind, Panel
from retention.learning.vocabulary import Vocabulary

LOOK_BACK_DAYS: Final = 365
"""A whole year, so that every season counts once; older baskets hold what is no longer sold."""
FEWEST_BASKETS: Final = 100
FEWEST_CUSTOMERS: Final = 10
"""Behind each rule: what fewer do is theirs, and no habit of the shop."""
LARGEST_SET: Final = 3
MOST_SETS: Final = 100_000
MOST_RULES: Final = 2_000
"""Of each kind: nobody reads more, and the strongest are kept."""
LEAST_FACTOR: Final = 1.2
"""The low end of the interval against what chance gives: less is true, and no use."""
LEAST_SHARE: Final = 0.5
"""Of the serving version's rules; with fewer, orders or products have been mixed up."""


class BasketFamily:
    """Rules within a basket by pattern growth, and from one order to a later one."""

    purpose = Purpose.ANALYTICS.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Count the last year's orders, and keep what holds beyond chance."""
        if not len(facts):
            return TooLittle("Needs orders of customers, has none yet.")
        until = int(local_day(at) * SECONDS_A_DAY)
        panel = _lately(facts.panel(), until)
        baskets = Baskets.of(panel, n_products=len(facts.products))
        if baskets.several < FEWEST_BASKETS:
            return TooLittle(
                f"Needs {FEWEST_BASKETS} orders of two products or more within a year, "
                f"has {baskets.several}."
            )
        sets = _frequent(baskets)
        holders = Holders.of(sets, baskets.held, owner=baskets.customer)
        rules = _worth_telling(rules_of(sets, holders))
        progress(2, 4, "Looking at later orders")
        later = _later(baskets, within_days=usual_window(panel), until=until)
        return Learned(
            parameters={
                "baskets": rules.n_baskets,
                "customers": later.n_customers,
                "least_baskets": sets.least,
                "within_days": later.within_days,
            },
            arrays=_arrays(rules, later, facts.products),
            metrics={"rules": len(rules), "later_rules": len(later)},
            row_counts=_counted(panel, baskets),
            window=(max(facts.window[0], at - timedelta(days=LOOK_BACK_DAYS)), facts.window[1]),
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """The newest count serves, unless the rules of before are gone."""
        if broken := not_numbers(learned.arrays):
            return Verdict(False, f"Its {broken} are not all numbers.")
        found, had = _count(learned.metrics), _count(champion.metrics) if champion else 0
        if champion and found < LEAST_SHARE * had:
            return Verdict(
                False,
                f"Finds {found:,} rules where version {champion.number} found {had:,}: orders or "
                "products seem to be mixed up. Look at the imports; if it is right so, "
                "make this version serve by hand.",
            )
        if not found:
            return Verdict(True, "No two products go together more than by chance.")
        return Verdict(True, f"Counted from the newest orders: {found:,} rules hold beyond chance.")


def least_support(n: int) -> int:
    """How many of n baskets, or customers, must show it: a fifth of the square root, at least ten.

    2,500 baskets ask for 10 (0.4 %), 40,000 for 40 (0.1 %), a million for 200 (0.02 %). It bounds
    the work; what is no more than chance is left out by its own rule.
    """
    return max(FEWEST_CUSTOMERS, ceil(sqrt(n) / 5))


def rules_in(parameters: dict[str, Any], arrays: Arrays) -> tuple[Rules, Sequences]:
    """The rules of an artifact; products are ids, -1 for none."""
    of_rules = {name: arrays[f"basket.{name}"] for name in OF_RULES}
    of_later = {name: arrays[f"later.{name}"] for name in OF_SEQUENCES}
    return Rules(**of_rules, n_baskets=parameters["baskets"]), Sequences(
        **of_later,
        n_customers=parameters["customers"],
        within_days=parameters["within_days"],
    )


def _lately(panel: Panel, until: int) -> Panel:
    start = until - LOOK_BACK_DAYS * SECONDS_A_DAY
    return panel.take((panel.second >= start) & (panel.kind == Kind.PURCHASE))


def _frequent(baskets: Baskets) -> Itemsets:
    """The sets; where a shop has very many, those that more baskets hold."""
    least = least_support(len(baskets))
    while True:
        try:
            return frequent_sets(baskets.held, least=least, largest=LARGEST_SET, most=MOST_SETS)
        except TooManySets:
            least *= 2


def _worth_telling(rules: Rules) -> Rules:
    """The strongest that enough people stand behind, those with the most baskets first."""
    kept = (rules.customers >= FEWEST_CUSTOMERS) & (rules.factor_low >= LEAST_FACTOR)
    rules = rules.take(kept)
    order = np.lexsort((-rules.confidence, -rules.beyond))
    return rules.take(order[:MOST_RULES])


def _later(baskets: Baskets, *, within_days: int, until: int) -> Sequences:
    """The strongest that chance does not explain."""
    least = least_support(len(np.unique(baskets.customer)))
    later = then_buys(baskets, within_days=within_days, until_second=until, least=least)
    return later.take(np.flatnonzero(later.factor_low >= LEAST_FACTOR)[:MOST_RULES])


def _counted(panel: Panel, baskets: Baskets) -> dict[str, int]:
    customers = len(np.unique(baskets.customer))
    return {"events": len(panel), "customers": customers, "baskets": len(baskets)}


def _arrays(rules: Rules, later: Sequences, products: Vocabulary) -> Arrays:
    of_rules = {name: getattr(rules, name) for name in OF_RULES}
    of_later = {name: getattr(later, name) for name in OF_SEQUENCES}
    for of, names in ((of_rules, ("antecedent", "consequent")), (of_later, ("first", "then"))):
        of |= {name: products.ids_of(of[name].astype(np.int32)) for name in names}
    return {f"basket.{name}": array for name, array in of_rules.items()} | {
        f"later.{name}": array for name, array in of_later.items()
    }


def _count(metrics: Any) -> int:
    return int(metrics.get("rules", 0) + metrics.get("later_rules", 0))
