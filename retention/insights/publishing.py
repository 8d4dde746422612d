"""Arrays to rows: the only bulk writer. Each function leaves exactly what was computed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from math import isnan
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from customers.models import CustomerMerge, Purpose
from retention.insights.families.family import Progress
from retention.insights.models import (
    AssociationRule,
    CategoryChance,
    ChurnScore,
    DataCheck,
    DataFinding,
    NextCategory,
    ProductPair,
    RecommendationList,
    RfmScore,
    SendTime,
)
from retention.insights.quality.cleaning import learnable
from retention.insights.turns import take_turn

CHUNK = 2_000


def known(figure: float) -> float | None:
    """A figure as a row has it: None where the array has nan."""
    return None if isnan(figure) else figure


def publish_scores(scores: Iterable[ChurnScore], *, total: int, progress: Progress) -> int:
    """Every customer's newest score; who is no longer asked about, or objected meanwhile, has none.

    Run again, or cut off and run again, it leaves the same rows.
    """
    return _publish_each(
        _with_former(scores),
        ChurnScore.objects.all(),
        lambda done: progress(done, total, "Writing scores"),
    )


FORMER = ("customer", "version", "churn_probability", "former_probability", "computed_at")


def _with_former(scores: Iterable[ChurnScore]) -> Iterator[ChurnScore]:
    """Each with what the scoring before said: of one that was cut off, what the one before it.

    Where another version made that scoring, a score brings what its own says of it.
    """
    left = iter(scores)
    while chunk := list(islice(left, CHUNK)):
        there = ChurnScore.objects.filter(customer__in=[score.customer_id for score in chunk])
        before = {one.customer_id: one for one in there.only(*FORMER)}
        for score in chunk:
            one = before.get(score.customer_id)
            if one is None or one.version_id != score.version_id:
                continue
            again = one.computed_at == score.computed_at
            score.former_probability = one.former_probability if again else one.churn_probability
        yield from chunk


def publish_send_times(times: Iterable[SendTime], *, total: int, progress: Progress) -> int:
    """When to write to each customer, as `publish_scores`."""
    return _publish_each(
        times, SendTime.objects.all(), lambda done: progress(done, total, "Writing send times")
    )


def publish_next_categories(rows: Iterable[NextCategory], *, total: int, progress: Progress) -> int:
    """What each customer's next order will be of, as `publish_scores`."""
    return _publish_each(
        rows, NextCategory.objects.all(), lambda done: progress(done, total, "Writing categories")
    )


def publish_rfm(scores: Iterable[RfmScore]) -> int:
    """Every buyer's newest scores, in one transaction: the movement of some beside the old scores
    of others would add up to nothing."""
    written: set[int] = set()
    rows = iter(scores)
    with transaction.atomic():
        take_turn("rfm scores")
        while chunk := list(islice(rows, CHUNK)):
            kept = _still_allowed(chunk, Purpose.ANALYTICS)
            RfmScore.objects.bulk_create(
                kept,
                update_conflicts=True,
                unique_fields=["customer"],
                update_fields=["recency", "frequency", "money", "name", "history", "as_of"],
            )
            written.update(score.customer_id for score in kept)
        _remove_all_but(written, RfmScore.objects.all())
    return len(written)


def publish_category_chances(chances: Iterable[list[CategoryChance]]) -> int:
    """What each customer is likely to buy from, a list a customer; who is in none has none."""
    written: set[int] = set()
    rows = iter(chances)
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        with transaction.atomic():
            take_turn("category chances")
            kept = _still_allowed([one for some in chunk for one in some], Purpose.ANALYTICS)
            who = [some[0].customer_id for some in chunk]
            CategoryChance.objects.filter(customer__in=who).delete()
            count += len(CategoryChance.objects.bulk_create(kept, batch_size=CHUNK))
        written.update(one.customer_id for one in kept)
    _remove_all_but(written, CategoryChance.objects.all())
    return count


Row = TypeVar(
    "Row", CategoryChance, ChurnScore, NextCategory, RecommendationList, RfmScore, SendTime
)


def _publish_each(rows: Iterable[Row], there: QuerySet[Row], done: Callable[[int], None]) -> int:
    """One row a customer, instead of those that are there; returns how many."""
    columns = [field.name for field in there.model._meta.concrete_fields]
    written: set[int] = set()
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        with transaction.atomic():
            kept = _still_allowed(chunk, Purpose.ANALYTICS)
            there.bulk_create(
                kept,
                update_conflicts=True,
                unique_fields=["customer"],
                update_fields=[name for name in columns if name not in {"id", "customer"}],
            )
        written.update(row.customer_id for row in kept if row.customer_id)
        done(len(written))
    _remove_all_but(written, there)
    return len(written)


