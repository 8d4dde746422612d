from itertools import combinations
from math import comb

import numpy as np
import pytest

from retention.learning.churn.classifiers import AdditiveLogit
from retention.learning.churn.labels import ChurnDefinition
from retention.learning.churn.model import Audience, ChurnModel
from retention.learning.churn.reasons import in_words, speakers, top_reasons
from retention.learning.churn.wording import FREQUENCY, RHYTHM
from retention.learning.churn.wording_visits import VISITS
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray
from tests.learning.churn.test_classifiers import a_problem

SPECS = (RHYTHM[0], RHYTHM[2], RHYTHM[1])
THREE = (RHYTHM[0], RHYTHM[2], FREQUENCY[1])
"""Days since the last order, usual gap, orders in 90 days."""


def a_table() -> FeatureTable:
    x, _ = a_problem()
    return FeatureTable(x, np.arange(len(x)), SPECS)


def a_model() -> ChurnModel:
    x, lost = a_problem()
    additive = AdditiveLogit(smoothing=5.0).fit(x, lost, rng=np.random.default_rng(0))
    return ChurnModel(
        definition=ChurnDefinition(),
        features=tuple(spec.name for spec in SPECS),
        additive=additive,
        audience=Audience.of(additive, x[:300]),
    )


def shapley(
    model: ChurnModel, customer: FloatArray, background: FloatArray, players: list[list[int]]
) -> list[float]:
    """By the definition: the mean gain of knowing a player's features, over all orders of them."""
    m = len(players)

    def worth(known: tuple[int, ...]) -> float:
        mixed = background.copy()
        columns = [j for player in known for j in players[player]]
        mixed[:, columns] = customer[columns]
        table = FeatureTable(mixed, np.arange(len(mixed)), SPECS)
        return float(model.log_odds(table).mean())

    def value(j: int) -> float:
        others = [o for o in range(m) if o != j]
        coalitions = [s for size in range(m) for s in combinations(others, size)]
        gains = [(worth((*s, j)) - worth(s)) / (m * comb(m - 1, len(s))) for s in coalitions]
        return sum(gains)

    return [value(j) for j in range(m)]


def test_contributions_are_the_shapley_values() -> None:
    model, table = a_model(), a_table()

    ours = model.contributions(table)

    for row in (0, 1, 2, 40):
        by_definition = shapley(model, table.values[row], table.values[:300], [[0], [1], [2]])
        np.testing.assert_allclose(ours[row], by_definition, atol=1e-9)


def test_the_effect_of_a_reason_is_the_shapley_value_of_its_theme() -> None:
    model, table = a_model(), a_table()

    reasons = model.reasons(table, k=2)

    for row in (0, 1, 2, 40):
        rhythm, frequency = shapley(model, table.values[row], table.values[:300], [[0, 1], [2]])
        by_theme = {reason.theme: reason.effect for reason in reasons[row]}
        assert by_theme["rhythm"] == pytest.approx(rhythm, abs=1e-9)
        assert by_theme.get("frequency", frequency) == pytest.approx(frequency, abs=1e-9)


def test_base_and_contributions_sum_to_the_score() -> None:
    model, table = a_model(), a_table()

    summed = model.base + model.contributions(table).sum(axis=1)

    np.testing.assert_allclose(summed, model.log_odds(table), atol=1e-9)


def test_the_strongest_come_first_whatever_their_sign() -> None:
    columns, effects = top_reasons(np.array([[0.1, -0.9, 0.0, 0.5]]), k=3)

    assert columns.tolist() == [[1, 3, 0]]
    assert effects.tolist() == [[-0.9, 0.5, 0.1]]


def test_what_says_nothing_is_no_reason() -> None:
    columns, effects = top_reasons(np.array([[0.0, -0.02, 0.5]]), k=3, least=0.05)

    assert columns.tolist() == [[2, -1, -1]]
    np.testing.assert_array_equal(effects, [[0.5, np.nan, np.nan]])


