"""What the shop sells: titles, prices, costs and how each product behaves."""

from dataclasses import dataclass

import numpy as np

from retention.learning.simulate.arrays import FloatArray, IntArray
from retention.learning.simulate.spec import ShopSpec
from retention.learning.simulate.words import BRANDS, STYLES, Leaf
from retention.learning.simulate.words_goods import GOODS
from retention.learning.simulate.words_home import HOME

LEAVES: tuple[Leaf, ...] = (*HOME, *GOODS)
COLLECTIONS: tuple[str, ...] = tuple(word for words in STYLES.values() for word in words)
_WORDS_A_STYLE = len(COLLECTIONS) // len(STYLES)
_OLD = -1


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """n products, one a row, as a shop would export them, and what only the simulator knows.

    price, cost : minor units; gap_days : 0, or how long one lasts the average customer;
    launched_day : days since 1970-01-01 from which it is for sale, -1 from the opening.
    Hidden from the shop: leaf and style (row numbers), popularity (a weight), quality (a
    standard normal), return_chance, companion (the row of what is bought along with it).
    """

    external_ids: tuple[str, ...]
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    brands: tuple[str, ...]
    categories: tuple[tuple[str, str], ...]
    makes: tuple[str, ...]
    collections: tuple[str, ...]
    price: IntArray
    cost: IntArray
    stock: IntArray
    gap_days: IntArray
    launched_day: IntArray
    leaf: IntArray
    style: IntArray
    popularity: FloatArray
    quality: FloatArray
    return_chance: FloatArray
    companion: IntArray

    def __len__(self) -> int:
        return len(self.titles)


@dataclass(frozen=True)
class _Wording:
    title: str
    description: str
    make: str
    collection: str
    style: int
    size_factor: float


def make_catalogue(spec: ShopSpec, rng: np.random.Generator) -> Catalogue:
    """A catalogue of n_products different titles, spread over every category."""
    n = spec.n_products
    leaf = _spread_over_leaves(n, rng)
    wordings = _word(leaf, rng)
    brand = rng.integers(0, 5, n)
    price, cost = _price(leaf, brand, np.array([w.size_factor for w in wordings]), rng)
    popularity = np.exp(rng.normal(0.0, 0.8, n))
    style = np.array([w.style for w in wordings], dtype=np.int64)
    quality = rng.normal(0.0, 1.0, n) + 0.2 * (brand - 2)
    return Catalogue(
        external_ids=tuple(f"P{row:06d}" for row in range(1, n + 1)),
        titles=tuple(w.title for w in wordings),
        descriptions=tuple(w.description for w in wordings),
        brands=tuple(BRANDS[LEAVES[at].department][b] for at, b in zip(leaf, brand, strict=True)),
        categories=tuple((LEAVES[at].department, LEAVES[at].name) for at in leaf),
        makes=tuple(w.make for w in wordings),
        collections=tuple(w.collection for w in wordings),
        price=price,
        cost=cost,
        stock=rng.integers(0, 400, n),
        gap_days=np.array([LEAVES[at].gap_days for at in leaf], dtype=np.int64),
        launched_day=_launch(spec, rng),
        leaf=leaf,
        style=style,
        popularity=popularity,
        quality=quality,
        return_chance=_return_chance(leaf, quality),
        companion=_companions(leaf, style, popularity, rng),
    )


def _spread_over_leaves(n: int, rng: np.random.Generator) -> IntArray:
    weights = np.array([leaf.weight for leaf in LEAVES])
    return np.sort(rng.choice(len(LEAVES), size=n, p=weights / weights.sum())).astype(np.int64)


def _word(leaf: IntArray, rng: np.random.Generator) -> list[_Wording]:
    """Titles without a repeat: each leaf deals its combinations of words like a pack of cards."""
    wordings: list[_Wording] = []
    for at in range(len(LEAVES)):
        wanted = int((leaf == at).sum())
        deck = len(COLLECTIONS) * _combinations(LEAVES[at])
        dealt = rng.permutation(deck)
        wordings += [_title(LEAVES[at], int(dealt[k % deck]), k // deck) for k in range(wanted)]
    return wordings


def _combinations(leaf: Leaf) -> int:
    return len(leaf.nouns) * len(leaf.makes) * len(leaf.sizes)


def _title(leaf: Leaf, card: int, edition: int) -> _Wording:
    card, collection = divmod(card, len(COLLECTIONS))
    card, noun = divmod(card, len(leaf.nouns))
    size, make = divmod(card, len(leaf.makes))
    name, factor = leaf.sizes[size]
    what = f"{leaf.makes[make]} {leaf.nouns[noun]}"
    suffix = (f", {name}" if name else "") + (f", No. {edition + 1}" if edition else "")
    range_name = COLLECTIONS[collection]
    return _Wording(
        title=f"{range_name} {what}{suffix}",
        description=f"{what} from our {range_name} range, {leaf.purpose}.",
        make=leaf.makes[make],
        collection=range_name,
        style=collection // _WORDS_A_STYLE,
        size_factor=factor,
    )


def _price(
    leaf: IntArray, brand: IntArray, size_factor: FloatArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Prices that end in 49, 95 or 99, costs of 42 to 66 %, and one in fifty sold below cost."""
    usual = np.array([LEAVES[at].price for at in leaf]) * size_factor
    pounds = np.maximum(usual * 1.14 ** (brand - 2) * rng.lognormal(0.0, 0.22, leaf.size), 150)
    price = (pounds // 100 * 100).astype(np.int64) + rng.choice([49, 95, 99], leaf.size)
    share = rng.uniform(0.42, 0.66, leaf.size)
    share[rng.random(leaf.size) < 0.02] = 1.05
    return price, np.round(price * share).astype(np.int64)


def _launch(spec: ShopSpec, rng: np.random.Generator) -> IntArray:
    """Four in five were there at the opening; the rest arrive while customers do."""
    day = spec.start_day + rng.integers(30, max(31, spec.joining_days), spec.n_products)
    return np.where(rng.random(spec.n_products) < 0.8, _OLD, day)


def _return_chance(leaf: IntArray, quality: FloatArray) -> FloatArray:
    usual = np.array([LEAVES[at].returned for at in leaf])
    chance: FloatArray = np.clip(usual * np.exp(-0.5 * quality), 0.0, 0.3)
    return chance


def _companions(
    leaf: IntArray, style: IntArray, popularity: FloatArray, rng: np.random.Generator
) -> IntArray:
    """What goes with each product: of its partner category, more likely of its own style."""
    rows_of = {at.name: np.flatnonzero(leaf == row) for row, at in enumerate(LEAVES)}
    companion = np.empty(leaf.size, dtype=np.int64)
    for at, like in np.unique(np.stack([leaf, style], axis=1), axis=0):
        those = np.flatnonzero((leaf == at) & (style == like))
        others = rows_of[LEAVES[at].partner]
        if others.size == 0:  # a small shop need not stock every category
            others = np.arange(leaf.size)
        weight = np.sqrt(popularity[others]) * np.where(style[others] == like, 6.0, 1.0)
        companion[those] = rng.choice(others, size=those.size, p=weight / weight.sum())
    return companion
