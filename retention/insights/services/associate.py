from collections.abc import Iterator
from itertools import zip_longest
from math import isinf
from typing import Any

from catalog.models import Product
from retention.insights.families.baskets import rules_in
from retention.insights.families.family import Progress, silent
from retention.insights.models import AssociationRule, Kind, ModelVersion
from retention.insights.publishing import publish_rules
from retention.insights.serving import load_champion
from retention.learning.basket.measures import Measures
from retention.learning.basket.rules import Rules
from retention.learning.basket.sequences import Sequences

Led = tuple[AssociationRule, list[int]]


def associate_products(*, progress: Progress = silent) -> int:
    """Write the rules that serve, but for products withdrawn since; returns how many.

    Without a version that serves nothing is written, and what is there stays.
    Raises BrokenArtifact.
    """
    champion = load_champion(Kind.BASKETS)
    if champion is None:
        return 0
    version, parameters, arrays = champion
    progress(0, 1, "Writing what is bought together")
    rules, later = rules_in(parameters, arrays)
    sold = set(Product.objects.filter(sellable=True).values_list("pk", flat=True))
    ranked = zip_longest(_in_baskets(rules, version), _later(later, version))
    led = [one for both in ranked for one in both if one is not None]
    kept = [one for one in led if sold.issuperset({one[0].consequent_id, *one[1]})]
    # The weakest first: whoever reads the newest rows first reads the strongest of each kind.
    return publish_rules(kept[::-1])


def _in_baskets(rules: Rules, version: ModelVersion) -> Iterator[Led]:
    columns = zip(
        rules.antecedent.tolist(),
        rules.consequent.tolist(),
        rules.customers.tolist(),
        _figures(rules),
        strict=True,
    )
    for antecedent, consequent, customers, figures in columns:
        rule = AssociationRule(
            kind=AssociationRule.Kind.BASKET,
            consequent_id=consequent,
            customers=customers,
            version=version,
            **figures,
        )
        yield rule, [product for product in antecedent if product >= 0]


def _later(later: Sequences, version: ModelVersion) -> Iterator[Led]:
    columns = zip(
        later.first.tolist(),
        later.then.tolist(),
        later.gap.tolist(),
        later.back.tolist(),
        _figures(later),
        strict=True,
    )
    for first, then, (low, median, high), back, figures in columns:
        rule = AssociationRule(
            kind=AssociationRule.Kind.LATER,
            consequent_id=then,
            customers=figures["both"],
            within_days=later.within_days,
            gap_low=low,
            gap_median=median,
            gap_high=high,
            back=back,
            version=version,
            **figures,
        )
        yield rule, [first]


def _figures(rules: Measures) -> Iterator[dict[str, Any]]:
    """The measures of each rule, as the fields of its row."""
    low, high = rules.bounds()
    columns = {
        "both": rules.both,
        "of": rules.of,
        "usual": rules.usual,
        "expected": rules.expected,
        "support": rules.support,
        "confidence": rules.confidence,
        "confidence_low": low,
        "confidence_high": high,
        "lift": rules.lift,
        "leverage": rules.leverage,
        "conviction": rules.conviction,
        "beyond": rules.beyond,
        "false_discovery_rate": rules.q,
    }
    for row in zip(*(column.tolist() for column in columns.values()), strict=True):
        said = dict(zip(columns, row, strict=True)) | {"total": rules.total}
        if isinf(said["conviction"]):
            said["conviction"] = None
        yield said
