"""How far a launched campaign is: who got what, what is promised, what was spent."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from campaigns.models import Assignment, Campaign, Redemption
from campaigns.querysets import COST_OF_A_USE

Outcome = Assignment.Outcome


@dataclass(frozen=True)
class Progress:
    """Customers by what became of them; money in minor units.

    by_offer : customers with a coupon of each, where there are several offers; else none.
    withdrawn : of the issued, when it was cancelled.
    committed : what all coupons can cost at worst; spent : what they did take off so far.
    """

    treated: int
    control: int
    issued: int
    by_offer: tuple[tuple[str, int], ...]
    withdrawn: int
    waiting: int
    left_out: tuple[tuple[str, int], ...]
    redeemed: int
    budget: int
    committed: int
    spent: int


def progress_of(campaign: Campaign) -> Progress:
    counted = campaign.assignments.values_list("outcome").annotate(n=Count("pk"))
    outcomes: dict[str, int] = dict(counted)
    control = outcomes.get(Outcome.CONTROL, 0)
    used = (
        Redemption.objects.filter(released_at=None)
        .filter(coupon__campaign=campaign)
        .aggregate(
            n=Count("coupon", distinct=True),
            spent=Sum(COST_OF_A_USE),
        )
    )
    return Progress(
        treated=sum(outcomes.values()) - control,
        control=control,
        issued=outcomes.get(Outcome.ISSUED, 0),
        by_offer=_by_offer(campaign),
        withdrawn=campaign.coupons.exclude(void_at=None).count(),
        waiting=outcomes.get(Outcome.WAITING, 0),
        left_out=tuple(
            (str(reason.label), outcomes[reason])
            for reason in (Outcome.BUDGET, Outcome.WITHDRAWN, Outcome.DOUBLED, Outcome.STOPPED)
            if reason in outcomes
        ),
        redeemed=used["n"],
        budget=campaign.budget_amount,
        committed=campaign.committed_amount,
        spent=used["spent"] or 0,
    )


def _by_offer(campaign: Campaign) -> tuple[tuple[str, int], ...]:
    names = dict(campaign.offers.order_by("pk").values_list("pk", "name"))
    if len(names) < 2:
        return ()
    issued = campaign.assignments.filter(outcome=Outcome.ISSUED)
    counts = dict(issued.values_list("offer").annotate(n=Count("pk")))
    return tuple((name, counts.get(pk, 0)) for pk, name in names.items())
