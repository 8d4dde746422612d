"""Quality in two shops: every model of ours and of implicit on the same questions."""

from typing import Any

from benchmarks.bars import Bars
from benchmarks.recommending import peers
from benchmarks.recommending.data import Shop
from benchmarks.recommending.judging import (
    HORIZON_DAYS,
    Judged,
    Lists,
    day,
    say_table,
    served,
)
from retention.learning.measure.ranking import Cutoff, Question, question
from retention.learning.recommend.buy_again import BuyAgain
from retention.learning.recommend.content import describe
from retention.learning.recommend.content_taste import ContentTaste
from retention.learning.recommend.hybrid import Hybrid
from retention.learning.recommend.learned import LearnedHybrid

FREQUENCY: dict[str, Any] = {"half_life_days": None, "due": 0.0, "rate": 0.0}
# Chosen on 2011-08-19 by `peers.tuned`; --quick spares that.
CHOSEN: dict[str, tuple[float | None, dict[str, Any]]] = {
    "implicit BM25 neighbours": (120.0, {"K": 200, "K1": 0.5, "B": 0.3}),
}


def online_retail(bars: Bars, shop: Shop, *, quick: bool) -> None:
    """REC-4: parameters chosen on 2011-08-19, judged on the two later cut-offs."""
    days = [day("2011-11-11")] if quick else [day("2011-10-14"), day("2011-11-11")]
    recipes = CHOSEN if quick else _recipes(shop, day("2011-08-19"))
    judged = _judge(shop, days, recipes)
    say_table(bars, f"Online Retail, {len(days)} cut-offs, next {HORIZON_DAYS} days", judged)
    ours = judged[0]
    best = max((each for each in judged if each.name.startswith("implicit")), key=lambda j: j.ndcg)
    bars.say(f"  the best peer is {best.name}")
    bars.at_least("REC-4-online-retail-ndcg", ours.ndcg, 0.365)
    bars.at_least("REC-4-online-retail-new-products-ndcg", ours.new_ndcg, 0.145)
    bars.at_least("REC-4-times-best-implicit", ours.ndcg / best.ndcg, 1.3)


def complete_journey(bars: Bars, shop: Shop) -> None:
    """REC-5: the last four weeks of all households; peers chosen on the four before them.

    BPR is left out: it was far behind here (0.06) and takes longer than all the others.
    """
    last = float(int(shop.events.times.max()) + 1 - HORIZON_DAYS)
    recipes = _recipes(shop, last - HORIZON_DAYS, without="implicit BPR")
    judged = _judge(shop, [last], recipes)
    say_table(bars, "Complete Journey (origin disputed, may be simulated), all households", judged)
    by_name = {each.name: each for each in judged}
    ours, often = by_name["learned hybrid"], by_name["buy again by frequency"]
    best = max(each.ndcg for each in judged if each.name.startswith("implicit"))
    bars.at_least("REC-5-over-buy-again-by-frequency", ours.ndcg / often.ndcg, 1.0)
    bars.at_least("REC-5-times-best-implicit", ours.ndcg / best, 1.5)


def asked_at(shop: Shop, at_day: float) -> Question:
    """Who is asked about at a cut-off."""
    return question(shop.events, Cutoff(at_day, at_day + HORIZON_DAYS))


def _recipes(
    shop: Shop, at_day: float, *, without: str = ""
) -> dict[str, tuple[float | None, dict[str, Any]]]:
    asked = asked_at(shop, at_day)
    names = [name for name in peers.CHOICES if name != without]
    return {name: peers.tuned(name, shop.events, asked, at_day) for name in names}


def _judge(
    shop: Shop, days: list[float], recipes: dict[str, tuple[float | None, dict[str, Any]]]
) -> list[Judged]:
    """Ours first: learned, its own candidates, the floors; then the peers."""
    judged: dict[str, Judged] = {}
    content = describe(shop.descriptions)
    for at_day in days:
        asked, known = asked_at(shop, at_day), shop.events.before(at_day)
        learned = LearnedHybrid().fit(
            known, at_day=at_day, content=content, prices=shop.descriptions.prices
        )
        fused = Hybrid().fit(known, at_day=at_day)
        models: dict[str, Any] = {
            "learned hybrid": learned,
            "hybrid by rank fusion": fused,
            **fused.models_,
            "content": ContentTaste().fit(known, at_day=at_day, content=content),
            "buy again by frequency": BuyAgain(**FREQUENCY).fit(known, at_day=at_day),
        }
        lists: dict[str, Lists] = {name: served(model) for name, model in models.items()}
        for name, (fade, options) in recipes.items():
            lists[name] = peers.fit(name, known, at_day, fade, **options)
        for name, ask in lists.items():
            judged.setdefault(name, Judged(name)).sit(ask, asked)
    return list(judged.values())
