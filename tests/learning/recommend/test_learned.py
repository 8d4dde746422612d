import numpy as np
import pytest

from retention.learning.interactions import FloatArray, IntArray, Interactions
from retention.learning.recommend.evidence import FEATURES
from retention.learning.recommend.hybrid import Hybrid
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.protocol import Params
from retention.learning.recommend.ranker import Ranker, TooFewExamples

AT, GROUPS, CUSTOMERS, PRODUCTS = 100.0, 3, 150, 60
TASTE: dict[str, Params] = {"taste": {"factors": 4, "regularization": 0.03}}


def fading(*, seed: int = 0) -> Interactions:
    """Customers and products in three groups; the first half of the products stops selling.

    What sold until day 50 is never bought again, what sells since day 40 is: only the later
    window shows it.
    """
    rng = np.random.default_rng(seed)
    customers = np.repeat(np.arange(CUSTOMERS), 16)
    days = rng.uniform(0, AT, len(customers))
    product = rng.integers(0, PRODUCTS // 2 // GROUPS, len(days)) * GROUPS + customers % GROUPS
    product = np.where(days < 45, product, product + PRODUCTS // 2)
    return Interactions.of(
        customers, product, times=days, n_customers=CUSTOMERS, n_products=PRODUCTS + 1
    )


@pytest.fixture(scope="module")
def model() -> LearnedHybrid:
    return LearnedHybrid(options=TASTE, fewest=100).fit(fading(), at_day=AT)


def rows(*customers: int) -> IntArray:
    return np.array(customers, dtype=np.int32)


def test_what_stopped_selling_is_learned_to_be_bought_no_more(model: LearnedHybrid) -> None:
    everyone = np.arange(CUSTOMERS, dtype=np.int32)

    learned, _ = model.recommend(everyone, k=5)
    fused, _ = Hybrid(options=TASTE).fit(fading(), at_day=AT).recommend(everyone, k=5)

    assert (learned >= PRODUCTS // 2).mean() > 0.99
    assert (fused >= PRODUCTS // 2).mean() < 0.95


def test_the_base_and_the_effects_add_up_to_the_score(model: LearnedHybrid) -> None:
    blend = model.blend(rows(4, 5), k=6)

    assert model.ranker_ is not None
    assert blend.parts is not None
    assert blend.parts.effects.shape == blend.parts.figures.shape == (2, 6, len(FEATURES))
    exactly = model.ranker_.scores(blend.parts.figures.reshape(12, -1)).reshape(2, 6)
    added = blend.parts.base + blend.parts.effects.sum(axis=2)
    np.testing.assert_allclose(added, exactly, rtol=0, atol=1e-9)
    np.testing.assert_allclose(blend.scores, exactly, rtol=1e-6)


def test_a_filter_changes_no_score(model: LearnedHybrid) -> None:
    products, scores = model.recommend(rows(7), k=20)
    allowed = np.isin(np.arange(PRODUCTS + 1), products[0, ::2])

    kept, its_scores = model.recommend(rows(7), k=10, allowed=allowed)

    assert kept[0].tolist() == products[0, ::2].tolist()
    np.testing.assert_allclose(its_scores[0], scores[0, ::2], rtol=1e-6)


def test_too_few_examples_leave_the_fusion_by_rank() -> None:
    model = LearnedHybrid(options=TASTE, fewest=100_000).fit(fading(), at_day=AT)

    found = model.blend(rows(1, 2), k=4)

    fused = Hybrid(options=TASTE).fit(fading(), at_day=AT).blend(rows(1, 2), k=4)
    assert np.array_equal(found.products, fused.products)
    assert found.parts is None


def test_a_history_shorter_than_the_window_leaves_the_fusion_by_rank() -> None:
    model = LearnedHybrid(options=TASTE, horizon_days=200.0).fit(fading(), at_day=AT)

    assert model.ranker_ is None
    assert model.recommend(rows(1), k=3)[0].min() >= 0


def test_a_stranger_among_customers_gets_what_is_popular(model: LearnedHybrid) -> None:
    blend = model.blend(rows(3, -1), k=3)

    assert blend.personalised.tolist() == [True, False]
    popular = model.models_["popularity"].recommend(rows(-1), k=3)[0]
    assert blend.products[1].tolist() == popular[0].tolist()


def test_a_visitor_without_a_name_is_answered_from_one_product(model: LearnedHybrid) -> None:
    visit = Interactions.of([0], [31], times=[AT], n_customers=1, n_products=PRODUCTS + 1)

    blend = model.blend_from(visit, at_day=AT + 0.1, k=4)

    assert (blend.products % GROUPS == 31 % GROUPS).all()


def test_a_product_nobody_bought_becomes_a_candidate_by_its_content() -> None:
    model = LearnedHybrid(options=TASTE).fit(fading(), at_day=AT, content=content())

    products, _ = model.models_["taste"].recommend(rows(0, 1), k=25)

    # The last product is like those of group 0, whose customers 0, 3, 6 ... are.
    assert PRODUCTS in products[0]
    assert PRODUCTS not in products[1]


def test_prices_become_evidence() -> None:
    prices = np.linspace(1, 9, PRODUCTS + 1)

    model = LearnedHybrid(options=TASTE, fewest=100).fit(fading(), at_day=AT, prices=prices)

    column = list(FEATURES).index("price") - list(FEATURES).index("popular")
    np.testing.assert_allclose(np.exp(model.goods_.table[:, column]), prices, rtol=1e-6)


def test_a_ranker_says_what_it_lacks() -> None:
    x = np.zeros((50, len(FEATURES)))

    with pytest.raises(TooFewExamples, match=r"Of 50 candidates \(whole\) 0 were taken; 200"):
        Ranker().fit(x, np.zeros(50, np.bool_), rng=np.random.default_rng(0))


def test_a_ranker_of_other_features_leaves_the_fusion_by_rank(model: LearnedHybrid) -> None:
    arrays = model.arrays()
    for part in ("whole", "bought", "fresh"):
        arrays[f"ranker.{part}.start"] = arrays[f"ranker.{part}.start"][:-1]

    older = LearnedHybrid.from_arrays(model.params(), arrays)

    assert older.ranker_ is None
    assert older.recommend(rows(1), k=3)[0].min() >= 0


def content() -> FloatArray:
    """The group of every product; the last one belongs to group 0."""
    return np.eye(GROUPS, dtype=np.float32)[np.arange(PRODUCTS + 1) % GROUPS]