def told(*values: float, effects: list[float]) -> tuple[list[float], str]:
    """Who speaks for three facts of the rhythm with these effects, and what is said."""
    table = FeatureTable(np.array([values]), np.array([0]), THREE)
    typical = np.array([60.0, 30.0, 2.0])
    spoken = speakers(table, np.array([effects]), typical=typical)
    ((reason, *_),) = in_words(table, spoken, k=3, least=0.05, typical=typical)
    return spoken.effects[0].tolist(), reason.sentence


def test_a_theme_is_told_by_its_leader_with_the_effect_of_all() -> None:
    effects, sentence = told(74, 31, 2, effects=[0.1, 0.8, -0.2])

    assert effects == pytest.approx([0.7, 0, 0])
    assert sentence == "no order for 74 days; usually every 31 days"


@pytest.mark.parametrize(
    ("silent", "usual", "effects"),
    [(40, 31, [-0.1, -0.8, 0.2]), (90, 100, [0.8, 0.1, -0.2])],
)
def test_who_has_a_rhythm_is_not_held_against_what_is_typical(
    silent: float, usual: float, effects: list[float]
) -> None:
    """Typical are 60 days: 40 are not short for who orders every 31, 90 not long for every 100."""
    _, sentence = told(silent, usual, 2, effects=effects)

    assert not sentence.startswith("no order")


def test_a_silence_of_visits_is_held_against_the_customers_own_days_between_visits() -> None:
    table = FeatureTable(
        np.array([[90.0]]), np.array([0]), VISITS[:1], {"usual_visit_gap_days": np.array([9.0])}
    )
    typical = np.array([25.0])
    spoken = speakers(table, np.array([[0.9]]), typical=typical)

    ((reason,),) = in_words(table, spoken, k=1, least=0.05, typical=typical)

    assert reason.sentence == "no visit for 90 days; usually every 9 days"


def test_who_has_no_rhythm_yet_is_compared_with_what_is_typical() -> None:
    _, sentence = told(40, float("nan"), 2, effects=[-0.8, 0.0, 0.2])

    assert sentence == "no order for 40 days; typical here is 60 days"


def test_a_fact_that_would_contradict_the_effect_leaves_the_word_to_another() -> None:
    effects, sentence = told(74, 31, 5, effects=[0.3, -0.2, -0.5])

    assert effects == pytest.approx([0, 0, -0.4])
    assert sentence == "5 orders in the last 90 days; typical here is 2 orders"


def test_where_every_fact_would_contradict_all_speak_together() -> None:
    _, sentence = told(74, 31, 1, effects=[-0.5, -0.2, 0.3])

    assert sentence == "their orders of late, taken together"


def test_too_little_history_never_speaks_for_staying() -> None:
    _, sentence = told(74, float("nan"), 1, effects=[0.1, -0.9, 0.1])

    assert sentence == "their orders of late, taken together"


def test_reasons_are_sentences_with_the_customers_own_counter_fact() -> None:
    model = a_model()
    table = FeatureTable(np.array([[180.0, 31.0, 200.0]]), np.array([0]), SPECS)

    ((reason,),) = model.reasons(table, k=1)

    assert reason.sentence == "no order for 180 days; usually every 31 days"
    assert reason.raises_risk


def test_a_model_comes_back_from_arrays_and_json_bit_for_bit() -> None:
    model, table = a_model(), a_table()

    again = ChurnModel.from_parts(model.arrays(), model.meta())

    assert again.probability(table).tobytes() == model.probability(table).tobytes()
    assert again.contributions(table).tobytes() == model.contributions(table).tobytes()
    assert again.definition == model.definition


def test_columns_in_another_order_give_the_same_score() -> None:
    model, table = a_model(), a_table()

    turned = table.only([spec.name for spec in reversed(SPECS)])

    assert model.probability(turned).tobytes() == model.probability(table).tobytes()


def test_a_curve_is_what_the_feature_adds() -> None:
    model = a_model()
    at, height = model.curve("days_since_last_order")
    table = FeatureTable(np.array([[at[3], 5.0, 5.0]]), np.array([0]), SPECS)

    assert model.contributions(table)[0, 0] == pytest.approx(height[3])
