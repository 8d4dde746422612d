"""Who shops."""

import re

import numpy as np

from retention.learning.simulate import ShopSpec
from retention.learning.simulate.people import People, make_people

SPEC = ShopSpec(n_customers=5_000)


def people() -> People:
    return make_people(SPEC, np.random.default_rng(0))


def test_nobody_real_can_be_written_to() -> None:
    pattern = re.compile(r"[a-z.]+\.\d+@example\.(com|org)")

    assert all(pattern.fullmatch(email) for email in people().emails)


def test_ids_and_addresses_are_nobody_elses() -> None:
    made = people()

    assert len(set(made.external_ids)) == len(made)
    assert len(set(made.emails)) == len(made)
    assert len(set(made.identities.external_ids)) == len(made.identities.external_ids)


def test_about_a_quarter_is_known_under_two_sources() -> None:
    made = people()

    ids_each = np.bincount(made.identities.customer, minlength=len(made))

    assert set(ids_each.tolist()) == {1, 2}
    assert 0.2 < (ids_each == 2).mean() < 0.28


def test_the_main_id_is_one_of_the_identities() -> None:
    made = people()

    assert set(made.external_ids) <= set(made.identities.external_ids)


def test_marketing_is_allowed_by_two_in_three_and_analytics_by_nearly_all() -> None:
    made = people()

    assert 0.63 < made.allows_marketing.mean() < 0.73
    assert made.allows_analytics.mean() > 0.9


def test_customers_arrive_in_the_order_of_their_rows_within_the_joining_days() -> None:
    arrived = people().first_seen_day

    assert (np.diff(arrived) >= 0).all()
    assert arrived.min() >= SPEC.start_day
    assert arrived.max() < SPEC.start_day + SPEC.joining_days
