from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from retention.insights.families.smoke import QUESTIONS, Answered, Asked, ask, first_wrong
from retention.learning.interactions import Interactions
from retention.learning.recommend.learned import LearnedHybrid

AT = 200.0
CUSTOMERS, PRODUCTS = 60, 40


def shop() -> Interactions:
    """Each customer has a thing bought every twelve days, and tries others of a taste."""
    rng = np.random.default_rng(0)
    customers, products, times = [], [], []
    for customer in range(CUSTOMERS):
        taste = np.arange(customer % 4, PRODUCTS, 4)
        habit = np.arange(AT - 12, AT - 120, -12) - rng.random(9)
        tried = rng.random(8) * AT
        customers += [customer] * 17
        products += [taste[customer % len(taste)]] * 9 + rng.choice(taste, size=8).tolist()
        times += [*habit, *tried]
    return Interactions.of(
        customers, products, times=times, n_customers=CUSTOMERS, n_products=PRODUCTS
    )


@pytest.fixture(scope="module")
def events() -> Interactions:
    return shop()


@pytest.fixture
def model(events: Interactions) -> LearnedHybrid:
    return LearnedHybrid().fit(events, at_day=AT)


def asked(model: Any, events: Interactions) -> Asked:
    return Asked(model, events, AT, title=lambda row: f"product {row}")


def answers(model: Any, events: Interactions) -> dict[str, Answered]:
    return dict(zip((q.__name__ for q in QUESTIONS), ask(asked(model, events)), strict=True))


def test_a_model_that_learned_the_shop_answers_everything_rightly(
    model: LearnedHybrid, events: Interactions
) -> None:
    said = ask(asked(model, events))

    assert [each.right for each in said] == [True] * len(QUESTIONS)
    assert said[0].answer == "Of 20 such customers, 20 see it."
    assert first_wrong(said) == ""


def test_the_questions_and_answers_are_the_same_whenever_they_are_asked(
    model: LearnedHybrid, events: Interactions
) -> None:
    assert ask(asked(model, events)) == ask(asked(model, events))


class Everyones:
    """Shows everyone the same, whoever asks and whatever is withdrawn."""

    def __init__(self, model: LearnedHybrid, shown: list[int]) -> None:
        self.model, self.shown = model, np.array(shown, dtype=np.int32)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def recommend(self, customers: Any, *, k: int, **_: Any) -> Any:
        return np.tile(self.shown[:k], (len(customers), 1)), None

    def recommend_from(self, history: Interactions, *, at_day: float, k: int) -> Any:
        return np.tile(self.shown[:k], (history.n_customers, 1)), None


def test_one_list_for_everyone_is_wrong_wherever_customers_differ(
    model: LearnedHybrid, events: Interactions
) -> None:
    said = answers(Everyones(model, list(range(10))), events)

    wrong = {name for name, each in said.items() if each.right is False}
    assert {"_regulars", "_different", "_at_once"} <= wrong
    assert said["_different"].answer == "1 different lists for 60 customers."
    assert first_wrong(list(said.values())).startswith("Answers wrongly: Who bought one thing on 5")


def test_what_is_withdrawn_and_shown_all_the_same_is_wrong(
    model: LearnedHybrid, events: Interactions
) -> None:
    best = int(asked(model, events).lately[0])

    said = answers(Everyones(model, [best, *range(10)]), events)

    assert said["_withdrawn"].right is False
    assert said["_withdrawn"].question == f"If product {best} is withdrawn: is it still shown?"
    assert said["_withdrawn"].answer == "In 60 of 60 lists."


def test_a_product_named_twice_or_unknown_to_the_shop_is_wrong(
    model: LearnedHybrid, events: Interactions
) -> None:
    twice = answers(Everyones(model, [3, 3, *range(4, 12)]), events)["_whole"]
    unknown = answers(Everyones(model, [PRODUCTS, *range(9)]), events)["_whole"]
    empty = answers(Everyones(model, [-1] * 10), events)

    assert (twice.right, unknown.right, empty["_whole"].right) == (False, False, False)
    assert empty["_newcomer"] == Answered(
        "A new customer who did nothing yet: is there a list?", "No.", False
    )


def test_a_product_that_is_like_itself_is_wrong(model: LearnedHybrid, events: Interactions) -> None:
    identity = csr_array(np.eye(PRODUCTS, dtype=np.float32))
    model.models_["neighbours"].similarity_ = identity

    assert answers(model, events)["_neighbours"].right is False


def test_a_stranger_who_is_shown_what_nobody_buys_is_wrong(
    model: LearnedHybrid, events: Interactions
) -> None:
    popular = model.models_["popularity"]
    few = replace_products(events, keep=25)
    popular.order_ = np.arange(PRODUCTS - 1, 25, -1, dtype=np.int32)

    said = answers(model, few)["_stranger"]

    assert said.right is False
    assert said.answer.startswith("0 of the 10 shown are among the 20 best sellers")


def replace_products(events: Interactions, *, keep: int) -> Interactions:
    """The same events, all about the first so many products."""
    return replace(events, products=events.products % keep)


def test_where_nobody_can_be_asked_nothing_is_wrong(model: LearnedHybrid) -> None:
    once = Interactions.of(
        np.arange(CUSTOMERS), np.arange(CUSTOMERS) % PRODUCTS,
        times=np.full(CUSTOMERS, 10.0), n_customers=CUSTOMERS, n_products=PRODUCTS,
    )  # fmt: skip

    said = answers(model, once)

    assert said["_regulars"].right is None
    assert said["_withdrawn"].right is None
