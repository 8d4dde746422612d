"""What products are, as vectors: words, category, brand and price band, and what a shop supplies.

Titles and the rest become TF-IDF (Salton and Buckley 1988) and its leading singular vectors
(Deerwester and others 1990). Vectors a shop brings, of pictures, texts or voices, are weighed
against them and turned together, so that all kinds of content lie in one space.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from retention.learning.interactions import BoolArray, DoubleArray, FloatArray

WORD = re.compile(r"\w\w+")
PRICE_BANDS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Descriptions:
    """What is said of n products; every field is left empty or has one entry a product.

    titles, texts, brands : "" where there is none.
    categories : a path, its levels parted by " > ".
    prices : (n,) in one currency, nan where unknown.
    vectors : kind -> (n, d) of any length, a row of zeros where a product has none.
    """

    titles: Sequence[str] = ()
    texts: Sequence[str] = ()
    categories: Sequence[str] = ()
    brands: Sequence[str] = ()
    prices: DoubleArray | None = None
    vectors: dict[str, FloatArray] = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of products; ValueError where the fields disagree."""
        fields = {
            "titles": self.titles,
            "texts": self.texts,
            "categories": self.categories,
            "brands": self.brands,
            "prices": () if self.prices is None else self.prices,
            **self.vectors,
        }
        lengths = {name: len(each) for name, each in fields.items() if len(each)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"Descriptions need one entry a product everywhere, not {lengths}.")
        return next(iter(lengths.values()), 0)


def describe(
    descriptions: Descriptions, *, dimensions: int = 128, supplied: float = 1.0, seed: int = 0
) -> FloatArray:
    """Vectors (n, at most dimensions) whose cosine says how alike two products are.

    supplied : what each kind of supplied vectors weighs against the words.
    A product of which nothing is said is 0. A million products take about 2 GB and minutes.
    """
    blocks = [_words(descriptions, dimensions, seed)]
    blocks += [np.sqrt(supplied) * _unit(each) for each in descriptions.vectors.values()]
    blocks = [block for block in blocks if block.shape[1]]
    if len(blocks) < 2:
        return _unit(blocks[0]) if blocks else np.zeros((len(descriptions), 0), np.float32)
    return _unit(_turned(np.hstack(blocks), dimensions))


def predict_factors(
    content: FloatArray, factors: FloatArray, known: BoolArray, *, ridge: float = 1.0
) -> FloatArray:
    """Factors (n, K) of all products as their content foretells them, by ridge regression.

    content : (n, d). factors : (n, K) learned. known : (n,) whose factors are believed.
    The intercept is not penalised: of a product of which nothing is said, the mean is foretold.
    """
    if not ridge > 0:
        raise ValueError(f"ridge must be above 0, not {ridge!r}.")
    if not known.any():
        return np.zeros_like(factors)
    x, y = content[known].astype(np.float64), factors[known].astype(np.float64)
    middle, level = x.mean(axis=0), y.mean(axis=0)
    x = x - middle
    normal = x.T @ x + ridge * np.eye(x.shape[1])
    slopes = np.linalg.solve(normal, x.T @ (y - level))
    foretold: FloatArray = ((content - middle) @ slopes + level).astype(np.float32)
    return foretold


def words_of(descriptions: Descriptions, product: int) -> list[str]:
    """What is counted: words, and category:, brand: and price: with what follows."""
    said = []
    for texts in (descriptions.titles, descriptions.texts):
        found = WORD.findall(texts[product].lower()) if len(texts) else []
        said += found + [f"{one} {two}" for one, two in pairwise(found)]
    if len(descriptions.categories):
        levels = [each for each in descriptions.categories[product].split(" > ") if each]
        said += [f"category:{' > '.join(levels[: n + 1])}" for n in range(len(levels))]
    if len(descriptions.brands) and descriptions.brands[product]:
        said.append(f"brand:{descriptions.brands[product]}")
    return said


def _words(descriptions: Descriptions, dimensions: int, seed: int) -> FloatArray:
    """(n, d) the singular vectors of TF-IDF, each product of length 1 or 0."""
    # Imported where it learns: scikit-learn would be most of every process's start.
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.utils.extmath import randomized_svd

    documents = [words_of(descriptions, product) for product in range(len(descriptions))]
    for document, band in zip(documents, _bands(descriptions.prices), strict=False):
        document.append(f"price:{band}")
    if not any(documents):
        return np.zeros((len(documents), 0), np.float32)
    counted = TfidfVectorizer(analyzer=_as_it_is, sublinear_tf=True, dtype=np.float32)
    table = counted.fit_transform(documents)
    rank = min(dimensions, *table.shape)
    left, strength, _ = randomized_svd(table, rank, random_state=seed)
    return _unit((left * strength).astype(np.float32))


def _as_it_is(document: list[str]) -> list[str]:
    return document


def _bands(prices: DoubleArray | None) -> list[str]:
    """Tenths of the catalogue by price; "?" where it is unknown."""
    if prices is None or np.isnan(prices).all():
        return []
    edges = np.nanquantile(prices, np.linspace(0, 1, PRICE_BANDS + 1)[1:-1])
    bands = np.searchsorted(edges, prices, side="right")
    return ["?" if np.isnan(p) else str(b) for p, b in zip(prices, bands, strict=True)]


def _turned(table: FloatArray, dimensions: int) -> FloatArray:
    """The leading principal axes of all blocks together, uncentred; exact, not random."""
    _, vectors = np.linalg.eigh(table.T.astype(np.float64) @ table)
    leading = vectors[:, ::-1][:, :dimensions]
    # An axis has no direction of its own: the largest entry points up, on every machine.
    leading *= np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])])
    turned: FloatArray = (table @ leading).astype(np.float32)
    return turned


def _unit(table: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    unit: FloatArray = np.divide(table, lengths, out=np.zeros_like(table), where=lengths > 0)
    return unit.astype(np.float32)
