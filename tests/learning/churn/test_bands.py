import numpy as np
import pytest

from retention.learning.churn.bands import Band, Bands, suggest_bands


def test_a_band_begins_at_its_threshold() -> None:
    bands = Bands(medium=0.3, high=0.6).of(np.array([0.29, 0.3, 0.59, 0.6, 1.0]))

    assert bands.tolist() == [Band.LOW, Band.MEDIUM, Band.MEDIUM, Band.HIGH, Band.HIGH]


def test_thresholds_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match=r"medium 0\.6, high 0\.5"):
        Bands(medium=0.6, high=0.5)


def test_suggested_bands_part_customers_where_nearly_everyone_is_lost() -> None:
    probability = np.linspace(0.8, 0.99, 1_000)

    bands = suggest_bands(probability).of(probability)

    assert np.bincount(bands).tolist() == pytest.approx([500, 300, 200], abs=40)


@pytest.mark.parametrize("same", [0.0, 0.5, 1.0])
def test_bands_can_be_suggested_where_all_are_the_same(same: float) -> None:
    assert suggest_bands(np.full(10, same)).medium < suggest_bands(np.full(10, same)).high
