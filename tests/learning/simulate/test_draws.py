"""Numbers that belong to a customer and a day."""

import numpy as np
from scipy import stats

from retention.learning.simulate.draws import Draws, Purpose

WHO = np.arange(50_000)


def test_numbers_are_uniform() -> None:
    numbers = Draws(7).uniform(Purpose.ORDER, 20_000, WHO)

    assert stats.kstest(numbers, "uniform").pvalue > 0.001


def test_neighbouring_addresses_share_nothing() -> None:
    draws = Draws(7)
    here = draws.uniform(Purpose.ORDER, 20_000, WHO)
    others = [
        draws.uniform(Purpose.BROWSE, 20_000, WHO),
        draws.uniform(Purpose.ORDER, 20_001, WHO),
        draws.uniform(Purpose.ORDER, 20_000, WHO, 1),
        draws.uniform(Purpose.ORDER, 20_000, WHO + 1),
        Draws(8).uniform(Purpose.ORDER, 20_000, WHO),
    ]

    correlations = np.corrcoef([here, *others])[0, 1:]

    assert np.abs(correlations).max() < 5 / np.sqrt(WHO.size)


def test_one_customer_alone_draws_what_they_draw_in_a_crowd() -> None:
    draws = Draws(7)

    crowd = draws.uniform(Purpose.ORDER, 20_000, WHO, 3)
    alone = draws.uniform(Purpose.ORDER, 20_000, np.array([41]), 3)

    assert alone[0] == crowd[41]
