import json
import math
from dataclasses import asdict

import numpy as np
import pytest

from retention.learning.interactions import Csr, IntArray, Interactions
from retention.learning.measure.ranking import (
    Cutoff,
    Question,
    TooLittleHistory,
    question,
    score,
    visits,
)
from retention.learning.measure.ranking_report import by_group, difference, report

PRODUCTS = 40


def events(*, seed: int = 0, customers: int = 80) -> Interactions:
    """Popular products are taken by more customers; 100 days."""
    rng = np.random.default_rng(seed)
    return Interactions.of(
        rng.integers(0, customers, 3000),
        (PRODUCTS * rng.random(3000) ** 2).astype(int),
        times=rng.uniform(0, 100, 3000),
        n_customers=customers,
        n_products=PRODUCTS,
    )


def asked() -> Question:
    return question(events(), Cutoff(at_day=80.0, until_day=84.0))


def lists(n: int, *, seed: int = 1) -> IntArray:
    """Random lists of 20 different products, some of which end early."""
    rng = np.random.default_rng(seed)
    shown = np.argsort(rng.random((n, PRODUCTS)), axis=1)[:, :20].astype(np.int32)
    ends = rng.integers(3, 30, size=n)
    shown[np.arange(20) >= ends[:, None]] = -1
    return shown


def held(cells: Csr, row: int) -> set[int]:
    return {int(column) for column in cells[[row]].indices}


