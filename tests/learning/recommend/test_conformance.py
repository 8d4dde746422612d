"""What every recommender keeps, on data whose right answer is known."""

import io
import json
from typing import Any

import numpy as np
import pytest

from retention.learning.interactions import IntArray, Interactions
from retention.learning.recommend.als import ImplicitALS
from retention.learning.recommend.buy_again import BuyAgain
from retention.learning.recommend.content_taste import ContentTaste
from retention.learning.recommend.explicit import BayesianFactors, ExplicitALS
from retention.learning.recommend.hybrid import Hybrid
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.neighbours import ItemNeighbours
from retention.learning.recommend.popularity import RecentPopularity
from retention.learning.recommend.protocol import NotFitted, NothingToLearn, Recommender
from tests.learning.recommend.made import AT, CUSTOMERS, GROUPS, PRODUCTS, seen, shop

Kind = type[Any]

DISCOVERING: list[Any] = [ItemNeighbours, ImplicitALS, ContentTaste, Hybrid, LearnedHybrid]
PERSONAL: list[Any] = [BuyAgain, *DISCOVERING]
# All stars of this shop are one star: those who learn from stars rank, and tell nothing apart.
KINDS: list[Any] = [RecentPopularity, *PERSONAL, ExplicitALS, BayesianFactors]
FILLED: list[Any] = [RecentPopularity, Hybrid, LearnedHybrid]

every_kind = pytest.mark.parametrize("kind", KINDS)

# As many factors as there are groups to find, and one more.
TASTE = {"factors": 4, "regularization": 0.03}
OPTIONS: dict[Kind, dict[str, Any]] = {
    ImplicitALS: TASTE,
    Hybrid: {"options": {"taste": TASTE}},
    LearnedHybrid: {"options": {"taste": TASTE}, "fewest": 20},
    BayesianFactors: {"factors": 3, "burn_in": 2, "kept": 2, "thinning": 1},
}
# What products are: their group and a little of their own.
CONTENT = np.hstack([np.eye(GROUPS)[np.arange(PRODUCTS) % GROUPS], 0.1 * np.eye(PRODUCTS)])
CONTENT = (CONTENT / np.linalg.norm(CONTENT, axis=1, keepdims=True)).astype(np.float32)
SAID: dict[Kind, dict[str, Any]] = {
    kind: {"content": CONTENT} for kind in (ContentTaste, LearnedHybrid)
}

EVERYONE = np.arange(CUSTOMERS, dtype=np.int32)


def fitted(kind: Kind, interactions: Interactions | None = None) -> Recommender:
    model: Recommender = kind(**OPTIONS.get(kind, {}))
    return model.fit(interactions or shop(), at_day=AT, **SAID.get(kind, {}))


def rows(*customers: int) -> IntArray:
    return np.array(customers, dtype=np.int32)


@every_kind
def test_lists_have_the_shape_asked_for_and_no_product_twice(kind: Kind) -> None:
    products, scores = fitted(kind).recommend(EVERYONE, k=5)

    assert products.shape == scores.shape == (CUSTOMERS, 5)
    assert products.dtype == np.dtype(np.int32)
    assert scores.dtype == np.dtype(np.float32)
    assert all(len(set(row)) == 5 for row in products.tolist())
    assert products.min() >= 0
    assert products.max() < PRODUCTS


@every_kind
def test_the_best_comes_first(kind: Kind) -> None:
    _, scores = fitted(kind).recommend(EVERYONE, k=5)

    assert (np.diff(scores, axis=1) <= 0).all()


@every_kind
def test_a_list_that_ends_early_ends_in_minus_one_and_nan(kind: Kind) -> None:
    products, scores = fitted(kind).recommend(EVERYONE, k=PRODUCTS + 5)

    ended = products < 0
    assert ended[:, -5:].all()
    assert (np.diff(ended.astype(int), axis=1) >= 0).all()
    assert np.array_equal(ended, np.isnan(scores))


@every_kind
def test_what_is_excluded_is_not_shown_to_its_customer(kind: Kind) -> None:
    interactions = shop()
    exclude = seen(interactions, rows=[4, 5])

    products, _ = fitted(kind, interactions).recommend(rows(4, 5), k=PRODUCTS, exclude=exclude)

    assert not set(products[0]) & set(exclude[[0]].indices)
    assert not set(products[1]) & set(exclude[[1]].indices)


@every_kind
def test_only_what_is_allowed_is_shown(kind: Kind) -> None:
    allowed = np.arange(PRODUCTS) < 12

    products, _ = fitted(kind).recommend(EVERYONE, k=PRODUCTS, allowed=allowed)

    assert products.max() < 12
    assert (products >= 0).any()


@every_kind
def test_nothing_is_shown_when_nothing_is_allowed(kind: Kind) -> None:
    products, _ = fitted(kind).recommend(rows(1), k=3, allowed=np.zeros(PRODUCTS, dtype=np.bool_))

    assert products.tolist() == [[-1, -1, -1]]


