"""Events on the clock of whoever they are about."""

from zoneinfo import available_timezones

import numpy as np
from django.conf import settings

from customers.models import Customer
from retention.insights.datasets import SECONDS_A_DAY, Facts, IntArray, local_seconds


def own_seconds(facts: Facts) -> IntArray:
    """Seconds since 1970 on each customer's own clock, or the shop's where theirs is not known.

    (n,), one an event. What is dated by the shop without a time stays at midnight on every clock.
    """
    shop = local_seconds(facts.second, settings.TIME_ZONE)
    zones = dict(Customer.objects.exclude(timezone="").values_list("pk", "timezone"))
    names = np.array([zones.get(pk, "") for pk in facts.customers.ids.tolist()], dtype=np.str_)
    own = shop.copy()
    timed = shop % SECONDS_A_DAY > 0
    known = available_timezones()
    told, zone_of = np.unique(names, return_inverse=True)
    for number, zone in enumerate(told.tolist()):
        if zone in known:
            here = timed & (zone_of[facts.customer] == number)
            own[here] = local_seconds(facts.second[here], zone)
    return own
