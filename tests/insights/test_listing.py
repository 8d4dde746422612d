"""A learned list as it is stored: the figures that put each product where it is."""

from typing import Any

import numpy as np
import pytest

from retention.insights.listing import AGAINST, FOR, LEAST, evidence_of, items_of
from retention.learning.recommend.blend import Blend
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.neighbours import rows_of
from retention.learning.vocabulary import Vocabulary
from tests.learning.recommend.test_learned import AT, PRODUCTS, TASTE, content, fading

IDS = Vocabulary(ids=np.arange(PRODUCTS + 1, dtype=np.int64) + 1000)
WHO = np.arange(20, dtype=np.int32)


@pytest.fixture(scope="module")
def model() -> LearnedHybrid:
    return LearnedHybrid(options=TASTE, fewest=100).fit(fading(), at_day=AT, content=content())


@pytest.fixture(scope="module")
def blend(model: LearnedHybrid) -> Blend:
    return model.blend(WHO, k=12)


@pytest.fixture(scope="module")
def lists(model: LearnedHybrid, blend: Blend) -> list[list[dict[str, Any]]]:
    history = rows_of(model.models_["neighbours"].history_, WHO)
    due = model.models_["buy_again"].explain(WHO, blend.products)
    evidence = evidence_of(model, blend, history=history, due=due)
    return [items_of(blend, place, IDS, evidence) for place in range(len(WHO))]


def test_the_score_is_the_chance_that_the_log_odds_are(
    blend: Blend, lists: list[list[dict[str, Any]]]
) -> None:
    odds = np.array([[item["log_odds"] for item in items] for items in lists])
    chances = np.array([[item["score"] for item in items] for items in lists])

    np.testing.assert_allclose(odds, blend.scores, atol=6e-5)
    np.testing.assert_allclose(chances, 1 / (1 + np.exp(-odds)), atol=2e-5)


def test_the_strongest_reasons_come_first_and_what_is_against_last(
    lists: list[list[dict[str, Any]]],
) -> None:
    for item in (item for items in lists for item in items):
        effects = [effect for _, effect, _ in item["why"]]
        speaking = [effect for effect in effects if effect > 0]
        assert speaking == sorted(speaking, reverse=True)
        assert len(speaking) <= FOR
        assert min(speaking[1:], default=LEAST) >= LEAST
        assert all(effect <= AGAINST for effect in effects[len(speaking) :])


def test_what_it_is_like_is_named_where_content_speaks(lists: list[list[dict[str, Any]]]) -> None:
    said = [item for items in lists for item in items if "alike" in item]

    assert said
    assert all(any(name == "content" for name, *_ in item["why"]) for item in said)
    # Content is the group of a product, and its group is its number less a multiple of three.
    assert all(
        (other - item["product"]) % 3 == 0 != other - item["product"]
        for item in said
        for other in item["alike"]
    )


def test_a_list_fused_by_rank_has_no_figures(model: LearnedHybrid) -> None:
    fused = LearnedHybrid(options=TASTE, fewest=100_000).fit(fading(), at_day=AT)
    blend = fused.blend(WHO[:1], k=3)
    due = fused.models_["buy_again"].explain(WHO[:1], blend.products)
    history = rows_of(fused.models_["neighbours"].history_, WHO[:1])

    items = items_of(blend, 0, IDS, evidence_of(fused, blend, history=history, due=due))

    assert all("why" not in item and "because" in item for item in items)
