"""What the encoder's training reads of posts and topics."""

import random

import pytest

from askwatch.model.ids import TopicId
from askwatch.model.lead import Intent
from askwatch.model.topic import Topic
from nlp.encoder import Window
from nlp.model import INTENTS
from nlp.training.corpus import LabelledPost
from nlp.training.encoder.pieces import build_tokenizer
from nlp.training.encoder.posts import NO_TOPIC, PieceReader, describe_topic, is_held_out, label
from tests.nlp.training.encoder.weights import PIECES

TOPIC = Topic(
    topic_id=TopicId("crm"),
    name="CRM",
    names={"da": "Kundestyring"},
    description="Who buys what",
    phrases=("pipeline", "leads"),
)


def make_post(**changes: object) -> LabelledPost:
    fields = {"id": "a", "text": "who knows a crm", "lang": "en", "intent": "other", "b2b": True}
    return LabelledPost.model_validate({**fields, **changes})


@pytest.fixture
def reader() -> PieceReader:
    return PieceReader(build_tokenizer(PIECES), Window(first=8, asking=6, last=4))


def test_only_asks_have_a_topic() -> None:
    topics = ["crm_sales", "legal"]
    ask = make_post(intent="vendor_request", topic="legal")
    assert label(ask, topics).topic == 1
    assert label(make_post(), topics) == label(make_post(topic=None), topics)
    assert label(make_post(), topics).topic == NO_TOPIC
    assert INTENTS[label(ask, topics).intent] is Intent.VENDOR_REQUEST


def test_about_the_share_is_held_out_and_always_the_same_posts() -> None:
    names = [f"post-{number}" for number in range(2_000)]
    held_out = {name for name in names if is_held_out(name, 0.1)}
    assert 120 < len(held_out) < 280
    assert held_out == {name for name in names if is_held_out(name, 0.1)}
    assert held_out <= {name for name in names if is_held_out(name, 0.2)}


def test_a_short_post_is_read_whole(reader: PieceReader) -> None:
    assert len(reader.read("who knows a good crm")) == 7


def test_of_a_long_post_beginning_asking_sentence_and_end_are_read(reader: PieceReader) -> None:
    filler = "the cat sat. " * 12
    pieces = reader.read(f"{filler} who knows a good crm? {filler}")
    assert len(pieces) <= 18
    names = [PIECES[piece][0] for piece in pieces]
    assert "▁knows" in names
    assert (names[0], names[-1]) == ("<s>", "</s>")


def test_a_varied_post_depends_on_the_seed_alone(reader: PieceReader) -> None:
    text = "Who knows, a good crm? Nogen kender. " * 2
    first = [reader.read_varied(text, 1.0, random.Random(seed)) for seed in range(5)]
    again = [reader.read_varied(text, 1.0, random.Random(seed)) for seed in range(5)]
    assert first == again
    assert reader.read_varied(text, 0.0, random.Random(1)) == reader.read(text)


def test_a_topic_is_described_in_many_ways() -> None:
    found = {describe_topic(TOPIC, random.Random(seed)) for seed in range(60)}
    assert "Kundestyring" in found
    assert any("Who buys what" in each for each in found)
    assert any(", " in each for each in found)