@every_kind
def test_filters_of_another_shape_are_refused(kind: Kind) -> None:
    model = fitted(kind)

    with pytest.raises(ValueError, match="one row for each customer"):
        model.recommend(rows(1), k=3, exclude=seen(shop(), rows=[1, 2]))
    with pytest.raises(ValueError, match="allowed must be"):
        model.recommend(rows(1), k=3, allowed=np.ones(PRODUCTS - 1, dtype=np.bool_))


@every_kind
def test_a_batch_of_one_equals_one_of_the_batch(kind: Kind) -> None:
    model = fitted(kind)

    products, scores = model.recommend(EVERYONE, k=6)
    alone, its_scores = model.recommend(rows(17), k=6)

    assert np.array_equal(alone[0], products[17])
    np.testing.assert_allclose(its_scores[0], scores[17], rtol=1e-5)


@every_kind
def test_no_customers_get_no_lists(kind: Kind) -> None:
    products, scores = fitted(kind).recommend(rows(), k=4)

    assert products.shape == scores.shape == (0, 4)


@every_kind
def test_strangers_get_what_is_popular_or_nothing(kind: Kind) -> None:
    products, _ = fitted(kind).recommend(rows(-1, CUSTOMERS, 10**6), k=3)
    popular, _ = fitted(RecentPopularity).recommend(rows(-1), k=3)

    fallback = popular[0] if kind in FILLED else rows(-1, -1, -1)
    assert np.array_equal(products, np.tile(fallback, (3, 1)))


@every_kind
def test_the_history_given_answers_like_the_history_known(kind: Kind) -> None:
    interactions = shop()
    model = fitted(kind, interactions)

    known, scores = model.recommend(rows(8, 3, CUSTOMERS), k=6)
    history = interactions.of_customers(rows(8, 3, CUSTOMERS))
    given, its_scores = model.recommend_from(history, at_day=AT, k=6)

    assert np.array_equal(known, given)
    np.testing.assert_allclose(scores, its_scores, rtol=1e-5)


@every_kind
def test_a_history_of_other_products_is_refused(kind: Kind) -> None:
    history = Interactions.of([0], [0], times=[1.0], n_customers=1, n_products=PRODUCTS + 1)

    with pytest.raises(ValueError, match="vocabulary"):
        fitted(kind).recommend_from(history, at_day=AT, k=3)


@every_kind
def test_nothing_after_the_cut_off_is_learned(kind: Kind) -> None:
    now, later = shop(), shop(seed=1)
    both = Interactions.of(
        np.concatenate([now.customers, later.customers]),
        np.concatenate([now.products, later.products]),
        times=np.concatenate([now.times, later.times + AT]),
        n_customers=now.n_customers,
        n_products=now.n_products,
    )

    honest, _ = fitted(kind, both).recommend(EVERYONE, k=6)

    assert np.array_equal(honest, fitted(kind, now).recommend(EVERYONE, k=6)[0])


@every_kind
def test_arrays_and_json_bring_the_same_model_back(kind: Kind) -> None:
    model = fitted(kind)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **model.arrays())
    file.seek(0)

    params = json.loads(json.dumps(model.params()))
    with np.load(file, allow_pickle=False) as stored:
        again = kind.from_arrays(params, dict(stored))

    assert same_bytes(again.recommend(EVERYONE, k=6), model.recommend(EVERYONE, k=6))
    assert again.params() == model.params()


@every_kind
def test_the_same_seed_gives_the_same_bytes(kind: Kind) -> None:
    one, other = fitted(kind).arrays(), fitted(kind).arrays()

    assert one.keys() == other.keys()
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


@every_kind
def test_a_model_that_learned_nothing_says_so(kind: Kind) -> None:
    with pytest.raises(NotFitted, match=r"call fit\(\) first"):
        kind().recommend(rows(1), k=3)
    with pytest.raises(NotFitted, match=r"call fit\(\) first"):
        kind().arrays()


@every_kind
def test_nothing_can_be_learned_before_the_first_event(kind: Kind) -> None:
    with pytest.raises(NothingToLearn, match="None of the 600 events"):
        kind().fit(shop(), at_day=-1.0)


@every_kind
def test_progress_ends_at_its_total(kind: Kind) -> None:
    heard: list[tuple[int, int, str]] = []

    kind(**OPTIONS.get(kind, {})).fit(
        shop(),
        at_day=AT,
        **SAID.get(kind, {}),
        progress=lambda done, total, message: heard.append((done, total, message)),
    )

    done, total, _ = heard[-1]
    assert done == total > 0


@pytest.mark.parametrize("kind", PERSONAL)
def test_everyone_is_shown_the_own_group(kind: Kind) -> None:
    products, _ = fitted(kind).recommend(EVERYONE, k=5)

    assert (products % GROUPS == EVERYONE[:, None] % GROUPS).all()


@pytest.mark.parametrize("kind", DISCOVERING)
def test_what_is_new_to_a_customer_comes_from_the_own_group(kind: Kind) -> None:
    interactions = shop()
    exclude = seen(interactions, rows=EVERYONE.tolist())

    products, _ = fitted(kind, interactions).recommend(EVERYONE, k=3, exclude=exclude)

    assert (products % GROUPS == EVERYONE[:, None] % GROUPS).all()


def same_bytes(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))
