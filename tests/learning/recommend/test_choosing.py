import numpy as np

from retention.learning.interactions import Interactions
from retention.learning.measure.exam import Paper, papers_of
from retention.learning.recommend.candidates import Candidates
from retention.learning.recommend.choosing import RECIPES, Source, choose, rhythm, settings
from retention.learning.recommend.learned import LearnedHybrid

END = 200.0


def fickle(*, customers: int = 120, products: int = 24, seed: int = 0) -> Interactions:
    """Everyone buys weekly from one of three ranges, and from another since the hundredth day."""
    rng = np.random.default_rng(seed)
    days = np.arange(0, END, 7)
    who = np.repeat(np.arange(customers), len(days))
    when = np.tile(days, customers) + rng.random(len(who)) * 6
    ranges = (who + (when > 100)) % 3
    what = ranges + 3 * rng.integers(0, products // 3, len(who))
    return Interactions.of(who, what, times=when, n_customers=customers, n_products=products)


def papers(events: Interactions) -> list[Paper]:
    rng = np.random.default_rng(0)
    return papers_of(events, until_day=END, horizon_days=28.0, most=2, fewest=30, rng=rng)


def test_settings_hold_every_option_so_that_two_recipes_can_be_compared() -> None:
    source = Source(fickle())

    learned = source.learn(settings(), source.candidates(settings()), at_day=END)

    assert settings() == learned.params() == settings(learned.params())
    assert settings({"options": {"taste": {"factors": 8}}}) != settings()


def test_recipes_differ_in_how_long_they_remember_and_in_nothing_else() -> None:
    quick = settings({"options": RECIPES["quick"]})

    assert quick["options"]["buy_again"]["half_life_days"] == 40
    assert quick["options"]["popularity"] == settings()["options"]["popularity"]
    assert quick["options"]["taste"]["factors"] == 64


def test_the_recipe_that_fits_the_shop_is_chosen() -> None:
    source = Source(fickle())
    recipes = {
        "slow": settings({"options": rhythm(30)}),
        "quick": settings({"options": rhythm(1 / 6)}),
    }
    earlier, _ = papers(source.events)

    choice = choose(
        source, recipes, source.candidates(recipes["slow"]), earlier, rng=np.random.default_rng(0)
    )

    slow, quick = choice.trials
    assert choice.name == "quick"
    assert (slow.ahead.value, quick.ahead.above_zero) == (0.0, True)


def test_where_nothing_is_clearly_ahead_the_first_stays() -> None:
    source = Source(fickle())
    recipes = {"one": settings(), "two": settings({"options": {"taste": {"seed": 1}}})}

    choice = choose(
        source, recipes, source.candidates(recipes["one"]), papers(source.events)[0],
        rng=np.random.default_rng(0),
    )  # fmt: skip

    assert choice.name == "one"


def test_shared_candidates_are_the_ones_it_would_have_learned_alone() -> None:
    source = Source(fickle())
    shared = source.candidates(settings())

    for day in (END - 28, END):
        together = source.learn(settings(), shared, at_day=day).arrays()
        alone = LearnedHybrid().fit(source.events.before(day), at_day=day).arrays()
        assert {n: a.tobytes() for n, a in together.items()} == {
            n: a.tobytes() for n, a in alone.items()
        }


def test_each_day_is_learned_once_and_no_more_than_two_are_kept() -> None:
    shared = Candidates.of(fickle(), None, settings())

    first, second = shared.on(100.0), shared.on(128.0)

    assert shared.on(100.0) is first
    assert shared.on(156.0) is shared.on(156.0)
    assert shared.on(128.0) is second
    assert shared.on(100.0) is not first


def test_what_happens_in_a_window_changes_nothing_about_its_marks_but_the_answers() -> None:
    events = fickle()
    early, late = papers(events)
    known = events.before(late.cutoff.at_day)

    with_later = Source(events).examine(settings(), Source(events).candidates(settings()), [early])
    without = Source(known).examine(settings(), Source(known).candidates(settings()), [early])

    assert with_later.scores.shown.tolist() == without.scores.shown.tolist()


def test_who_took_what_hardly_anyone_took_is_known_as_if_folded_in() -> None:
    """A product with two buyers has the factors of its content, and so have its buyers."""
    events = fickle()
    rare = Interactions.of(
        np.append(events.customers, [5, 6]),
        np.append(events.products, [24, 24]),
        times=np.append(events.times, [190.0, 190.0]),
        n_customers=events.n_customers,
        n_products=25,
    )
    content = np.eye(25, 3, dtype=np.float32)[np.append(np.arange(24) % 3, 1)]

    taste = Candidates.of(rare, content, settings()).on(END).models_["taste"]

    history = rare.matrix(END, half_life_days=taste.history_half_life_days)
    np.testing.assert_array_equal(taste.customer_factors_, taste.fold_in(history))
