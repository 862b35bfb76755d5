"""Model files: what is written can be read, what is damaged is refused with a remedy."""

import shutil
from pathlib import Path

import numpy as np
import orjson
import pytest

from askwatch.errors import ConfigurationError
from nlp.model import ARRAYS, MANIFEST, packaged_model_dir, read_model, write_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(packaged_model_dir(), tmp_path / "model"))


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / MANIFEST
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), **changes}))


def test_a_model_survives_being_written_and_read(folder: Path, tmp_path: Path) -> None:
    model = read_model(folder)
    write_model(tmp_path / "copy", model.manifest, model.arrays)
    copy = read_model(tmp_path / "copy")
    assert copy.manifest == model.manifest
    assert np.array_equal(copy.arrays.gate, model.arrays.gate)
    assert np.array_equal(copy.arrays.weights, model.arrays.weights)


def test_the_packaged_model_is_small() -> None:
    assert sum(path.stat().st_size for path in packaged_model_dir().iterdir()) < 42_000_000


def test_a_damaged_model_names_the_file_and_the_remedy(folder: Path) -> None:
    path = folder / ARRAYS
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ConfigurationError, match=r"model\.npz: the model is damaged.*train it"):
        read_model(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 99}, "another version"),
        ({"features": 0}, "another version"),
        ({"groups": ["ask"]}, "another version"),
        ({"intents": ["ask"]}, "other intents"),
        ({"thresholds": {"alert": 1}}, "not a language model"),
        ({"topics": ["legal"]}, "another shape"),
        ({"posts_of_mars": 1}, "not a language model"),
    ],
)
def test_another_model_is_refused(folder: Path, changes: dict[str, object], message: str) -> None:
    change_manifest(folder, **changes)
    with pytest.raises(ConfigurationError, match=message):
        read_model(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff"])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"manifest\.json: not a language model"):
        read_model(folder)


def test_arrays_that_are_missing_are_named(folder: Path) -> None:
    (folder / ARRAYS).unlink()
    with pytest.raises(ConfigurationError, match=r"model\.npz"):
        read_model(folder)
