"""Writes tiny sentence transformers: a table of word vectors as ONNX, and a tokenizer of words.

An ONNX file is a protocol buffer, and one of two nodes takes few lines by hand.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

_FLOAT, _INT64 = 1, 7
_INTS, _INT = 7, 2  # kinds of attributes


def write_folder(
    folder: Path, words: Sequence[str], vectors: NDArray[np.float32], *, is_pooled: bool = False
) -> Path:
    """Write a model whose pieces are `words`, the first for unknown ones; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    place = {word: index for index, word in enumerate(words)}
    tokenizer = Tokenizer(WordLevel(place, unk_token=words[0]))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "model.onnx").write_bytes(make_network(vectors, is_pooled=is_pooled))
    return folder


def make_network(vectors: NDArray[np.float32], *, is_pooled: bool) -> bytes:
    """Return a network that looks up the vectors of pieces, and averages them if `is_pooled`."""
    rows, size = vectors.shape
    looked_up = "pieces" if is_pooled else "result"
    nodes = [_node("Gather", ["table", "input_ids"], looked_up)]
    if is_pooled:
        axes = _text(1, "axes") + _number(8, 1) + _number(20, _INTS)
        keep = _text(1, "keepdims") + _number(3, 0) + _number(20, _INT)
        nodes.append(_node("ReduceMean", ["pieces"], "result", axes, keep))
    table = _number(1, rows) + _number(1, size) + _number(2, _FLOAT) + _text(8, "table")
    table += _field(9, vectors.astype("<f4").tobytes())
    shape: list[int | str] = [1, size] if is_pooled else [1, "length", size]
    graph = b"".join(_field(1, node) for node in nodes) + _text(2, "tiny") + _field(5, table)
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        graph += _field(11, _value(name, _INT64, [1, "length"]))
    graph += _field(12, _value("result", _FLOAT, shape))
    return _number(1, 8) + _field(7, graph) + _field(8, _text(1, "") + _number(2, 13))


def _node(kind: str, inputs: Sequence[str], output: str, *attributes: bytes) -> bytes:
    node = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind)
    return node + b"".join(_field(5, attribute) for attribute in attributes)


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    sides = [_number(1, side) if isinstance(side, int) else _text(2, side) for side in shape]
    tensor = _number(1, kind) + _field(2, b"".join(_field(1, side) for side in sides))
    return _text(1, name) + _field(2, _field(1, tensor))


def _text(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
