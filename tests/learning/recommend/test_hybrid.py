import numpy as np
import pytest

from retention.learning.recommend.buy_again import BuyAgain
from retention.learning.recommend.hybrid import Hybrid
from retention.learning.recommend.popularity import RecentPopularity
from retention.learning.recommend.protocol import Params
from tests.learning.recommend.made import AT, bought, shop

TWO = {"buy_again": 1.0, "popularity": 0.5}
FIRST = np.array([0], dtype=np.int32)
# Popular: 1, then 0, then 2. Customer 0 has bought 2 twice, and 0.
EVENTS = bought(
    *[(c, 1, 1.0) for c in (1, 2, 3)], (1, 0, 1.0), (2, 0, 1.0), (0, 0, 1.0), (3, 0, 3.0),
    (0, 2, 1.0), (0, 2, 2.0),
)  # fmt: skip


def two() -> Hybrid:
    options: dict[str, Params] = {
        "buy_again": {"rate": 0.0, "due": 0.0},
        "popularity": {"half_life_days": None},
    }
    return Hybrid(weights=TWO, damping=1.0, options=options).fit(EVENTS, at_day=AT)


def test_scores_are_weights_over_damped_ranks() -> None:
    products, scores = two().recommend(FIRST, k=4)

    # Bought again: 2, 0. Popular: 0 (four times), 1 (three), 2 (twice).
    assert products[0].tolist() == [2, 0, 1, -1]
    expected = [1 / 2 + 0.5 / 4, 1 / 3 + 0.5 / 2, 0.5 / 3]
    np.testing.assert_allclose(scores[0, :3], expected, rtol=1e-6)


def test_the_blend_says_which_model_found_what_and_where() -> None:
    blend = two().blend(FIRST, k=4)

    assert blend.names == ("buy_again", "popularity")
    assert blend.ranks[0].tolist() == [[1, 3], [2, 1], [0, 2], [0, 0]]
    assert blend.found_by[0].tolist() == [0, 0, 1, -1]


def test_a_stranger_s_list_is_not_personal_and_a_customer_s_is() -> None:
    blend = two().blend(np.array([0, -1], dtype=np.int32), k=3)

    assert blend.personalised.tolist() == [True, False]
    assert blend.found_by[1].tolist() == [1, 1, 1]


def test_a_short_personal_list_is_filled_by_what_is_popular() -> None:
    products, _ = two().recommend(FIRST, k=3)
    again, _ = BuyAgain().fit(EVENTS, at_day=AT).recommend(FIRST, k=3)

    assert again[0].tolist().count(-1) == 1
    assert -1 not in products[0]


def test_a_visitor_without_a_name_is_answered_from_this_visit() -> None:
    model = Hybrid(options={"taste": {"factors": 4, "regularization": 0.03}})
    model.fit(shop(), at_day=AT)
    visit = bought((0, 4, AT), (0, 7, AT), n_customers=1, n_products=30)

    blend = model.blend_from(visit, at_day=AT + 0.1, k=4)

    assert (blend.products % 3 == 1).all()
    assert blend.personalised.tolist() == [True]


def test_a_model_s_options_reach_it_and_are_stored() -> None:
    model = Hybrid(weights=TWO, options={"popularity": {"half_life_days": 3.0}})
    model.fit(EVENTS, at_day=AT)

    assert model.models_["popularity"].half_life_days == 3.0
    assert model.params()["options"]["popularity"] == RecentPopularity(half_life_days=3.0).params()


@pytest.mark.parametrize("weights", [{}, {"taste": 0.0}, {"telepathy": 1.0}])
def test_weights_that_name_nothing_known_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="weights must be above 0 and name some of buy_again"):
        Hybrid(weights=weights).fit(EVENTS, at_day=AT)


def test_a_depth_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="depth 1 or more"):
        Hybrid(depth=0).fit(EVENTS, at_day=AT)
