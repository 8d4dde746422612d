"""Whoever's risk of leaving passed a threshold upwards from one scoring to the next."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

from django.db.models import Q

from retention.insights.models import ChurnScore
from retention.insights.risk_by_week import weeks_in
from retention.present.templatetags.present import percent

from .firing import Firing, Window

WEEK: Final = timedelta(days=7)


def risen(threshold: float, window: Window) -> Iterator[Firing]:
    """Scored at the threshold or above in the window, and below it or not at all before: at the
    scoring before, and a week before. Both as the model of the score sees them, so that another
    model which sees customers otherwise chooses nobody.

    What was over again by then is told by weeks, of customers who have a score still.
    """
    if not window.as_it_stands:
        yield from _by_week(threshold, window)
        return
    scores = ChurnScore.objects.filter(
        churn_probability__gte=threshold, computed_at__lte=window.until
    )
    if not window.already:
        below = Q(former_probability=None) | Q(former_probability__lt=threshold)
        scores = scores.filter(below, computed_at__gt=window.after)
    rows = scores.order_by("computed_at", "pk").values_list(
        "customer_id", "computed_at", "former_probability", "churn_probability", "risk_by_week"
    )
    for customer, at, former, now, written in rows:
        if window.already or all(risk < 100 * threshold for risk in weeks_in(written)[-2:-1]):
            yield Firing(customer, at, _words(former, now))


def _by_week(threshold: float, window: Window) -> Iterator[Firing]:
    weeks = round((window.until - window.after) / WEEK)
    rows = ChurnScore.objects.exclude(risk_by_week="").order_by("pk")
    for customer, written in rows.values_list("customer_id", "risk_by_week").iterator():
        newest_first = reversed(weeks_in(written)[-weeks - 1 :])
        for back, (now, former) in enumerate(pairwise(newest_first)):
            if former < 100 * threshold <= now:
                words = _words(None if former < 0 else former / 100, now / 100)
                yield Firing(customer, window.until - back * WEEK, words)


def _words(former: float | None, now: float) -> str:
    if former is None:
        return f"Risk is {percent(now, 0)} at the first score"
    if percent(former, 0) == percent(now, 0):
        return f"Risk is {percent(now, 0)}"
    went = "rose" if former < now else "fell"
    return f"Risk {went} from {percent(former, 0)} to {percent(now, 0)}"
