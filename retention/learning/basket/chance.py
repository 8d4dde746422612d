"""How often chance alone would show as much, and how many findings that leaves."""

from math import log

import numpy as np
from scipy.special import betainc

from retention.learning.panel import FloatArray, IntArray

EULER = 0.5772156649015329
BANDS_AN_OCTAVE = 4


def bands(widths: IntArray) -> IntArray:
    """Baskets of about the same width, numbered from 0 without gaps, (n,).

    Each width up to 7 is a band of its own, from there on a quarter of an octave is one. A wide
    basket holds any two products together: what goes together must do so among baskets as wide.
    """
    octaves = np.log2(np.maximum(widths, 0.5))
    _, band = np.unique(np.floor(BANDS_AN_OCTAVE * octaves), return_inverse=True)
    return band.astype(np.int64)


def tail(hits: IntArray, of: IntArray, expected: FloatArray) -> FloatArray:
    """A bound of P(at least so many hits) among `of` where chance expects so many, (m,) each.

    The chances may differ from one to the next: of all that add up to the same expectation, equal
    ones have the heaviest tail (Hoeffding 1956), and that is the binomial's. 1 where there are no
    more hits than expected, which is no finding.
    """
    finding = hits > expected
    share = np.clip(expected / of, 0.0, 1.0)
    return np.where(finding, betainc(np.maximum(hits, 1), of - hits + 1, share), 1.0)


def adjusted(p: FloatArray, *, tested: float) -> FloatArray:
    """p-values as false discovery rates (Benjamini and Yekutieli 2001), (m,).

    Whoever keeps those up to q has on average a share of at most q of false findings among them,
    however the tests hang together. tested : how many were looked at, those that were too rare to
    be counted included, as if their p were 1.
    """
    order = np.argsort(p)
    ranks = np.arange(1, len(p) + 1)
    together = log(tested) + EULER + 1 / (2 * tested) if tested > 1 else 1.0
    stepped = np.minimum.accumulate((p[order] * tested * together / ranks)[::-1])[::-1]
    q = np.empty(len(p))
    q[order] = np.minimum(stepped, 1.0)
    return q
