"""The tagger's training: annotations are checked, the same posts give the same weights."""

import json
from pathlib import Path

import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Entity, Intent
from nlp.analysis import analyse
from nlp.entities.grammar import read_grammar
from nlp.entities.passage import Passage
from nlp.entities.relations import RELATIONS, RelationReader, relations_path
from nlp.entities.tagger import TAGS, Tagger, tagger_path
from nlp.entities.weights import read_weights, write_weights
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.training.entity_corpus import read_annotated
from nlp.training.entity_scores import GoldenPost
from nlp.training.entity_training import (
    RELATING,
    fit_weights,
    read_examples,
    read_related,
    train_entities,
)

NLP = Path(__file__).parents[3] / "nlp"
TEXT = "Any good flumberer near us? We use Zorblat now"
POST = {"id": "x-1", "lang": "en", "intent": "vendor_request", "text": TEXT}


def write(folder: Path, *entities: list[object], **changed: object) -> Path:
    annotated = folder / "annotated"
    annotated.mkdir()
    line = json.dumps({**POST, "entities": entities, **changed})
    (annotated / "a.jsonl").write_text(line + "\n\n", encoding="utf-8")
    return annotated


def test_the_annotated_posts_of_the_repository_can_be_read() -> None:
    posts = read_annotated(NLP / "corpus_entities")
    assert len(posts) >= 1_150
    assert sum(len(post.entities) for post in posts) > 3_000


def test_what_was_annotated_is_learned(tmp_path: Path) -> None:
    annotated = write(tmp_path, ["product", "flumberer", 9], ["vendor", "Zorblat", 35, "incumbent"])
    target = tmp_path / "out"
    steps: list[tuple[str, float]] = []
    report = train_entities(
        annotated, target, on_progress=lambda what, share: steps.append((what, share))
    )
    assert (report.posts, report.vendors) == (1, 1)
    assert report.size_bytes == sum(each.stat().st_size for each in target.iterdir())
    assert steps[0] == ("reading posts", 0.0)
    assert [share for _, share in steps] == sorted(share for _, share in steps)
    posts = read_annotated(annotated)
    (example,), (related,) = read_examples(posts), read_related(posts)
    assert [TAGS[tag] for tag in example.labels if tag] == ["B-want", "B-name"]
    assert [RELATIONS[each] for each in related.labels] == ["incumbent"]
    first = [path.read_bytes() for path in sorted(target.iterdir())]
    train_entities(annotated, target)
    assert [path.read_bytes() for path in sorted(target.iterdir())] == first


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


def test_a_relation_is_told_as_it_was_taught() -> None:
    rejected = "Quimbo ate our invoices, so what else is there?"
    posts = []
    for text, name, relation in ((TEXT, "Zorblat", "incumbent"), (rejected, "Quimbo", "rejected")):
        start = text.index(name)
        entity = Entity(
            kind="vendor", text=name, start=start, end=start + len(name), value="",
            relation=relation,
        )  # fmt: skip
        posts.append(
            GoldenPost(
                id="x-1", lang="en", intent=Intent.VENDOR_REQUEST, text=text, entities=(entity,)
            )
        )
    weights = fit_weights(read_related(posts * 3), RELATIONS, RELATING)
    reader = RelationReader(weights)
    passage = Passage(analyse(normalise(rejected), PatternSet()))
    assert reader.read(passage, read_grammar("en"), [(0, 1)]) == ["rejected"]
    assert reader.read(passage, read_grammar("en"), []) == []


@pytest.mark.parametrize(
    ("entity", "changed", "fault"),
    [
        (["product", "flumberer", 3], {}, "does not stand at 3"),
        (["thing", "flumberer", 9], {}, "unknown kind 'thing'"),
        (["product", "flumberer"], {}, "do not fit"),
        (["product", "flumberer", 9], {"intent": "shopping"}, "'shopping' is not a valid Intent"),
    ],
)
def test_an_annotation_that_does_not_fit_is_named(
    tmp_path: Path, entity: list[object], changed: dict[str, object], fault: str
) -> None:
    annotated = write(tmp_path, entity, **changed)
    with pytest.raises(ConfigurationError, match=fault):
        read_annotated(annotated)
    with pytest.raises(ConfigurationError, match="no annotated posts"):
        read_annotated(tmp_path)


def test_a_line_without_a_text_is_of_a_post_of_the_corpus(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    post = json.dumps({**POST, "b2b": True, "topic": "crm_sales"})
    (corpus / "en.jsonl").write_text(post, encoding="utf-8")
    annotated = tmp_path / "annotated"
    annotated.mkdir()
    lines = annotated / "a.jsonl"
    entities = [["product", "flumberer", 9]]
    lines.write_text(json.dumps({"id": "x-1", "entities": entities}), encoding="utf-8")
    (read,) = read_annotated(annotated, corpus)
    assert (read.text, read.lang, read.intent) == (TEXT, "en", Intent.VENDOR_REQUEST)
    lines.write_text(json.dumps({"id": "x-2", "entities": entities}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no post 'x-2' in the corpus"):
        read_annotated(annotated, corpus)


def test_a_post_is_annotated_once(tmp_path: Path) -> None:
    annotated = write(tmp_path, ["product", "flumberer", 9])
    again = (annotated / "a.jsonl").read_text(encoding="utf-8")
    (annotated / "b.jsonl").write_text(again, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"b\.jsonl, line 1: .*another post 'x-1'"):
        read_annotated(annotated)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    annotated = write(tmp_path, ["vendor", "Zorblat", 35, "incumbent"])
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="out: cannot be written"):
        train_entities(annotated, tmp_path / "out")


@pytest.mark.parametrize(("path", "labels"), [(tagger_path(), TAGS), (relations_path(), RELATIONS)])
def test_weights_come_back_as_they_were_written(
    tmp_path: Path, path: Path, labels: tuple[str, ...]
) -> None:
    weights = read_weights(path, labels)
    write_weights(weights, tmp_path / "copy.npz")
    assert (tmp_path / "copy.npz").read_bytes() == path.read_bytes()
    assert path.stat().st_size < 600_000
    with pytest.raises(ConfigurationError, match="another version"):
        read_weights(path, labels[1:])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"no weights"])
def test_a_damaged_file_is_named_with_its_remedy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tagger.npz"
    with pytest.raises(ConfigurationError, match=r"tagger\.npz.*askwatch train-entities"):
        read_weights(path, TAGS)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"tagger\.npz.*askwatch train-entities"):
        read_weights(path, TAGS)
