"""The file of pretrained weights, read back from what was written."""

from pathlib import Path

import numpy as np
import pytest

from askwatch.errors import ConfigurationError
from nlp.training.encoder.pretrained import read_pretrained
from tests.nlp.training.encoder.weights import HIDDEN, LAYERS, PIECES, write_weights


def test_sizes_pieces_and_weights_are_read(tmp_path: Path) -> None:
    tensors = write_weights(tmp_path / "w.bin")
    found = read_pretrained(tmp_path / "w.bin")
    assert (found.hidden, found.layers, len(found.pieces)) == (HIDDEN, LAYERS, len(PIECES))
    assert [piece for piece, _ in found.pieces] == [piece for piece, _ in PIECES]
    assert found.words.shape == (len(PIECES), HIDDEN)
    np.testing.assert_array_equal(found.tensors["l1.k.w"], tensors["l1.k.w"])


def test_four_bits_are_within_half_a_step(tmp_path: Path) -> None:
    tensors = write_weights(tmp_path / "w.bin")
    found = read_pretrained(tmp_path / "w.bin").tensors["l0.q.w"].reshape(-1, 32)
    steps = np.abs(tensors["l0.q.w"].reshape(-1, 32)).max(axis=1, keepdims=True) / 7
    assert (np.abs(found - tensors["l0.q.w"].reshape(-1, 32)) <= 0.51 * steps).all()


@pytest.mark.parametrize(
    "content", [b"", b"E5S1", b"PK\x03\x04 something else", b"E5S1" + b"\1" * 80]
)
def test_another_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.bin"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"w\.bin"):
        read_pretrained(path)
