"""What the shop sells."""

import numpy as np

from retention.learning.simulate import ShopSpec
from retention.learning.simulate.catalogue import LEAVES, Catalogue, make_catalogue


def catalogue(*, n_products: int = 2_000) -> Catalogue:
    return make_catalogue(ShopSpec(n_products=n_products), np.random.default_rng(0))


def test_no_two_products_share_an_id_or_a_title() -> None:
    sold = catalogue()

    assert len(set(sold.external_ids)) == len(sold)
    assert len(set(sold.titles)) == len(sold)


def test_titles_stay_different_when_the_words_run_out() -> None:
    sold = catalogue(n_products=130_000)

    assert len(set(sold.titles)) == len(sold)


def test_prices_pay_for_the_goods_but_for_a_few_sold_at_a_loss() -> None:
    sold = catalogue()

    at_a_loss = sold.price < sold.cost

    assert 0 < at_a_loss.mean() < 0.05
    assert sold.price.min() > 0


def test_every_category_is_stocked_and_goes_with_one_that_exists() -> None:
    names = {leaf.name for leaf in LEAVES}

    assert {name for _, name in catalogue().categories} == names
    assert {leaf.partner for leaf in LEAVES} <= names


def test_what_goes_with_a_product_comes_from_its_partner_category() -> None:
    sold = catalogue()

    partners = [LEAVES[leaf].partner for leaf in sold.leaf]

    assert [sold.categories[row][1] for row in sold.companion] == partners


def test_a_shop_of_one_product_can_be_made() -> None:
    sold = catalogue(n_products=1)

    assert sold.companion.tolist() == [0]


def test_food_is_used_up_and_furniture_is_not() -> None:
    sold = catalogue()

    gap = dict(zip((name for _, name in sold.categories), sold.gap_days.tolist(), strict=True))

    assert (gap["Coffee"], gap["Lighting"]) == (24, 0)
