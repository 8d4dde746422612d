import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray
from retention.learning.segment.clusters import Clusters, fit_clusters
from tests.learning.segment.groups import NAMES, SPECS, a_month_later, shoppers


def clusters_of(
    table: FeatureTable, *, seed: int = 0, previous: Clusters | None = None
) -> Clusters:
    rng = np.random.default_rng(seed)
    fitted = fit_clusters(table, rng=rng, previous=previous, features=NAMES, ks=range(2, 6))
    return fitted.clusters


def test_known_groups_are_found_and_counted() -> None:
    table, group = shoppers()

    clusters = clusters_of(table)

    assert len(clusters) == 3
    assert adjusted_rand_score(group, clusters.assign(table)) > 0.98


def test_how_k_was_chosen_is_told() -> None:
    table, _ = shoppers()

    choices = fit_clusters(
        table, rng=np.random.default_rng(0), features=NAMES, ks=[2, 3, 4]
    ).choices

    assert [choice.k for choice in choices] == [2, 3, 4]
    assert choices[1].stability > 0.95
    assert choices[1].silhouette == max(choice.silhouette for choice in choices)


def test_a_training_a_month_later_keeps_customers_in_their_clusters() -> None:
    table, _ = shoppers(spread=0.5)
    before = clusters_of(table)
    later = a_month_later(table, seed=1)

    after = clusters_of(later, seed=99, previous=before)

    assert np.mean(before.assign(table) == after.assign(later)) >= 0.9
    assert set(after.ids) == set(before.ids)


def test_a_customer_who_changes_is_followed() -> None:
    table, group = shoppers()
    before = clusters_of(table)
    changed = table.values.copy()
    changed[0] = [200.0, 2.0, 1_500.0]
    later = FeatureTable(changed, table.customers, SPECS)

    after = clusters_of(later, seed=5, previous=before)

    silent = before.assign(table)[group == 1][0]
    assert after.assign(later)[0] == silent


def test_who_wavers_at_a_border_stays_and_who_crosses_it_moves() -> None:
    table, group = shoppers()
    clusters = clusters_of(table)
    centres = clusters.space.place(table)
    one, other = (centres[group == kind].mean(axis=0) for kind in (0, 1))
    way = np.array([[0.45], [0.55], [0.65]])
    walkers = _at(clusters, one + way * (other - one))
    home = clusters.assign(table)[group == 0][:1].repeat(3)

    stays = clusters.assign(walkers, before=home) == home

    assert (clusters.assign(walkers) == home).tolist() == [True, False, False]
    assert stays.tolist() == [True, True, False]


@pytest.mark.parametrize("before", [-1, 999])
def test_who_was_in_no_group_or_in_one_that_is_gone_is_in_the_nearest(before: int) -> None:
    table, _ = shoppers()
    clusters = clusters_of(table)

    assigned = clusters.assign(table, before=np.full(len(table.values), before))

    assert (assigned == clusters.assign(table)).all()


def _at(clusters: Clusters, points: FloatArray) -> FeatureTable:
    """Customers whose behaviour is at these points of the clusters' space."""
    space = clusters.space
    values = np.expm1(points * space.scale + space.mean)
    return FeatureTable(values, np.arange(len(points)), SPECS)


def test_a_new_kind_of_customer_gets_a_new_identity() -> None:
    few, _ = shoppers(without=2)
    all_kinds, group = shoppers()
    before = clusters_of(few)

    after = clusters_of(all_kinds, seed=3, previous=before)

    newcomers = after.assign(all_kinds)[group == 2]
    assert set(newcomers.tolist()).isdisjoint(before.ids.tolist())
    assert after.next_id > before.next_id


def test_a_cluster_that_became_another_gets_a_new_identity() -> None:
    table, group = shoppers()
    before = clusters_of(table)
    # The big spenders are gone; as many customers came who order tiny things every day.
    values = table.values.copy()
    values[group == 2] = [1.0, 300.0, 200.0] * np.exp(values[group == 2] % 0.3)
    later = FeatureTable(values, table.customers, SPECS)

    after = clusters_of(later, seed=8, previous=before)

    assert len(after) == len(before)
    assert len(set(after.ids) - set(before.ids)) == 1


def test_groups_without_clear_borders_stay_where_they_were() -> None:
    rng = np.random.default_rng(0)
    blob = FeatureTable(rng.lognormal(3, 1, size=(1_500, 3)), np.arange(1_500), SPECS)
    before = fit_clusters(blob, rng=rng, features=NAMES, ks=[7]).clusters
    later = FeatureTable(blob.values * rng.lognormal(0, 0.05, (1_500, 3)), blob.customers, SPECS)

    after = fit_clusters(later, rng=rng, previous=before, features=NAMES, ks=[7]).clusters

    assert np.mean(before.assign(blob) == after.assign(later)) > 0.9


def test_an_identity_is_never_given_twice() -> None:
    few, _ = shoppers(without=2)
    all_kinds, _ = shoppers()
    first = clusters_of(all_kinds)

    second = clusters_of(few, seed=1, previous=first)
    third = clusters_of(all_kinds, seed=2, previous=second)

    lost = set(first.ids.tolist()) - set(second.ids.tolist())
    assert lost
    assert lost.isdisjoint(third.ids.tolist())


def test_the_order_of_customers_does_not_matter_to_their_cluster() -> None:
    table, _ = shoppers()
    clusters = clusters_of(table)
    shuffle = np.random.default_rng(0).permutation(len(table.values))

    assert (clusters.assign(table.take(shuffle)) == clusters.assign(table)[shuffle]).all()


def test_the_same_seed_gives_the_same_bytes() -> None:
    table, _ = shoppers(spread=0.8)

    one, two = (clusters_of(table, seed=4).centres for _ in range(2))

    assert one.tobytes() == two.tobytes()


def test_clusters_come_back_from_arrays_and_json() -> None:
    table, _ = shoppers()
    clusters = clusters_of(table)

    again = Clusters.from_parts(clusters.arrays(), clusters.meta())

    assert (again.assign(table) == clusters.assign(table)).all()
    assert again.next_id == clusters.next_id


def test_what_is_unknown_counts_as_usual() -> None:
    table, _ = shoppers()
    clusters = clusters_of(table)
    unknown = table.values[:1].copy()
    unknown[0, 2] = np.nan
    typical = unknown.copy()
    typical[0, 2] = np.median(table.values[:, 2])

    assigned = [
        clusters.assign(FeatureTable(row, np.array([0]), SPECS))[0] for row in (unknown, typical)
    ]

    assert assigned[0] == assigned[1]


def test_features_that_nobody_has_are_left_out() -> None:
    table, _ = shoppers()
    values = table.values.copy()
    values[:, 2] = np.nan

    clusters = clusters_of(FeatureTable(values, table.customers, SPECS))

    assert clusters.space.features == NAMES[:2]


def test_customers_who_do_not_differ_cannot_be_grouped() -> None:
    same = FeatureTable(np.ones((50, 3)), np.arange(50), SPECS)

    with pytest.raises(ValueError, match="differs between these customers"):
        clusters_of(same)


def test_a_handful_of_customers_is_grouped_without_a_crash() -> None:
    table, _ = shoppers(n=4)

    clusters = clusters_of(table)

    assert 1 <= len(clusters) <= 4
