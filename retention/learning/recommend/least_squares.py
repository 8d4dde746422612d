"""Many small ridge regressions against one table: the half sweep of alternating least squares.

For each row u with observed weights w and table Y the equations are

    (a YᵀY + penalty_u I + Σ w y yᵀ) x = Σ (w + offset) y .

The dense first two terms are the same for all rows but for a multiple of the identity. Turned
into the eigenvectors of YᵀY and scaled by their square root they become the identity, and what
is left to invert, I + ZᵀWZ, is so well conditioned that conjugate gradient needs two steps from
a warm start. Every product then costs only what was observed.

Three ways to a row, by its length L:
short                   exact, from the L by L dual;
middling                conjugate gradient on the whitened equations;
longer than one chunk   exact, its K by K matrix summed chunk by chunk, so memory stays flat.
"""

from dataclasses import dataclass

import numpy as np

from retention.learning.interactions import Csr, DoubleArray, FloatArray, IntArray
from retention.learning.recommend.threads import over

# A chunk's gathered block stays within a core's cache: 2 MB of float32.
CHUNK_FLOATS = 1 << 19
# Up to here the dual costs no more than the gradient steps (measured with 64 factors).
SHORT = 16


@dataclass(frozen=True, eq=False)
class Equations:
    """What all rows share.

    table : (m, K) float32 whose Gramian is diagonal (see `turn`).
    spectrum : (K,) float32, that diagonal times a.
    offset : added to every weight on the right-hand side.
    steps : conjugate gradient steps of a middling row.
    """

    table: FloatArray
    spectrum: FloatArray
    offset: float
    steps: int


@dataclass(frozen=True, eq=False)
class Chunk:
    """Rows of one padded length, gathered. Padding has weight and target 0.

    rows : (c,) · block : (c, L, K) · weights, targets : (c, L) · scale : (c, K), the square
    root of the inverse of the dense part.
    """

    rows: IntArray
    block: FloatArray
    weights: FloatArray
    targets: FloatArray
    scale: FloatArray


def turn(table: FloatArray, partner: FloatArray, *, threads: int | None = None) -> FloatArray:
    """Turn two factor tables in place into the eigenvectors of the first one's Gramian.

    Their products stay what they were; table's Gramian becomes diagonal. Returns that
    diagonal, (K,) float32. Blocks have a fixed size and are summed in order, so the result
    does not depend on the threads.
    """
    slices = _slices(len(table))
    parts = over(slices, lambda part: table[part].T @ table[part], threads=threads)
    gramian: DoubleArray = np.sum(parts, axis=0, dtype=np.float64)
    spectrum, vectors = np.linalg.eigh(gramian)
    basis = vectors.astype(np.float32)

    def turned(part: tuple[FloatArray, slice]) -> None:
        part[0][part[1]] = part[0][part[1]] @ basis

    over(
        [(each, part) for each in (table, partner) for part in _slices(len(each))],
        turned,
        threads=threads,
    )
    return spectrum.clip(0).astype(np.float32)


