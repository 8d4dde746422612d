"""What can and cannot happen in a shop."""

import numpy as np

from retention.learning.simulate import EventBatch, Kind
from retention.learning.simulate.arrays import IntArray
from tests.learning.simulate import made


def line_keys(batch: EventBatch) -> IntArray:
    """One number for each (order, product)."""
    return batch.order * 10_000 + batch.product


def test_events_come_sorted_and_numbered() -> None:
    _, batch = made.played()

    assert (np.diff(batch.time) >= 0).all()
    assert np.array_equal(batch.serial, np.arange(len(batch)))
    assert len(set(batch.message_ids())) == len(batch)


def test_nothing_happens_before_a_customer_is_first_seen() -> None:
    shop, batch = made.played()

    assert (batch.time >= shop.people.first_seen_day[batch.customer]).all()


def test_everyone_is_seen_on_their_first_day() -> None:
    shop, batch = made.played()

    first = np.full(len(shop.people), np.inf)
    np.minimum.at(first, batch.customer, batch.time)

    assert np.array_equal(np.floor(first), shop.people.first_seen_day)


def test_times_are_whole_seconds() -> None:
    _, batch = made.played()

    assert np.abs(batch.time * 86_400 - batch.seconds).max() < 1e-3


def test_something_is_bought_in_every_line_and_at_its_price() -> None:
    shop, batch = made.played()
    bought = batch.of_kind(Kind.PURCHASE)

    assert bought.quantity.min() >= 1
    assert np.array_equal(bought.unit_price, shop.catalogue.price[bought.product])
    assert (bought.discount <= bought.quantity * bought.unit_price).all()


def test_an_order_is_one_customers_at_one_moment_with_each_product_once() -> None:
    _, batch = made.played()
    bought = batch.of_kind(Kind.PURCHASE)

    _, order = np.unique(bought.order, return_inverse=True)
    lines = np.bincount(order)

    assert np.array_equal(np.bincount(order, weights=bought.customer) % lines, 0 * lines)
    assert len(np.unique(np.stack([order, bought.seconds]), axis=1)[0]) == lines.size
    assert np.unique(line_keys(bought)).size == len(bought)
    assert 2.0 < lines.mean() < 3.5


def test_what_comes_back_was_bought_before_and_never_more_of_it() -> None:
    _, batch = made.played()
    bought, back = batch.of_kind(Kind.PURCHASE), batch.of_kind(Kind.RETURN)

    by_line = np.argsort(line_keys(bought))
    row = by_line[np.searchsorted(line_keys(bought)[by_line], line_keys(back))]

    assert len(back) > 0
    assert np.array_equal(line_keys(bought)[row], line_keys(back))
    assert np.array_equal(bought.customer[row], back.customer)
    assert (bought.time[row] < back.time).all()
    assert (back.quantity <= bought.quantity[row]).all()
    assert np.unique(line_keys(back)).size == len(back)


def test_ratings_are_one_to_five_stars_for_bought_things() -> None:
    _, batch = made.played()
    rated = batch.of_kind(Kind.RATING)

    assert set(rated.rating.tolist()) == {1, 2, 3, 4, 5}
    assert np.isin(line_keys(rated), line_keys(batch.of_kind(Kind.PURCHASE))).all()
    assert (batch.rating[batch.kind != Kind.RATING] == 0).all()


def test_nothing_is_looked_at_before_it_is_for_sale() -> None:
    shop, batch = made.played()

    assert (batch.time >= shop.catalogue.launched_day[batch.product]).all()


def test_customers_come_only_by_the_sources_they_are_known_under() -> None:
    shop, batch = made.played()
    people = shop.people

    main = people.main_source[batch.customer] == batch.source
    second = people.second_source[batch.customer] == batch.source

    assert (main | second).all()
    assert (second & ~main).mean() > 0.03


def test_who_has_left_is_never_seen_ordering_again() -> None:
    shop, batch = made.played()
    acts = batch.take(batch.kind <= Kind.PURCHASE)

    assert (np.floor(acts.time) < shop.state.left_day[acts.customer]).all()


def test_late_parcels_and_returns_show_in_the_stars() -> None:
    _, batch = made.played()
    rated, back = batch.of_kind(Kind.RATING), batch.of_kind(Kind.RETURN)

    came_back = np.isin(line_keys(rated), line_keys(back))

    assert rated.rating[came_back].mean() < rated.rating[~came_back].mean() - 0.5


def test_every_line_of_an_order_was_put_in_the_cart_shortly_before() -> None:
    _, batch = made.played()
    carts, bought = batch.of_kind(Kind.CART), batch.of_kind(Kind.PURCHASE)

    by_customer_and_product = np.lexsort((carts.time, carts.product, carts.customer))
    key = carts.customer * 10_000.0 * 40_000 + carts.product * 40_000 + carts.time
    asked = bought.customer * 10_000.0 * 40_000 + bought.product * 40_000 + bought.time
    last = by_customer_and_product[
        np.searchsorted(key[by_customer_and_product], asked, side="left") - 1
    ]

    assert np.array_equal(carts.customer[last], bought.customer)
    assert np.array_equal(carts.product[last], bought.product)
    assert (bought.time - carts.time[last] > 0).all()
    assert (bought.time - carts.time[last] < 1 / 24).all()
