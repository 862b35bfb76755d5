"""Sentence transformers, from folders that the tests write."""

from collections import Counter
from pathlib import Path

import numpy as np
import orjson
import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.model import INTENTS
from nlp.opinions.base import NoOpinionError, SecondOpinion
from nlp.opinions.sentence_transformer import (
    Embedder,
    Example,
    SentenceTransformerReader,
    load_embedder,
    read_examples,
    read_sentence_transformer,
)
from tests.nlp.opinions.networks import write_folder

WORDS = ["[UNK]", "buy", "crm", "hire", "developer", "cat", "sale", "query"]
VECTORS = np.array(
    [[1, 1, 1, 1], [9, 0, 0, 0], [7, 1, 0, 0], [0, 9, 0, 0], [0, 7, 1, 0], [0, 0, 9, 0],
     [0, 0, 0, 9], [0, 0, 90, 0]],
    dtype=np.float32,
)  # fmt: skip
EXAMPLES = [
    Example("en", "vendor_request", True, "buy crm"),
    Example("en", "vendor_request", True, "crm buy buy"),
    Example("en", "candidate_search", True, "hire developer"),
    Example("en", "candidate_search", True, "developer hire hire"),
    Example("en", "other", False, "cat"),
    Example("en", "other", False, "cat cat crm"),
    Example("en", "promotion", False, "sale"),
    Example("en", "promotion", False, "sale sale hire"),
]


def likeliest(opinion: SecondOpinion) -> Intent:
    return INTENTS[int(np.argmax(opinion.intents))]


def make_reader(folder: Path, *, is_pooled: bool = False) -> SentenceTransformerReader:
    write_folder(folder, WORDS, VECTORS, is_pooled=is_pooled)
    return SentenceTransformerReader("tiny", load_embedder(folder), EXAMPLES)


@pytest.mark.parametrize("is_pooled", [False, True])
def test_a_text_gets_the_intent_of_the_examples_it_is_like(tmp_path: Path, is_pooled: bool) -> None:
    reader = make_reader(tmp_path, is_pooled=is_pooled)
    found = {text: reader.read(text) for text in ("buy", "hire", "cat cat", "sale")}
    assert [likeliest(each) for each in found.values()] == [
        Intent.VENDOR_REQUEST, Intent.CANDIDATE_SEARCH, Intent.OTHER, Intent.PROMOTION,
    ]  # fmt: skip
    assert (found["buy"].b2b or 0.0) > 0.5 > (found["cat cat"].b2b or 0.0)
    assert reader.name == "sentence-transformer:tiny"
    reader.close()


def test_a_text_without_pieces_has_no_opinion(tmp_path: Path) -> None:
    reader = make_reader(tmp_path)
    with pytest.raises(NoOpinionError) as caught:
        reader.read("")
    assert caught.value.reason == "unusable"


def test_a_folder_is_read_with_the_packaged_examples(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "tiny-model", WORDS, VECTORS)
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 4, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_bytes(orjson.dumps(pooling))
    reader = read_sentence_transformer(folder)
    assert reader.name == "sentence-transformer:tiny-model"
    assert float(np.exp(reader.read("buy crm").intents).sum()) == pytest.approx(1.0, abs=1e-5)


def test_a_folders_limit_and_prompt_are_kept_to(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, WORDS, VECTORS)
    (folder / "sentence_bert_config.json").write_bytes(orjson.dumps({"max_seq_length": 2}))
    prompts = {"prompts": {"query": "query "}, "default_prompt_name": "query"}
    (folder / "config_sentence_transformers.json").write_bytes(orjson.dumps(prompts))
    embedder = load_embedder(folder)
    assert embedder.embed("buy") == pytest.approx(embedder.embed("buy hire hire hire"))
    assert embedder.embed("buy")[2] > 0.9


def test_a_network_that_fails_gives_no_opinion(tmp_path: Path) -> None:
    reader = make_reader(tmp_path)
    embedder = reader._embedder
    reader._embedder = Embedder(embedder._session, None)
    with pytest.raises(NoOpinionError) as caught:
        reader.read("buy")
    assert (caught.value.reason, caught.value.is_fault) == ("failed", False)


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_folder_with_a_file_missing_is_refused(tmp_path: Path, missing: str) -> None:
    write_folder(tmp_path, WORDS, VECTORS)
    (tmp_path / missing).unlink()
    with pytest.raises(ConfigurationError, match=r"ASKWATCH_SECOND_OPINION: .* export the model"):
        read_sentence_transformer(tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_folder_is_refused(tmp_path: Path, name: str) -> None:
    write_folder(tmp_path, WORDS, VECTORS)
    (tmp_path / name).write_bytes(b"not this")
    with pytest.raises(ConfigurationError, match="makes no vectors of texts"):
        read_sentence_transformer(tmp_path)


def test_another_pooling_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, WORDS, VECTORS)
    (tmp_path / "1_Pooling").mkdir()
    path = tmp_path / "1_Pooling" / "config.json"
    path.write_bytes(orjson.dumps({"pooling_mode_cls_token": True}))
    with pytest.raises(ConfigurationError, match="pooling_mode_cls_token"):
        read_sentence_transformer(tmp_path)
    path.write_bytes(b"{")
    with pytest.raises(ConfigurationError, match="is not JSON"):
        read_sentence_transformer(tmp_path)


def test_the_examples_show_every_intent_in_every_language() -> None:
    counts = Counter((each.lang, Intent(each.intent)) for each in read_examples())
    assert set(counts) == {(lang, i) for lang in ("da", "en", "sv", "no", "de") for i in INTENTS}
    assert min(counts.values()) >= 5
