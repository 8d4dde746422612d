import numpy as np
import pytest
from scipy.sparse import csr_array

from retention.learning import together
from retention.learning.basket.fpgrowth import TooManySets, frequent_sets
from tests.learning.basket.made import as_dict, counted, crowd, table


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("least", "largest"), [(1, 3), (8, 5), (40, 12)])
def test_sets_are_those_of_looking_at_every_one(seed: int, least: int, largest: int) -> None:
    baskets = crowd(seed, n=150)

    found = frequent_sets(baskets, least=least, largest=largest)

    assert as_dict(found) == counted(baskets, least=least, largest=largest)


def test_the_example_of_the_paper() -> None:
    # Han, Pei and Yin (2000), table 1: f a c d g i m p, a b c f l m o, b f h j o, b c k s p,
    # a f c e l p m n; in three baskets and more, f, c, a, m together in three.
    f, a, c, m, p, b = range(6)
    baskets = table((f, a, c, m, p), (a, b, c, f, m), (b, f), (b, c, p), (a, f, c, p, m))

    found = as_dict(frequent_sets(baskets, least=3, largest=6))

    assert (found[f, a, c, m], found[c, p], found[f,], found[c,]) == (3, 3, 4, 4)
    assert {products for products in found if p in products} == {(p,), (c, p)}


def test_a_set_is_found_by_the_places_of_its_products() -> None:
    sets = frequent_sets(crowd(), least=5, largest=4)

    places = [sets.find(sets.places(size)) for size in range(1, 5)]

    assert all(np.array_equal(at, np.arange(len(at))) for at in places)


def test_a_product_bought_twice_in_a_basket_is_in_it_once() -> None:
    cells = (np.ones(4, np.float32), np.array([0, 0, 1, 1]), np.array([0, 4]))

    twice = frequent_sets(csr_array(cells, shape=(1, 2)), least=1, largest=2)

    assert as_dict(twice) == {(0,): 1, (1,): 1, (0, 1): 1}


def test_blocks_and_threads_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = as_dict(frequent_sets(crowd(), least=3, largest=3))
    monkeypatch.setattr(together, "BLOCK_CELLS", 7)

    assert as_dict(frequent_sets(crowd(), least=3, largest=3, threads=3)) == whole


def test_more_sets_than_asked_for_are_refused_with_the_way_out() -> None:
    with pytest.raises(TooManySets, match="More than 20 sets are in 5 baskets: ask for more"):
        frequent_sets(crowd(), least=5, largest=3, most=20)


def test_nothing_is_in_enough_baskets_and_that_is_an_answer() -> None:
    assert as_dict(frequent_sets(crowd(), least=401, largest=3)) == {}
    assert as_dict(frequent_sets(table((), ()), least=1, largest=3)) == {}


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="least and largest must be 1 or more; they are 0, 3"):
        frequent_sets(crowd(), least=0, largest=3)
