"""The shop can be learnt from: not trivially, and not in vain."""

import numpy as np
from sklearn.metrics import roc_auc_score

from retention.learning.simulate import EventBatch, Kind, Shop
from retention.learning.simulate.arrays import BoolArray, FloatArray
from retention.learning.simulate.seasons import SECONDS_A_DAY, seconds_ahead_of_utc
from tests.learning.simulate import made


def last_order(batch: EventBatch, n_customers: int) -> FloatArray:
    day = np.full(n_customers, -np.inf)
    bought = batch.of_kind(Kind.PURCHASE)
    np.maximum.at(day, bought.customer, bought.time)
    return day


def active(shop: Shop, batch: EventBatch) -> BoolArray:
    """Those who ordered within four months."""
    recent: BoolArray = last_order(batch, len(shop.people)) > shop.day - 120
    return recent


def counts(batch: EventBatch, shape: tuple[int, int]) -> FloatArray:
    table = np.zeros(shape)
    np.add.at(table, (batch.customer, batch.product), 1.0)
    return table


def hits(scores: FloatArray, bought: BoolArray) -> float:
    """Share of the bought products that are among the ten with the best scores."""
    top = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    return float(np.take_along_axis(bought, top, axis=1).sum() / bought.sum())


def test_a_third_of_the_active_stays_silent_for_two_months() -> None:
    shop, batch = made.busy()
    future = shop.fork()

    came = made.ordered(future.advance(shop.day + made.WINDOW), len(shop.people))

    assert 0.25 < (~came)[active(shop, batch)].mean() < 0.45


def test_silence_tells_who_will_stay_silent_but_not_all() -> None:
    shop, batch = made.busy()
    future = shop.fork()

    came = made.ordered(future.advance(shop.day + made.WINDOW), len(shop.people))

    those = active(shop, batch)
    silent_days = shop.day - last_order(batch, len(shop.people))
    truth = shop.truth(window_days=made.WINDOW, offer=made.FIFTEEN)
    by_recency = roc_auc_score(~came[those], silent_days[those])
    at_best = roc_auc_score(~came[those], -truth.p_order_without[those])
    assert 0.65 < by_recency < 0.82
    assert 0.88 < at_best < 0.97


def test_what_similar_customers_buy_beats_what_everybody_buys() -> None:
    shop, batch = made.busy()
    shape = (len(shop.people), len(shop.catalogue))
    past = counts(batch.of_kind(Kind.PURCHASE), shape)
    coming = shop.fork().advance(shop.day + 30).of_kind(Kind.PURCHASE)
    new = (counts(coming, shape) > 0) & (past == 0)

    popularity = np.where(past > 0, -1.0, past.sum(axis=0))
    taste = np.log1p(past + 0.3 * counts(batch.of_kind(Kind.VIEW), shape))
    precision = np.linalg.inv(taste.T @ taste + 60 * np.eye(len(shop.catalogue)))
    alike = -precision / np.diag(precision)
    np.fill_diagonal(alike, 0.0)
    neighbours = np.where(past > 0, -np.inf, taste @ alike)

    assert hits(neighbours, new) > 1.25 * hits(popularity, new)


def test_what_a_customer_bought_before_beats_what_everybody_buys() -> None:
    shop, batch = made.busy()
    shape = (len(shop.people), len(shop.catalogue))
    past = counts(batch.of_kind(Kind.PURCHASE), shape)
    coming = counts(shop.fork().advance(shop.day + 30).of_kind(Kind.PURCHASE), shape) > 0

    popularity = np.broadcast_to(past.sum(axis=0), shape)

    assert hits(past, coming) > 1.8 * hits(popularity, coming)


def test_consumables_are_bought_again_about_when_they_run_out() -> None:
    shop, batch = made.busy()
    bought = batch.of_kind(Kind.PURCHASE)
    used_up = bought.take(shop.catalogue.gap_days[bought.product] > 0)

    key = used_up.customer * len(shop.catalogue) + used_up.product
    order = np.lexsort((used_up.time, key))
    again = np.diff(key[order]) == 0
    waited = np.diff(used_up.time[order])[again]
    lasts = shop.catalogue.gap_days[used_up.product[order][1:][again]]

    assert 0.7 < np.median(waited / lasts) < 2.0
    assert again.mean() > 0.4


def test_december_is_busier_than_february_and_sunday_than_saturday() -> None:
    shop, batch = made.played()
    days = np.floor(batch.of_kind(Kind.PURCHASE).time).astype(np.int64) - shop.spec.start_day

    december = ((days >= 335) & (days < 366)).sum() / 31
    february = ((days >= 31) & (days < 60)).sum() / 29
    weekday = np.bincount((days + shop.spec.start_day + 3) % 7, minlength=7)

    assert december > 1.5 * february
    assert weekday[6] > 1.15 * weekday[5]


def test_people_shop_in_the_evening_where_they_live() -> None:
    shop, batch = made.played()
    in_london = np.array([zone == "Europe/London" for zone in shop.people.timezones])
    looks = batch.take((batch.kind == Kind.VIEW) & in_london[batch.customer])

    hour = (looks.time % 1 * 24).astype(np.int64)

    share = np.bincount(hour, minlength=24) / len(looks)
    assert share[18:22].sum() > 4 * share[0:7].sum()


def test_some_keep_to_an_hour_and_a_weekday_of_their_own_and_most_do_not() -> None:
    shop, batch = made.played()
    habits, who = shop.world.habits, batch.customer
    at = batch.time + seconds_ahead_of_utc(shop.day)[shop.people.place[who]] / SECONDS_A_DAY
    orders = batch.kind == Kind.PURCHASE

    apart = np.abs((at % 1 * 24 - habits.hour[who] + 12) % 24 - 12)
    same_day = (np.floor(batch.time).astype(np.int64) + 3) % 7 == habits.weekday[who]

    punctual, weekly = habits.punctual > 0.5, habits.weekly > 0.5
    assert 0.1 < punctual.mean() < 0.4
    assert (apart < 2)[orders & punctual[who]].mean() > 0.6
    assert (apart < 2)[orders & ~punctual[who]].mean() < 0.4
    assert same_day[orders & weekly[who]].mean() > 0.5
    assert same_day[orders & ~weekly[who]].mean() < 0.3


def test_candles_sell_in_winter_and_planters_in_spring() -> None:
    shop, batch = made.played()
    names = np.array([name for _, name in shop.catalogue.categories])
    bought = batch.of_kind(Kind.PURCHASE)
    year_day = bought.time - shop.spec.start_day

    spring = (year_day > 80) & (year_day < 140)
    autumn = (year_day > 250) & (year_day < 310)
    garden = np.isin(names[bought.product], ["Planters", "Seeds and bulbs"])

    assert garden[spring].mean() > 1.5 * garden[autumn].mean()
