from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.models import Product
from customers.models import Customer
from retention.insights.models import ModelVersion, Shown
from retention.insights.recommendation_ids import Answer, read, shortened


@dataclass(frozen=True)
class Seen:
    """What a visitor saw of a list, and what they clicked, as the shop's product ids."""

    recommendation_id: str
    seen: Sequence[str] = ()
    clicked: Sequence[str] = ()


class NotInTheList(Exception):
    """A product is reported that the list does not hold."""


def report_shown(report: Seen, *, at: datetime) -> int:
    """Write down what was seen and clicked; returns how many rows that made or changed.

    What was clicked was seen. Sent again, nothing changes: the first click counts.
    Raises UnknownRecommendation, NotInTheList.
    """
    answer = read(report.recommendation_id)
    places = _places(answer)
    wanted = {*report.seen, *report.clicked}
    pks = dict(Product.objects.filter(external_id__in=wanted).values_list("external_id", "pk"))
    if missing := sorted(one for one in wanted if pks.get(one) not in places):
        raise NotInTheList(f"The list does not hold {', '.join(map(repr, missing))}.")
    key = shortened(report.recommendation_id)
    clicked = {pks[one] for one in report.clicked}
    with transaction.atomic():
        return _store(answer, key, places, seen=set(pks.values()), at=at) + _click(key, clicked, at)


def _places(answer: Answer) -> dict[int, int]:
    return {product: place for place, (product, _) in enumerate(answer.items, start=1)}


def _store(
    answer: Answer, key: str, places: dict[int, int], *, seen: set[int], at: datetime
) -> int:
    known = set(Shown.objects.filter(recommendation_id=key).values_list("product_id", flat=True))
    found_by = dict(answer.items)
    # Both may have been erased or pruned since the list was given out.
    customer = Customer.objects.filter(pk=answer.customer).first() if answer.customer else None
    version = ModelVersion.objects.filter(pk=answer.version).first() if answer.version else None
    rows = [
        Shown(
            recommendation_id=key,
            product_id=product,
            place=places[product],
            customer=customer,
            version=version,
            model=found_by[product],
            context=answer.context,
            answered_at=answer.answered_at,
            seen_at=at,
        )
        for product in sorted(seen - known)
    ]
    Shown.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _click(key: str, clicked: set[int], at: datetime) -> int:
    rows = Shown.objects.filter(recommendation_id=key, product__in=clicked, clicked_at=None)
    return rows.update(clicked_at=at)
