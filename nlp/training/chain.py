"""Fits a linear-chain conditional random field: the tagger's weights.

Sequences of like length are padded together, so that a step of the forward and backward passes is
a few products of matrices. L-BFGS finds the one minimum: the same from every start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

_F64 = NDArray[np.float64]
_BATCH = 96


@dataclass(frozen=True, slots=True)
class Chain:
    """Weights of clues and tags, and of tags that follow each other."""

    clues: _F64  # clues x tags
    steps: _F64  # tags x tags
    first: _F64  # tags


@dataclass(frozen=True, slots=True)
class _Batch:
    """Sequences of like length: rows of the matrix of clues, -1 where a sequence has ended."""

    rows: NDArray[np.intp]  # time x sequence
    mask: _F64
    tags: NDArray[np.intp]


def fit_chain(  # noqa: PLR0913 - numbers that belong to one fit
    clues: csr_matrix,
    lengths: Sequence[int],
    tags: NDArray[np.intp],
    *,
    tag_count: int,
    strength: float,
    rounds: int,
    on_round: Callable[[int], None] | None = None,
) -> Chain:
    """Return the weights that make `tags` likeliest, held small by `strength`.

    `on_round` is told the number of every round that is over, of at most `rounds`.
    """
    loss = _Loss(clues, tags, _make_batches(lengths, tags), tag_count, strength)
    over = count(1)

    def tell(_found: _F64) -> None:
        if on_round is not None:
            on_round(next(over))

    found = minimize(
        loss.weigh, np.zeros(loss.size), jac=True, method="L-BFGS-B", callback=tell,
        options={"maxiter": rounds, "maxcor": 8},
    )  # fmt: skip
    return loss.split(np.asarray(found.x, dtype=np.float64))


class _Loss:
    """How unlikely weights, all in one row, make the tags, and how large they are."""

    def __init__(
        self,
        clues: csr_matrix,
        tags: NDArray[np.intp],
        batches: Sequence[_Batch],
        tag_count: int,
        strength: float,
    ) -> None:
        self._clues, self._tags, self._batches = clues, tags, batches
        self._tag_count, self._strength = tag_count, strength
        self._transposed = clues.T.tocsr()
        self._observed = np.zeros((clues.shape[0], tag_count))
        self._observed[np.arange(len(tags)), tags] = 1.0

    @property
    def size(self) -> int:
        """How many weights there are."""
        return int(self._tag_count * (self._clues.shape[1] + self._tag_count + 1))

    def split(self, flat: _F64) -> Chain:
        """Return a row of weights as what they are for."""
        tags = self._tag_count
        steps = tags * self._clues.shape[1]
        first = steps + tags * tags
        return Chain(
            flat[:steps].reshape(-1, tags), flat[steps:first].reshape(tags, tags), flat[first:]
        )

    def weigh(self, flat: _F64) -> tuple[float, _F64]:
        """Return the loss and its gradient."""
        chain = self.split(flat)
        emitted = self._clues @ chain.clues
        loss = -float(emitted[np.arange(len(self._tags)), self._tags].sum())
        expected = np.zeros_like(emitted)
        steps = np.zeros_like(chain.steps)
        first = np.zeros_like(chain.first)
        for batch in self._batches:
            loss += _pass_batch(batch, chain, emitted, expected, steps, first)
        emissions = self._transposed @ (expected - self._observed)
        gradient = np.concatenate([emissions.ravel(), steps.ravel(), first])
        loss += self._strength / 2 * float(flat @ flat)
        return loss, gradient + self._strength * flat


def _make_batches(lengths: Sequence[int], tags: NDArray[np.intp]) -> list[_Batch]:
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    order = sorted(range(len(lengths)), key=lambda each: (lengths[each], each))
    batches = []
    for begin in range(0, len(order), _BATCH):
        chosen = [each for each in order[begin : begin + _BATCH] if lengths[each]]
        if not chosen:
            continue
        longest = max(lengths[each] for each in chosen)
        rows = np.full((longest, len(chosen)), -1, dtype=np.intp)
        for column, each in enumerate(chosen):
            rows[: lengths[each], column] = starts[each] + np.arange(lengths[each])
        batches.append(_Batch(rows, (rows >= 0).astype(float), tags[np.maximum(rows, 0)]))
    return batches


def _pass_batch(
    batch: _Batch, chain: Chain, emitted: _F64, expected: _F64, steps: _F64, first: _F64
) -> float:
    """Add to expectations what a batch is expected to hold, less what it holds; return its loss.

    `expected` gets the expected tags alone: what is observed of them is taken off at the end.
    """
    time, width = batch.rows.shape
    scores = emitted[np.maximum(batch.rows, 0)]
    top = scores.max(axis=2, keepdims=True)
    likes = np.exp(scores - top)
    follow, begin = np.exp(chain.steps), np.exp(chain.first)
    forward = np.empty_like(likes)
    scale = np.ones((time, width))
    state = begin * likes[0]
    loss = 0.0
    for step in range(time):
        if step:
            alive = batch.mask[step][:, None]
            state = np.where(alive > 0, (forward[step - 1] @ follow) * likes[step], state)
        total = state.sum(axis=1)
        scale[step] = total
        state = state / total[:, None]
        forward[step] = state
    loss += float(((np.log(scale) + top[:, :, 0]) * batch.mask).sum())
    backward = np.ones((width, likes.shape[2]))
    for step in range(time - 1, -1, -1):
        alive = batch.mask[step][:, None]
        belief = forward[step] * backward
        belief /= belief.sum(axis=1, keepdims=True)
        live = batch.mask[step] > 0
        expected[batch.rows[step][live]] += belief[live]
        if step:
            ahead = likes[step] * backward / scale[step][:, None]
            steps += follow * ((forward[step - 1] * alive).T @ (ahead * alive))
            was, now = batch.tags[step - 1][live], batch.tags[step][live]
            np.add.at(steps, (was, now), -1.0)
            loss -= float(chain.steps[was, now].sum())
            backward = np.where(alive > 0, ahead @ follow.T, backward)
        else:
            first += belief.sum(axis=0)
            np.add.at(first, batch.tags[0], -1.0)
            loss -= float(chain.first[batch.tags[0]].sum())
    return loss
