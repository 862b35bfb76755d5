"""Turns posts into the matrix that the linear heads are fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from nlp.analysis import analyse
from nlp.features import BLOCKS, DENSE_SIZE, TABLE_SIZE, FeatureReader, Features, block_of
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.training.configuration import FeatureSection


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The hashed features that a model knows."""

    ids: NDArray[np.uint32]
    idf: NDArray[np.float32]
    dense_scale: NDArray[np.float32]
    block_weights: NDArray[np.float32]  # one row a feature, one column


class Reader:
    """Reads the features of texts exactly as the running stage does."""

    def __init__(self) -> None:
        self._patterns = PatternSet.read(resource_path("patterns"))
        self._features = FeatureReader()

    def read(self, texts: Sequence[str]) -> list[Features]:
        return [self._features.read(analyse(normalise(text), self._patterns)) for text in texts]


def build_vocabulary(features: Sequence[Features], settings: FeatureSection) -> Vocabulary:
    """Return the features that enough posts have."""
    counts = np.zeros(TABLE_SIZE, dtype=np.int32)
    for each in features:
        counts[np.unique(each.hashed)] += 1
    ids = np.flatnonzero(counts >= settings.least_posts)
    if len(ids) > settings.most_features:
        order = np.lexsort((ids, -counts[ids]))
        ids = np.sort(ids[order[: settings.most_features]])
    idf = np.log((1 + len(features)) / (1 + counts[ids])) + 1
    scale = np.full(DENSE_SIZE, settings.dense_scale, dtype=np.float32)
    blocks = block_of(ids.astype(np.uint64))
    weights = np.array(settings.block_weights, dtype=np.float32)[blocks].reshape(-1, 1)
    return Vocabulary(ids.astype(np.uint32), idf.astype(np.float32), scale, weights)


def build_matrix(features: Sequence[Features], vocabulary: Vocabulary) -> csr_matrix:
    """Return one row a post: known hashed features, each block of its weight, then the counts."""
    places = np.full(TABLE_SIZE, -1, dtype=np.int64)
    places[vocabulary.ids] = np.arange(len(vocabulary.ids))
    blocks_of_ids = block_of(vocabulary.ids.astype(np.uint64))
    rows, pointers, values = [], [0], []
    for each in features:
        known = places[np.unique(each.hashed)]
        known = known[known >= 0]
        blocks = blocks_of_ids[known]
        weights = vocabulary.idf[known]
        squares = np.bincount(blocks, weights=weights * weights, minlength=len(BLOCKS))
        rows.append(known)
        lengths = np.sqrt(np.maximum(squares, 1e-12))[blocks]
        values.append(weights / lengths * vocabulary.block_weights[known, 0])
        pointers.append(pointers[-1] + len(known))
    hashed = csr_matrix(
        (np.concatenate(values), np.concatenate(rows), np.array(pointers)),
        shape=(len(features), len(vocabulary.ids)),
    )
    dense = np.stack([each.dense for each in features]) * vocabulary.dense_scale
    return csr_matrix(hstack([hashed, csr_matrix(dense)], format="csr"))
