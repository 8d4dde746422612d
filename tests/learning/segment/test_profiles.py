import numpy as np
import pytest

from retention.learning.features import FeatureTable
from retention.learning.segment.profiles import profiles
from tests.learning.segment.groups import SPECS, shoppers


def test_a_group_is_named_after_what_makes_it_different() -> None:
    table, group = shoppers()

    names = {profile.id: profile.name for profile in profiles(table, group)}

    assert names == {0: "Frequent, recent", 1: "Long silent, rare", 2: "Big baskets"}


def test_traits_are_sorted_and_said_with_everyones_median() -> None:
    table, group = shoppers()

    spender = next(profile for profile in profiles(table, group) if profile.id == 2)

    assert spender.traits[0].feature == "average_order"
    strengths = [abs(trait.difference) for trait in spender.traits]
    assert strengths == sorted(strengths, reverse=True)
    assert "an order on average; typical here is" in spender.traits[0].sentence


def test_sizes_sum_to_everyone_largest_first() -> None:
    table, group = shoppers()
    uneven = np.where(np.arange(len(group)) < 10, 2, group % 2)

    found = profiles(table, uneven)

    assert sum(profile.size for profile in found) == len(group)
    assert sum(profile.share for profile in found) == pytest.approx(1)
    assert [p.size for p in found] == sorted((p.size for p in found), reverse=True)


def test_given_names_stay_and_new_ones_differ_from_them() -> None:
    table, group = shoppers()

    found = profiles(table, group, names={2: "Frequent, recent", 1: "Sleepers"})

    names = {profile.id: profile.name for profile in found}
    assert names[2] == "Frequent, recent"
    assert names[1] == "Sleepers"
    assert len(set(names.values())) == 3


def test_groups_that_do_not_differ_are_like_most_and_still_told_apart() -> None:
    same = FeatureTable(np.ones((4, 3)), np.arange(4), SPECS)

    names = {profile.name for profile in profiles(same, np.array([0, 0, 1, 1]))}

    assert names == {"Like most", "Like most (2)"}


def test_an_unknown_feature_says_nothing_of_a_group() -> None:
    table, group = shoppers()
    values = table.values.copy()
    values[:, 0] = np.nan

    found = profiles(FeatureTable(values, table.customers, SPECS), group)

    features = {trait.feature for profile in found for trait in profile.traits}
    assert features == {"orders_365", "average_order"}
