"""The encoder: which pieces are read, and what a folder without one or with a broken one says."""

import shutil
from pathlib import Path

import numpy as np
import orjson
import pytest

from askwatch.errors import ConfigurationError
from nlp.encoder import (
    LOWER,
    MANIFEST,
    PIECES,
    UPPER,
    Encoder,
    Window,
    choose_pieces,
    has_encoder,
    read_encoder,
)
from nlp.model import INTENTS, packaged_model_dir

WINDOW = Window(first=4, asking=3, last=2)


def test_a_short_text_is_read_whole() -> None:
    assert choose_pieces(range(9), [0, 5, 2], WINDOW) == list(range(9))


def test_the_asking_sentence_of_a_long_text_is_read() -> None:
    assert choose_pieces(range(30), [0, 15, 16, 17, 18, 2], WINDOW) == [
        0,
        1,
        2,
        3,
        15,
        16,
        17,
        28,
        29,
    ]


def test_an_asking_sentence_that_is_shown_anyway_takes_no_room() -> None:
    assert choose_pieces(range(30), [0, 1, 2, 2], WINDOW) == [0, 1, 2, 3, 4, 5, 6, 28, 29]
    assert choose_pieces(range(30), [0, 28, 29, 2], WINDOW) == [0, 1, 2, 3, 4, 5, 6, 28, 29]


def test_without_an_asking_sentence_the_beginning_is_longer() -> None:
    assert choose_pieces(range(30), [], WINDOW) == [0, 1, 2, 3, 4, 5, 6, 28, 29]


def test_no_window_is_ever_longer_than_told() -> None:
    for size in range(2, 40):
        for asking in ([], list(range(5, 5 + size // 2))):
            assert len(choose_pieces(range(size), asking, WINDOW)) <= WINDOW.longest


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return read_encoder(packaged_model_dir())


def test_an_opinion_has_a_number_for_each_intent_and_topic(encoder: Encoder) -> None:
    opinion = encoder.read("Kan nogen anbefale en god revisor i Odense?")
    assert INTENTS[int(opinion.intents.argmax())].value == "vendor_request"
    assert len(opinion.topics) == len(encoder.manifest.topics)
    assert np.linalg.norm(opinion.vector) == pytest.approx(1.0, abs=1e-3)
    assert len(opinion.vector) == encoder.manifest.vector_size


def test_the_same_ask_in_two_languages_lies_closer_than_another(encoder: Encoder) -> None:
    danish, english, other = (
        encoder.embed(text)
        for text in (
            "Hvem kender en dygtig tømrer til en ny carport?",
            "Can anybody recommend a carpenter for a new carport?",
            "Which antivirus do you use on the company's laptops?",
        )
    )
    assert danish @ english > danish @ other


def test_reading_on_after_a_glance_is_reading(encoder: Encoder) -> None:
    text = "Who knows a good accountant for a small shop?"
    glance, whole = encoder.glance(text), encoder.read(text)
    assert glance.ask > encoder.glance("Lovely weather today.").ask
    np.testing.assert_array_equal(encoder.read_on(glance).intents, whole.intents)


@pytest.mark.parametrize("text", ["", " ", "\x00", "?" * 20_000, "\ud800", "🦊" * 300])
def test_any_text_can_be_read(encoder: Encoder, text: str) -> None:
    assert np.isfinite(encoder.read(text).intents).all()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(packaged_model_dir(), tmp_path / "model"))


@pytest.mark.parametrize("name", [LOWER, UPPER, PIECES])
def test_a_damaged_file_is_named_with_the_remedy(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"something else")
    with pytest.raises(ConfigurationError, match=rf"{name}: the encoder is damaged.*--encoder"):
        read_encoder(folder)


def test_an_encoder_of_another_version_is_refused(folder: Path) -> None:
    entry = orjson.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_bytes(orjson.dumps({**entry, "format": 99}))
    with pytest.raises(ConfigurationError, match="another version"):
        read_encoder(folder)
    (folder / MANIFEST).write_bytes(b"[]")
    with pytest.raises(ConfigurationError, match=r"encoder\.json: not an encoder"):
        read_encoder(folder)


def test_files_that_match_but_are_no_network_are_refused(folder: Path) -> None:
    import hashlib

    entry = orjson.loads((folder / MANIFEST).read_bytes())
    (folder / LOWER).write_bytes(b"no network")
    entry["sha256"][LOWER] = hashlib.sha256(b"no network").hexdigest()
    (folder / MANIFEST).write_bytes(orjson.dumps(entry))
    with pytest.raises(ConfigurationError, match=rf"{LOWER}: not an encoder"):
        read_encoder(folder)


def test_a_folder_may_come_without_one(tmp_path: Path) -> None:
    assert has_encoder(packaged_model_dir())
    assert not has_encoder(tmp_path)
