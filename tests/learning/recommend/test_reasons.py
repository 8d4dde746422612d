"""Reasons are the score's own terms: they add up to it, and say what is true of the product."""

import numpy as np
import pytest

from retention.learning.interactions import Interactions
from retention.learning.recommend.blend import Blend
from retention.learning.recommend.evidence import FEATURES
from retention.learning.recommend.hybrid import Hybrid
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.reasons import NAMES, REASONS, Reasons, most_alike, reasons_of
from tests.learning.recommend.test_learned import AT, CUSTOMERS, PRODUCTS, TASTE, fading

EVERYONE = np.arange(CUSTOMERS, dtype=np.int32)


@pytest.fixture(scope="module")
def model() -> LearnedHybrid:
    return LearnedHybrid(options=TASTE, fewest=100).fit(fading(), at_day=AT)


@pytest.fixture(scope="module")
def blend(model: LearnedHybrid) -> Blend:
    return model.blend(EVERYONE, k=10)


@pytest.fixture(scope="module")
def told(model: LearnedHybrid, blend: Blend) -> Reasons:
    found = reasons_of(blend, model.goods_.sales)
    assert found is not None
    return found


def test_every_figure_has_its_reason() -> None:
    assert list(REASONS) == list(FEATURES)


def test_reasons_and_the_rest_add_up_to_the_rankers_score(
    model: LearnedHybrid, blend: Blend, told: Reasons
) -> None:
    assert model.ranker_ is not None
    assert blend.parts is not None
    exactly = model.ranker_.scores(blend.parts.figures.reshape(-1, len(FEATURES)))

    added = told.effects.sum(axis=2) + told.rest

    np.testing.assert_allclose(added.ravel(), exactly, rtol=0, atol=1e-9)
    np.testing.assert_allclose(told.log_odds.ravel(), exactly, rtol=0, atol=1e-9)


def test_the_rest_is_the_same_for_all_that_is_new_to_a_customer(
    model: LearnedHybrid, blend: Blend, told: Reasons
) -> None:
    new = model.models_["buy_again"].explain(EVERYONE, blend.products).times == 0

    rests = [np.ptp(row[fresh]) for row, fresh in zip(told.rest, new, strict=True) if fresh.any()]

    assert len(rests) > 10
    assert max(rests) < 1e-9
    assert not told.effects[..., NAMES.index("bought_before")][new].any()


def test_lists_fused_by_rank_have_no_reasons(model: LearnedHybrid) -> None:
    fused = Hybrid(options=TASTE).fit(fading(), at_day=AT).blend(EVERYONE, k=3)

    assert reasons_of(fused, model.goods_.sales) is None


def test_a_trend_is_held_to_the_products_own_age() -> None:
    """Products 0 and 1 sell once a day, 1 only since 20 days; 2 sold three times as much lately."""
    days = np.arange(0.0, 400)
    late = days[days >= 380]
    times = np.concatenate([days, late, days, late, late])
    products = np.repeat([0, 1, 2, 2, 2], [len(days), 20, len(days), 20, 20])
    customers = np.arange(len(times)) % CUSTOMERS
    events = Interactions.of(
        customers, products, times=times, n_customers=CUSTOMERS, n_products=PRODUCTS + 1
    )
    model = LearnedHybrid(options=TASTE, fewest=1).fit(events, at_day=400.0)
    blend = model.blend(EVERYONE[:1], k=3)

    told = reasons_of(blend, model.goods_.sales)

    assert told is not None
    ratio = dict(
        zip(blend.products[0].tolist(), told.values[0, :, NAMES.index("trend")], strict=True)
    )
    assert [ratio[0], ratio[1]] == pytest.approx([1.0, 1.0], abs=0.05)
    assert 1.5 < ratio[2] < 3


def test_what_sells_most_stands_among_the_first(blend: Blend, told: Reasons) -> None:
    assert blend.parts is not None
    sales = blend.parts.figures[..., list(FEATURES).index("popular")]
    share = told.values[..., NAMES.index("popular")]

    assert share.min() == pytest.approx(1 / (PRODUCTS + 1))
    assert share.ravel()[sales.argmax()] == share.min()


def test_the_most_alike_are_those_that_add_most_to_the_cosine() -> None:
    content = np.array([[1, 0], [0.6, 0.8], [0.8, 0.6], [0, 1], [1, 0]], np.float32)
    history = Interactions.of(
        [0, 0, 0, 1], [0, 1, 3, 3], times=[0.0] * 4, n_customers=2, n_products=5
    ).matrix(1.0)

    alike = most_alike(history, np.array([[4, 2, 0], [4, 3, -1]], np.int32), content, most=2)

    # Never itself, and nothing where nothing is shared.
    assert alike.tolist() == [[[0, 1], [1, 0], [1, -1]], [[-1, -1], [-1, -1], [-1, -1]]]