def solve(
    rows: Csr,
    equations: Equations,
    *,
    penalties: FloatArray,
    out: FloatArray,
    threads: int | None = None,
) -> FloatArray:
    """Solve every row into out, whose values are the warm start. Empty rows become 0.

    rows : (n, m) observed weights. penalties : (n,) above 0. out : (n, K) float32.
    A row's answer depends on that row alone, to the byte: batches may be cut anywhere.
    """
    lengths = np.diff(rows.indptr)
    out[lengths == 0] = 0
    factors = equations.table.shape[1]
    longest = max(CHUNK_FLOATS // factors, 1)

    def work(chunk_rows: IntArray) -> None:
        if lengths[chunk_rows[0]] > longest:
            out[chunk_rows] = _streamed(rows, chunk_rows[0], equations, penalties, longest)
            return
        chunk = _gather(rows, chunk_rows, equations, penalties)
        if chunk.weights.shape[1] <= SHORT:
            out[chunk_rows] = _dual(chunk)
        else:
            out[chunk_rows] = _conjugate(chunk, out[chunk_rows], steps=equations.steps)

    over(_chunks(lengths, longest), work, threads=threads)
    return out


def solve_exactly(rows: Csr, equations: Equations, *, penalties: FloatArray) -> DoubleArray:
    """The same by the book, in float64, one row at a time: what `solve` is tested against."""
    table = equations.table.astype(np.float64)
    answers = np.zeros((rows.shape[0], table.shape[1]))
    for row in range(rows.shape[0]):
        there = slice(rows.indptr[row], rows.indptr[row + 1])
        seen, weights = table[rows.indices[there]], rows.data[there].astype(np.float64)
        matrix = np.diag(equations.spectrum + float(penalties[row])) + (seen.T * weights) @ seen
        answers[row] = np.linalg.solve(
            matrix, seen.T @ (weights + equations.offset * (weights > 0))
        )
    return answers


def _slices(length: int, size: int = 8192) -> list[slice]:
    return [slice(start, start + size) for start in range(0, length, size)]


def _padded(lengths: IntArray) -> IntArray:
    """Lengths rounded up to eighths of a power of two: few different ones, little padding.

    It depends on the row alone, never on its neighbours in the chunk: so does the arithmetic.
    """
    step = 1 << np.maximum(np.log2(lengths.clip(1)).astype(np.int32) - 3, 0)
    padded: IntArray = (-(-lengths // step) * step).astype(np.int32)
    return padded


def _chunks(lengths: IntArray, longest: int) -> list[IntArray]:
    """Row numbers in chunks of one padded length, longest first so that no core waits long."""
    padded = _padded(lengths)
    order = np.argsort(-padded, kind="stable").astype(np.int32)
    order = order[: np.count_nonzero(lengths)]
    edges = np.flatnonzero(np.diff(padded[order])) + 1
    chunks = []
    for group in np.split(order, edges):
        size = max(longest // int(padded[group[0]]), 1) if len(group) else 1
        chunks += [group[start : start + size] for start in range(0, len(group), size)]
    return chunks


def _gather(rows: Csr, chosen: IntArray, equations: Equations, penalties: FloatArray) -> Chunk:
    starts = rows.indptr[chosen]
    lengths = rows.indptr[chosen + 1] - starts
    steps = np.arange(_padded(lengths[:1])[0], dtype=lengths.dtype)
    # Padding repeats a row's last product, with weight and target 0.
    places = starts[:, None] + np.minimum(steps, lengths[:, None] - 1)
    weights = rows.data.take(places)
    targets = weights + np.float32(equations.offset)
    padding = steps >= lengths[:, None]
    weights[padding] = targets[padding] = 0
    return Chunk(
        rows=chosen,
        # take() copies whole rows; indexing with [] costs twice as much.
        block=equations.table.take(rows.indices.take(places), axis=0),
        weights=weights,
        targets=targets,
        scale=1 / np.sqrt(equations.spectrum + penalties[chosen, None]),
    )


def _dual(chunk: Chunk) -> FloatArray:
    """x = D⁻¹YᵀV (I + V Y D⁻¹ Yᵀ V)⁻¹ V⁻¹b with V = √W: an L by L system for each row."""
    roots = np.sqrt(chunk.weights)
    dense = np.square(chunk.scale)
    inner = (chunk.block * dense[:, None, :]) @ chunk.block.transpose(0, 2, 1)
    inner *= roots[:, :, None] * roots[:, None, :]
    inner += np.eye(inner.shape[1], dtype=np.float32)
    right = np.divide(chunk.targets, roots, out=np.zeros_like(roots), where=roots > 0)
    answer = roots * np.linalg.solve(inner, right[:, :, None])[:, :, 0]
    return dense * (answer[:, None, :] @ chunk.block)[:, 0, :]


def _conjugate(chunk: Chunk, start: FloatArray, *, steps: int) -> FloatArray:
    """Conjugate gradient on I + ZᵀWZ with Z = Y·scale, from start; all rows at once."""
    scale = chunk.scale

    def observed(x: FloatArray) -> FloatArray:
        return (chunk.block @ x[:, :, None])[:, :, 0]

    def back(values: FloatArray) -> FloatArray:
        return scale * (values[:, None, :] @ chunk.block)[:, 0, :]

    x = start / scale
    residual = back(chunk.targets - chunk.weights * observed(start)) - x
    direction = residual
    size = _squared(residual)
    for _ in range(steps):
        image = direction + back(chunk.weights * observed(scale * direction))
        length = size / np.maximum(np.einsum("ck,ck->c", direction, image), _TINY)
        x = x + length[:, None] * direction
        residual = residual - length[:, None] * image
        previous, size = size, _squared(residual)
        direction = residual + (size / np.maximum(previous, _TINY))[:, None] * direction
    return scale * x


_TINY = np.float32(1e-30)


def _squared(vectors: FloatArray) -> FloatArray:
    squares: FloatArray = np.einsum("ck,ck->c", vectors, vectors)
    return squares


def _streamed(
    rows: Csr, row: int, equations: Equations, penalties: FloatArray, size: int
) -> FloatArray:
    """One very long row: its normal matrix summed over pieces, then solved in float64."""
    matrix = np.diag(equations.spectrum.astype(np.float64) + float(penalties[row]))
    right = np.zeros(len(matrix))
    for start in range(int(rows.indptr[row]), int(rows.indptr[row + 1]), size):
        there = slice(start, min(start + size, int(rows.indptr[row + 1])))
        seen, weights = equations.table[rows.indices[there]], rows.data[there]
        right += (weights + np.float32(equations.offset)) @ seen
        seen *= np.sqrt(weights)[:, None]
        matrix += seen.T @ seen
    return np.linalg.solve(matrix, right).astype(np.float32)
