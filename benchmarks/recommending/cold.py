"""REC-7: customers of whom one product is known, and products nobody has bought."""

from functools import partial
from typing import Any

import numpy as np

from benchmarks.bars import Bars
from benchmarks.recommending.data import Shop
from benchmarks.recommending.judging import HORIZON_DAYS, LIST, Judged, day
from benchmarks.recommending.shops import asked_at
from retention.learning.interactions import BoolArray, Csr, FloatArray, IntArray, Interactions
from retention.learning.measure.ranking import Question, without_cells
from retention.learning.recommend.content import describe
from retention.learning.recommend.content_taste import ContentTaste
from retention.learning.recommend.learned import LearnedHybrid

DAYS = ("2011-09-16", "2011-10-14", "2011-11-11")


def cold(bars: Bars, shop: Shop, *, quick: bool) -> None:
    """Both halves over several cut-offs."""
    content = describe(shop.descriptions)
    people: dict[str, Judged] = {}
    products: dict[str, Judged] = {}
    for at_day in [day(each) for each in (DAYS[-1:] if quick else DAYS)]:
        _new_customers(people, shop, content, at_day)
        _new_products(products, shop, content, at_day)
    for title, judged in (("new customers after one product", people), ("new products", products)):
        bars.say(f"\nOnline Retail, {title}: nDCG@10")
        for each in judged.values():
            bars.say(f"  {each.name:34} {each.ndcg:.4f}")
    ratio = people["learned hybrid"].ndcg / people["recent popularity"].ndcg
    bars.at_least("REC-7-new-customer-times-popularity", ratio, 2.0)
    over = products["foretold factors"].ndcg / products["content cosine"].ndcg
    bars.at_least("REC-7-new-product-over-content-cosine", over, 1.0)


def _new_customers(
    judged: dict[str, Judged], shop: Shop, content: FloatArray, at_day: float
) -> None:
    known = shop.events.before(at_day)
    model = LearnedHybrid().fit(
        known, at_day=at_day, content=content, prices=shop.descriptions.prices
    )
    first, asked = _first_products(shop, at_day)
    shown = first.matrix(np.inf)
    ways: dict[str, Any] = {
        "learned hybrid": model,
        "taste, folded in": model.models_["taste"],
        "item neighbours": model.models_["neighbours"],
        "recent popularity": model.models_["popularity"],
    }
    for name, way in ways.items():
        lists, _ = way.recommend_from(first, at_day=at_day, k=LIST, exclude=shown)
        one = judged.setdefault(name, Judged(name))
        one.sit(partial(_given, asked, lists), asked)


def _first_products(shop: Shop, at_day: float) -> tuple[Interactions, Question]:
    """The first product of everyone who came first after the day, and what they took besides."""
    events = shop.events
    before = np.bincount(events.before(at_day).customers, minlength=events.n_customers)
    later = events.between(at_day, at_day + HORIZON_DAYS)
    fresh = np.flatnonzero(
        (before == 0) & (np.bincount(later.customers, minlength=events.n_customers) > 0)
    ).astype(np.int32)
    own = later.of_customers(fresh)
    order = np.lexsort((own.products, own.times, own.customers))
    first = order[np.append(True, np.diff(own.customers[order]) != 0)]
    one = Interactions.of(
        own.customers[first],
        own.products[first],
        # As if it had just been put in the basket.
        times=np.full(len(first), at_day - 0.01),
        n_customers=len(fresh),
        n_products=events.n_products,
    )
    relevant = without_cells(own.matrix(np.inf), one.matrix(np.inf))
    some = np.flatnonzero(np.diff(relevant.indptr)).astype(np.int32)
    popular = np.full(events.n_products, 0.01, np.float32)
    kept = one.of_customers(some)
    return kept, Question(some, relevant[some], kept.matrix(np.inf), popular)


def _given(asked: Question, lists: IntArray, customers: IntArray, seen: Csr | None) -> IntArray:
    """The lists made already; what was seen is not in them."""
    return lists[np.searchsorted(asked.customers, customers)]


def _new_products(
    judged: dict[str, Judged], shop: Shop, content: FloatArray, at_day: float
) -> None:
    """A fifth of the products, stripped of every event before the day, ranked among themselves."""
    asked = asked_at(shop, at_day)
    rng = np.random.default_rng(0)
    stripped = rng.random(shop.events.n_products) < 0.2
    known = shop.events.before(at_day)
    left = known._where(~stripped[known.products])
    wanted = _only(asked, stripped)
    # Only the factors are asked: no order has to be learned.
    model = LearnedHybrid(windows=0).fit(left, at_day=at_day, content=content)
    ways: dict[str, Any] = {
        "foretold factors": model.models_["taste"],
        "content cosine": ContentTaste().fit(left, at_day=at_day, content=content),
    }
    for name, way in ways.items():
        lists, _ = way.recommend(wanted.customers, k=LIST, allowed=stripped)
        judged.setdefault(name, Judged(name)).sit(partial(_given, wanted, lists), wanted)


def _only(asked: Question, products: BoolArray) -> Question:
    """The same question about some products; who took none of them is left out."""
    relevant = asked.relevant.copy()
    relevant.data = relevant.data * products[relevant.indices]
    relevant.eliminate_zeros()
    some = np.flatnonzero(np.diff(relevant.indptr))
    return Question(asked.customers[some], relevant[some], asked.seen[some], asked.popularity)
