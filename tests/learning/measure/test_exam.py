import numpy as np
import pytest

from retention.learning.interactions import IntArray, Interactions
from retention.learning.measure.exam import Paper, papers_of, sit
from retention.learning.measure.ranking import TooLittleHistory, question
from retention.learning.measure.ranking_report import difference, report

PRODUCTS = 40
UNTIL = 100.0


def events(*, days: float = UNTIL, customers: int = 60) -> Interactions:
    """Popular products are taken by more customers, up to the hundredth day."""
    rng = np.random.default_rng(0)
    return Interactions.of(
        rng.integers(0, customers, 3000),
        (PRODUCTS * rng.random(3000) ** 2).astype(int),
        times=UNTIL - days * rng.random(3000) - 1e-6,
        n_customers=customers,
        n_products=PRODUCTS,
    )


def papers(known: Interactions, *, most: int = 4, fewest: int = 30) -> list[Paper]:
    rng = np.random.default_rng(0)
    return papers_of(known, until_day=UNTIL, horizon_days=10.0, most=most, fewest=fewest, rng=rng)


def best_sellers(paper: Paper) -> IntArray:
    """The same twenty for everyone."""
    return np.tile(np.arange(20, dtype=np.int32), (len(paper.asked.customers), 1))


def nothing_good(paper: Paper) -> IntArray:
    return np.tile(np.arange(39, 19, -1, dtype=np.int32), (len(paper.asked.customers), 1))


def test_windows_follow_one_another_up_to_the_day_the_earliest_first() -> None:
    found = papers(events())

    edges = [(each.cutoff.at_day, each.cutoff.until_day) for each in found]
    assert edges == [(60, 70), (70, 80), (80, 90), (90, 100)]


def test_a_window_asks_what_its_question_asks() -> None:
    newest = papers(events())[-1]

    again = question(events(), newest.cutoff)

    assert newest.asked.customers.tolist() == again.customers.tolist()
    assert newest.asked.relevant.toarray().tolist() == again.relevant.toarray().tolist()


@pytest.mark.parametrize(("days", "windows"), [(11, 1), (19, 1), (25, 1), (31, 2), (45, 3)])
def test_a_short_history_has_fewer_windows(days: float, windows: int) -> None:
    assert len(papers(events(days=days), fewest=5)) == windows


def test_windows_that_ask_too_few_are_none() -> None:
    with pytest.raises(TooLittleHistory, match="Needs 61 customers who came back within 10 days"):
        papers(events(), fewest=61)


def test_no_more_than_so_many_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retention.learning.measure.exam.MOST_ASKED", 25)

    newest = papers(events(), most=1, fewest=5)[0]

    whole = question(events(), newest.cutoff)
    assert len(newest.asked.customers) == 25
    place = np.searchsorted(whole.customers, newest.asked.customers)
    asked, of_these = newest.asked.relevant.toarray(), whole.relevant[place].toarray()
    assert asked.tolist() == of_these.tolist()
    assert newest.days.shape == (25,)


def test_one_window_is_reported_as_it_always_was() -> None:
    marks = sit(papers(events(), most=1), best_sellers)

    alone = report(marks.scores, rng=np.random.default_rng(1))

    assert marks.report(np.random.default_rng(1)) == alone


def test_figures_of_several_windows_are_means_over_all_who_were_asked() -> None:
    asked = papers(events())
    marks = sit(asked, best_sellers)

    parts = [sit([paper], best_sellers).scores for paper in asked]
    said = marks.report(np.random.default_rng(1))

    assert said.ndcg.value == pytest.approx(np.concatenate([one.ndcg for one in parts]).mean())
    assert said.coverage.value == pytest.approx(10 / PRODUCTS)


def test_whoever_is_asked_in_every_window_counts_once_in_the_interval() -> None:
    """The same answers four times over tell no more than once."""
    one = sit(papers(events(), most=1), best_sellers)
    ndcg, owners = np.tile(one.scores.ndcg, 4), np.tile(one.owners, 4)
    rng = np.random.default_rng

    once = difference(one.scores.ndcg, np.zeros(len(one)), rng=rng(1), owners=one.owners)
    kept = difference(ndcg, np.zeros(len(ndcg)), rng=rng(1), owners=owners)
    split = difference(ndcg, np.zeros(len(ndcg)), rng=rng(1))

    assert (kept.low, kept.high) == pytest.approx((once.low, once.high))
    assert split.high - split.low < 0.6 * (kept.high - kept.low)


def test_a_better_model_is_ahead_on_the_same_customers() -> None:
    asked = papers(events())
    good, bad = sit(asked, best_sellers), sit(asked, nothing_good)

    assert good.ahead_of(bad, np.random.default_rng(1)).above_zero
    assert bad.ahead_of(good, np.random.default_rng(1)).below_zero


def test_groups_part_those_who_were_asked() -> None:
    marks = sit(papers(events(customers=400), fewest=5), best_sellers)

    sizes = [len(marks.of_group(name)) for name in ("new", "casual", "loyal")]

    assert sum(sizes) == len(marks)
    assert min(sizes) > 0
    assert marks.of_group("new").days.max() == 1
    assert marks.of_group("loyal").days.min() == 5
