"""The tagger's training: annotations are checked, the same posts give the same weights."""

import json
from pathlib import Path

import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Entity, Intent
from nlp.entities.tagger import TAGS, Tagger, read_weights, tagger_path, write_weights
from nlp.training.entity_corpus import read_annotated
from nlp.training.entity_scores import GoldenPost
from nlp.training.entity_training import fit_weights, read_examples, train_tagger

NLP = Path(__file__).parents[3] / "nlp"
TEXT = "Any good flumberer near us? We use Zorblat now"
POST = {
    "id": "x-1", "text": TEXT, "lang": "en", "intent": "vendor_request", "b2b": True,
    "topic": None,
}  # fmt: skip


def write(folder: Path, *entities: list[object], post: str = "x-1") -> tuple[Path, Path]:
    annotated, corpus = folder / "annotated", folder / "corpus"
    annotated.mkdir()
    corpus.mkdir()
    (corpus / "a.jsonl").write_text(json.dumps(POST) + "\n", encoding="utf-8")
    line = json.dumps({"id": post, "entities": entities})
    (annotated / "a.jsonl").write_text(line + "\n\n", encoding="utf-8")
    return annotated, corpus


def test_the_annotated_posts_of_the_repository_fit_its_corpus() -> None:
    posts = read_annotated(NLP / "corpus_entities", NLP / "corpus")
    assert len(posts) == 900
    assert sum(len(post.entities) for post in posts) > 2_400


def test_what_was_annotated_is_learned(tmp_path: Path) -> None:
    annotated, corpus = write(
        tmp_path, ["product", "flumberer", 9], ["vendor", "Zorblat", 35, "incumbent"]
    )
    target = tmp_path / "tagger.npz"
    assert train_tagger(annotated, corpus, target) == 1
    (example,) = read_examples(read_annotated(annotated, corpus))
    assert [TAGS[tag] for tag in example.tags if tag] == ["B-want", "B-name"]
    first = target.read_bytes()
    train_tagger(annotated, corpus, target)
    assert target.read_bytes() == first


def test_a_tagger_finds_what_it_was_taught() -> None:
    entity = Entity(kind="product", text="flumberer", start=9, end=18, value="")
    post = GoldenPost(
        id="x-1", lang="en", intent=Intent.VENDOR_REQUEST, text=TEXT, entities=(entity,)
    )
    examples = read_examples([post] * 4)
    told, possible = Tagger(fit_weights(examples)).tag(examples[0].rows)
    assert told == [("want", 2, 3)]
    assert ("want", 2, 3) in possible
    assert Tagger(fit_weights(examples)).tag([]) == ([], [])


@pytest.mark.parametrize(
    ("entity", "post", "fault"),
    [
        (["product", "flumberer", 3], "x-1", "does not stand at 3"),
        (["thing", "flumberer", 9], "x-1", "unknown kind 'thing'"),
        (["product", "flumberer"], "x-1", "do not fit"),
        (["product", "flumberer", 9], "x-2", "no post 'x-2'"),
    ],
)
def test_an_annotation_that_does_not_fit_is_named(
    tmp_path: Path, entity: list[object], post: str, fault: str
) -> None:
    annotated, corpus = write(tmp_path, entity, post=post)
    with pytest.raises(ConfigurationError, match=fault):
        read_annotated(annotated, corpus)
    with pytest.raises(ConfigurationError, match="no annotated posts"):
        read_annotated(tmp_path, corpus)


def test_weights_come_back_as_they_were_written(tmp_path: Path) -> None:
    weights = read_weights(tagger_path())
    write_weights(weights, tmp_path / "copy.npz")
    assert (tmp_path / "copy.npz").read_bytes() == tagger_path().read_bytes()
    assert tagger_path().stat().st_size < 3_000_000


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"no weights"])
def test_a_damaged_file_is_named_with_its_remedy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tagger.npz"
    with pytest.raises(ConfigurationError, match=r"tagger\.npz.*make it again"):
        read_weights(path)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"tagger\.npz.*make it again"):
        read_weights(path)