def _still_allowed(rows: list[Row], purpose: Purpose) -> list[Row]:
    """Without the rows of customers who objected, were erased, or were left out of learning, since
    the computing began."""
    asked = [row.customer_id for row in rows if row.customer_id is not None]
    allowed = set(learnable(purpose).filter(pk__in=asked).values_list("pk", flat=True))
    return [row for row in rows if row.customer_id in allowed]


def _regrouped_since(moment: datetime) -> set[int]:
    """Customers who were others when a model learned at that moment."""
    pairs = CustomerMerge.objects.changed_since(moment).values_list("kept", "absorbed")
    return {customer for pair in pairs for customer in pair}


def _remove_all_but(written: Collection[int], rows: QuerySet[Any]) -> None:
    # Not by time: computed again as of the same moment, those who are gone would stay.
    there = set(rows.values_list("customer_id", flat=True))
    gone = sorted(there.difference(written))
    for start in range(0, len(gone), CHUNK):
        rows.filter(customer__in=gone[start : start + CHUNK]).delete()


def publish_lists(
    common: Sequence[RecommendationList],
    own: Iterable[RecommendationList],
    *,
    total: int,
    progress: Progress,
) -> int:
    """The lists that everybody gets, and the newest of each customer who has one of their own.

    Who was merged, or parted again, since the model learned has none: theirs is folded in.
    """
    with transaction.atomic():
        take_turn("the common lists")
        # Nothing conflicts with a customer that is NULL: the old common lists make way by hand.
        RecommendationList.objects.filter(customer=None).delete()
        shared = len(RecommendationList.objects.bulk_create(common, batch_size=CHUNK))
    written: set[int] = set()
    rows = iter(own)
    while chunk := list(islice(rows, CHUNK)):
        with transaction.atomic():
            others = _regrouped_since(common[0].version.run.learned_at)
            allowed = _still_allowed(chunk, Purpose.RECOMMENDATION)
            kept = [row for row in allowed if row.customer_id not in others]
            RecommendationList.objects.bulk_create(
                kept,
                update_conflicts=True,
                unique_fields=["customer"],
                update_fields=["version", "items", "computed_at"],
            )
        written.update(row.customer_id for row in kept if row.customer_id)
        progress(len(written), total, "Writing recommendations")
    _remove_all_but(written, RecommendationList.objects.exclude(customer=None))
    return shared + len(written)


def publish_pairs(pairs: Iterable[ProductPair]) -> int:
    """The products that go together, instead of the ones from before, in one transaction."""
    written = 0
    rows = iter(pairs)
    with transaction.atomic():
        take_turn("pairs")
        ProductPair.objects.all().delete()
        while chunk := list(islice(rows, CHUNK)):
            written += len(ProductPair.objects.bulk_create(chunk))
    return written


def publish_rules(rules: Sequence[tuple[AssociationRule, Collection[int]]]) -> int:
    """The rules with the products that lead each, instead of the ones from before, at once."""
    leads = AssociationRule.antecedent.through
    with transaction.atomic():
        take_turn("association rules")
        AssociationRule.objects.all().delete()
        for start in range(0, len(rules), CHUNK):
            chunk = rules[start : start + CHUNK]
            AssociationRule.objects.bulk_create([rule for rule, _ in chunk])
            leads.objects.bulk_create(
                [
                    leads(associationrule_id=rule.pk, product_id=product)
                    for rule, products in chunk
                    for product in products
                ]
            )
    return len(rules)


def publish_check(check: DataCheck, findings: Sequence[DataFinding]) -> DataCheck:
    """What was found in the data, instead of what was found before."""
    asked = {finding.customer_id for finding in findings if finding.customer_id is not None}
    with transaction.atomic():
        take_turn("data check")
        allowed = set(
            learnable(Purpose.ANALYTICS).filter(pk__in=asked).values_list("pk", flat=True)
        )
        DataFinding.objects.all().delete()
        DataFinding.objects.bulk_create(
            [one for one in findings if one.customer_id is None or one.customer_id in allowed]
        )
        check.save()
    return check