def test_metrics_agree_with_the_definitions_written_out() -> None:
    ask = asked()
    shown = lists(len(ask.customers))

    scores = score(shown, ask, k=10, recall_k=20)

    expected = [slow_scores(row.tolist(), ask, index) for index, row in enumerate(shown)]
    names = ("ndcg", "recall", "average_precision", "novelty", "new_share")
    found = np.stack([getattr(scores, name) for name in names], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_list_of_all_that_was_taken_is_perfect() -> None:
    ask = asked()
    shown = np.full((len(ask.customers), 40), -1, np.int32)
    for row in range(len(shown)):
        taken = sorted(held(ask.relevant, row))
        shown[row, : len(taken)] = taken

    scores = score(shown, ask, k=40, recall_k=40)

    assert scores.ndcg.tolist() == pytest.approx([1.0] * len(shown))
    assert scores.recall.tolist() == [1.0] * len(shown)
    assert scores.average_precision.tolist() == pytest.approx([1.0] * len(shown))


def test_empty_lists_score_nothing() -> None:
    ask = asked()

    scores = score(np.full((len(ask.customers), 20), -1, np.int32), ask)

    assert not scores.ndcg.any()
    assert not scores.new_share.any()
    assert not scores.novelty.any()


def test_only_known_customers_who_bought_in_the_window_are_asked_about() -> None:
    interactions = Interactions.of(
        [0, 0, 1, 2], [1, 2, 1, 3], times=[5.0, 15.0, 15.0, 5.0], n_customers=4, n_products=4
    )

    ask = question(interactions, Cutoff(at_day=10.0, until_day=20.0))

    assert ask.customers.tolist() == [0]
    assert ask.relevant.toarray().tolist() == [[0, 0, 1, 0]]
    assert ask.seen.toarray().tolist() == [[0, 1, 0, 0]]
    assert ask.popularity.tolist() == [0, 0.5, 0, 0.5]


def test_asking_about_new_products_leaves_out_what_was_known() -> None:
    interactions = Interactions.of(
        [0, 0, 0, 1, 1], [1, 1, 2, 3, 3],
        times=[5.0, 15.0, 15.0, 5.0, 15.0], n_customers=2, n_products=4,
    )  # fmt: skip

    ask = question(interactions, Cutoff(at_day=10.0, until_day=20.0)).only_new()

    assert ask.customers.tolist() == [0]
    assert ask.relevant.toarray().tolist() == [[0, 0, 1, 0]]


def test_a_report_holds_the_means_inside_their_intervals() -> None:
    ask = asked()
    scores = score(lists(len(ask.customers)), ask)

    found = report(scores, rng=np.random.default_rng(0), resamples=200)

    assert found.customers == len(ask.customers)
    assert found.ndcg.value == pytest.approx(scores.ndcg.mean())
    estimates = (found.ndcg, found.recall, found.mean_average_precision, found.novelty)
    assert all(each.low < each.value < each.high for each in (*estimates, found.new_share))


def test_the_interval_is_about_two_standard_errors_wide() -> None:
    ask = asked()
    scores = score(lists(len(ask.customers)), ask)

    found = report(scores, rng=np.random.default_rng(0), resamples=500)

    error = scores.recall.std() / math.sqrt(len(scores.recall))
    assert found.recall.high - found.recall.low == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_coverage_is_the_share_of_the_catalogue_shown_and_inside_its_interval() -> None:
    ask = question(events(customers=9), Cutoff(at_day=80.0, until_day=84.0))
    shown = lists(len(ask.customers))

    found = report(score(shown, ask), rng=np.random.default_rng(0)).coverage

    distinct = {product for row in shown[:, :10].tolist() for product in row} - {-1}
    assert found.value == pytest.approx(len(distinct) / PRODUCTS)
    assert found.low <= found.value <= found.high


def test_a_report_can_be_written_as_json() -> None:
    ask = asked()

    found = report(score(lists(len(ask.customers)), ask), rng=np.random.default_rng(0))

    assert json.loads(json.dumps(asdict(found)))["coverage"]["value"] == found.coverage.value
    assert type(found.coverage.value) is float


def test_the_same_seed_gives_the_same_report() -> None:
    ask = asked()
    scores = score(lists(len(ask.customers)), ask)

    one, other = (report(scores, rng=np.random.default_rng(4)) for _ in range(2))

    assert one == other


def test_nobody_to_judge_on_is_said() -> None:
    ask = question(events(), Cutoff(at_day=200.0, until_day=210.0))

    with pytest.raises(TooLittleHistory, match="nothing to judge on"):
        report(score(lists(0), ask), rng=np.random.default_rng(0))


def test_a_paired_difference_sees_what_two_intervals_would_hide() -> None:
    rng = np.random.default_rng(0)
    theirs = rng.random(300)
    ours = theirs + 0.01 + rng.normal(scale=0.01, size=300)

    gain = difference(ours, theirs, rng=rng)

    assert gain.value == pytest.approx(float((ours - theirs).mean()))
    assert gain.above_zero


def test_no_difference_is_not_one() -> None:
    rng = np.random.default_rng(0)
    theirs = rng.random(300)

    gain = difference(theirs + rng.normal(scale=0.1, size=300), theirs, rng=rng)

    assert gain.low < 0 < gain.high


def test_two_crowds_cannot_be_compared_in_pairs() -> None:
    with pytest.raises(ValueError, match="same customers"):
        difference(np.zeros(3), np.zeros(4), rng=np.random.default_rng(0))


def test_lists_too_short_to_judge_are_refused() -> None:
    with pytest.raises(ValueError, match="Lists of 20 for"):
        score(np.zeros((len(asked().customers), 10), np.int32), asked())


def slow_scores(shown: list[int], ask: Question, row: int) -> list[float]:
    """The definitions, one customer at a time: nDCG@10, recall@20, AP@10, novelty, new share."""
    relevant, seen = held(ask.relevant, row), held(ask.seen, row)
    top = [product for product in shown[:10] if product >= 0]
    gain = sum(1 / math.log2(r + 2) for r, product in enumerate(top) if product in relevant)
    ideal = sum(1 / math.log2(r + 2) for r in range(min(10, len(relevant))))
    hits = [product in relevant for product in top]
    precisions = [sum(hits[: r + 1]) / (r + 1) for r in range(len(top)) if hits[r]]
    rarest = 1 / (2 * len(ask.customers))
    bits = [-math.log2(max(float(ask.popularity[product]), rarest)) for product in top]
    return [
        gain / ideal,
        len(relevant & set(shown[:20])) / len(relevant),
        sum(precisions) / min(10, len(relevant)),
        sum(bits) / len(top),
        sum(product not in seen for product in top) / len(top),
    ]


def test_diversity_is_one_less_the_mean_cosine_of_the_pairs() -> None:
    ask = asked()
    shown = lists(len(ask.customers))
    content = np.random.default_rng(3).normal(size=(PRODUCTS, 4)).astype(np.float32)
    content /= np.linalg.norm(content, axis=1, keepdims=True)

    diversity = score(shown, ask, content=content).diversity

    vectors = content[shown[2, :10][shown[2, :10] >= 0]]
    cosines = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    assert diversity[2] == pytest.approx(1 - cosines.mean(), rel=1e-5)
    assert np.isnan(score(shown, ask).diversity).all()


def test_visits_are_the_different_days_before_the_cut_off() -> None:
    interactions = Interactions.of(
        [0, 0, 0, 1], [0, 1, 1, 2], times=[1.1, 1.9, 4.0, 9.0], n_customers=3, n_products=3
    )

    found = visits(interactions, 8.0, np.array([2, 0, 1], np.int32))

    assert found.tolist() == [0, 2, 0]


def test_groups_part_the_customers_by_their_visits() -> None:
    ask = asked()
    scores = score(lists(len(ask.customers)), ask)
    days = np.resize([1, 2, 4, 5, 9], len(ask.customers)).astype(np.int32)

    groups = by_group(scores, days)

    assert list(groups) == ["new", "casual", "loyal"]
    assert groups["casual"].ndcg.tolist() == scores.ndcg[(days == 2) | (days == 4)].tolist()
    assert sum(len(each.shown) for each in groups.values()) == len(ask.customers)
