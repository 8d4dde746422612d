import numpy as np
import pytest

from retention.learning.panel import FloatArray
from retention.learning.segment.choice import choose_k, k_means


def heaps(k: int, *, n: int = 600, seed: int = 0, spread: float = 0.3) -> FloatArray:
    """Points around the corners of a polygon."""
    rng = np.random.default_rng(seed)
    turn = 2 * np.pi * (np.arange(n) % k) / k
    return 3 * np.column_stack([np.cos(turn), np.sin(turn)]) + rng.normal(0, spread, (n, 2))


@pytest.mark.parametrize("k", [3, 5])
def test_as_many_groups_are_found_as_there_are(k: int) -> None:
    _, chosen = choose_k(heaps(k), ks=range(2, 8), rng=np.random.default_rng(0))

    assert chosen == k


def test_the_serving_number_stays_while_it_shows_nearly_as_well() -> None:
    points = heaps(6, spread=0.9)

    _, free = choose_k(points, ks=range(2, 8), rng=np.random.default_rng(0))
    _, kept = choose_k(points, ks=range(2, 8), rng=np.random.default_rng(0), current=5)

    assert free != 5
    assert kept == 5


def test_the_serving_number_goes_when_another_shows_far_better() -> None:
    _, chosen = choose_k(heaps(3), ks=range(2, 8), rng=np.random.default_rng(0), current=7)

    assert chosen == 3


def test_where_nothing_is_stable_the_most_stable_is_used() -> None:
    cloud = np.random.default_rng(0).normal(size=(400, 9))

    choices, chosen = choose_k(cloud, ks=[4, 5, 6], rng=np.random.default_rng(0))

    assert chosen == max(choices, key=lambda choice: choice.stability).k
    assert max(choice.stability for choice in choices) < 0.8


def test_two_different_customers_are_no_more_than_two_groups() -> None:
    points = np.array([[0.0, 0.0]] * 5 + [[1.0, 1.0]] * 5)

    choices, chosen = choose_k(points, ks=range(3, 9), rng=np.random.default_rng(0))

    assert choices == ()
    assert chosen == 2


def test_a_search_from_given_centres_stays_near_them() -> None:
    points = heaps(3)
    start = np.array([[3.0, 0.0], [-1.5, 2.6], [-1.5, -2.6]])

    centres = k_means(points, 3, rng=np.random.default_rng(0), start=start)

    np.testing.assert_allclose(centres, start, atol=0.1)
