from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings

from campaigns.models import Holdout
from campaigns.selectors.arms import drawn_for_holdout
from campaigns.selectors.candidates import Candidates
from customers.models import Customer

from .issue import Progress

BATCH = 20_000


def hold_out_customers(*, at: datetime, progress: Progress) -> int:
    """Enter every customer whom the fixed salt draws into the global holdout; returns how many
    are new. Whoever is in stays in for ever."""
    total, done, last, entered = Customer.objects.count_present(), 0, 0, 0
    while batch := list(_following(last)):
        entered += enter_holdout(batch, at=at)
        done, last = done + len(batch), batch[-1][0]
        progress(done, max(total, done), f"{entered:,} customers held out")
    return entered


def hold_out_among(everyone: Candidates, *, at: datetime) -> int:
    """The same for the candidates of a campaign, before any of them is treated."""
    return enter_holdout(list(zip(everyone.customer.tolist(), everyone.key, strict=True)), at=at)


def enter_holdout(customers: Sequence[tuple[int, str]], *, at: datetime) -> int:
    """The same for some customers, given by id and the shop's id; returns how many are new."""
    before, share = Holdout.objects.count(), settings.GLOBAL_HOLDOUT_SHARE
    drawn = drawn_for_holdout(key for _, key in customers)
    Holdout.objects.bulk_create(
        [
            Holdout(customer_id=pk, probability=share, entered_at=at)
            for (pk, _), is_drawn in zip(customers, drawn.tolist(), strict=True)
            if is_drawn
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )
    return Holdout.objects.count() - before


def _following(last: int) -> Iterable[tuple[int, str]]:
    customers = Customer.objects.present().filter(pk__gt=last).order_by("pk")
    return customers.values_list("pk", "external_id")[:BATCH]
