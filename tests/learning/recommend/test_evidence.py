import numpy as np

from retention.learning.interactions import DoubleArray, FloatArray, Interactions
from retention.learning.recommend.evidence import FEATURES
from retention.learning.recommend.goods import LATELY, PRIOR, goods_of
from retention.learning.recommend.learned import LearnedHybrid
from tests.learning.recommend.made import bought

AT = 100.0
# Of unit length: 0 and 1 are variants of one thing, 2 is half like 0, 3 and 4 like nothing else.
CONTENT: FloatArray = np.array(
    [[1, 0, 0, 0], [0.8, 0.6, 0, 0], [0.5, 0, 0.75**0.5, 0], [0, 0, 0, 1], [0, 0, 0, 0]],
    np.float32,
)


def weighed(*events: tuple[int, int, float]) -> dict[str, DoubleArray]:
    """Customer 0's evidence on products 0 to 4, by feature."""
    known = bought(*events)
    model = LearnedHybrid(windows=0, options={"taste": {"factors": 2}})
    model.fit(known, at_day=AT, content=CONTENT)
    customers = np.zeros(1, np.int32)
    pairs, x = model._weighed(customers)
    columns = np.full((5, len(FEATURES)), np.nan)
    columns[pairs.products] = x
    return dict(zip(FEATURES, columns.T, strict=True))


def test_a_variant_is_held_against_the_most_alike_other_product() -> None:
    of = weighed((0, 0, 10.0), (0, 2, 20.0), (1, 1, 30.0), (1, 3, 30.0), (2, 4, 30.0))

    # Nothing is its own variant: 0 is held against 2; of 4 nothing is said.
    np.testing.assert_allclose(of["variant"], [0.5, 0.8, 0.5, 0, 0], atol=1e-6)


def test_with_nothing_else_bought_there_is_no_variant() -> None:
    of = weighed((0, 0, 10.0), (1, 1, 30.0), (2, 2, 30.0))

    assert np.isnan(of["variant"][0])
    np.testing.assert_allclose(of["variant"][[1, 2]], [0.8, 0.5], atol=1e-6)


def test_what_is_in_every_order_says_so() -> None:
    of = weighed(*((0, 0, day) for day in (10.0, 20.0)), (0, 1, 10.0), (1, 2, 10.0))

    np.testing.assert_allclose(np.exp(of["visits"][:2]), [1.0, 0.5])
    assert np.isnan(of["visits"][2])


def test_who_came_back_for_it_lately_is_counted_among_those_who_came_at_all() -> None:
    rng = np.random.default_rng(0)
    known = Interactions.of(
        rng.integers(0, 30, 400),
        rng.integers(0, 8, 400),
        times=rng.uniform(0, AT, 400),
        n_customers=30,
        n_products=8,
    )
    old, late = known.before(AT - LATELY), known.between(AT - LATELY, AT)
    had = set(zip(old.customers.tolist(), old.products.tolist(), strict=True))
    took = set(zip(late.customers.tolist(), late.products.tolist(), strict=True))
    came = {customer for customer, _ in took}
    owners = np.array([sum(p == each and c in came for c, p in had) for each in range(8)])
    again = np.array([sum(p == each for _, p in had & took) for each in range(8)])
    usual = (again.sum() + 0.5) / (owners.sum() + 1)

    table = goods_of(known, at_day=AT, content=None, prices=None).table

    expected = np.log((again + PRIOR * usual) / (owners + PRIOR))
    np.testing.assert_allclose(table[:, -1], expected, rtol=1e-6)


def test_what_is_new_has_no_share_of_those_who_came_back() -> None:
    of = weighed((0, 0, 10.0), (0, 1, 90.0), (1, 2, 30.0))

    assert np.isfinite(of["back_lately"][:2]).all()
    assert np.isnan(of["back_lately"][2])
