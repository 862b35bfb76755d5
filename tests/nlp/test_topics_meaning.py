"""Topics by meaning: a post and a topic in different languages, with a hand-written encoder."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from askwatch.model.topic import Topic
from nlp.analysis import analyse
from nlp.encoder import has_encoder
from nlp.model import packaged_model_dir
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.topics import Reading, TopicIndex, builtin_index
from nlp.understand import Understander

ROOFS = Topic(topic_id="roofs", name="Roofs", description="We mend and replace roofs")
BOOKS = Topic(topic_id="books", name="Accounts", description="Accountants who keep the ledgers")
DANISH_ASK = "Kender nogen en dygtig tagdækker i Aarhus?"


class WordEncoder:
    """Gives a text a direction by the few words that it knows, in two languages."""

    DIRECTIONS = (("roof", "tagdækker", "tak"), ("account", "revisor", "ledger"))

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, text: str) -> NDArray[np.float32]:
        self.texts.append(text)
        low = text.lower()
        values = [float(any(word in low for word in words)) for words in self.DIRECTIONS]
        vector = np.array([*values, 0.3], dtype=np.float32)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@pytest.fixture(scope="module")
def patterns() -> PatternSet:
    return PatternSet.read(resource_path("patterns"))


def score(
    patterns: PatternSet, encoder: WordEncoder, text: str, topics: Sequence[Topic]
) -> dict[str, float]:
    index = TopicIndex(topics)
    analysis = analyse(normalise(text), patterns)
    reading = Reading({}, encoder.embed(text), encoder)
    fields = builtin_index().weigh(builtin_index().find(analysis), {}, reading)
    found = index.score(index.find(analysis), fields, b2b=0.9, reading=reading)
    return {each.topic_id: each.probability for each in found}


def test_a_danish_post_finds_an_english_topic_of_one_line(patterns: PatternSet) -> None:
    found = score(patterns, WordEncoder(), DANISH_ASK, [ROOFS, BOOKS])
    assert found["roofs"] > 0.5
    assert found["roofs"] > 5 * found.get("books", 0.0)


def test_a_post_may_be_about_none_of_the_companys_topics(patterns: PatternSet) -> None:
    found = score(patterns, WordEncoder(), DANISH_ASK, [BOOKS])
    assert found.get("books", 0.0) < 0.5


def test_a_topics_texts_are_read_once_for_an_encoder(patterns: PatternSet) -> None:
    encoder = WordEncoder()
    index = TopicIndex([ROOFS])
    first = index.vectors(encoder)
    count = len(encoder.texts)
    assert index.vectors(encoder) is first
    assert len(encoder.texts) == count


def test_without_an_encoder_only_the_words_of_a_topic_speak(patterns: PatternSet) -> None:
    index = TopicIndex([ROOFS])
    for text, is_found in ((DANISH_ASK, False), ("Who mends roofs in Leeds?", True)):
        hits = index.find(analyse(normalise(text), patterns))
        assert bool(index.score(hits, {}, b2b=0.9)) is is_found


def test_built_in_shares_sum_to_one_with_and_without_a_reading(patterns: PatternSet) -> None:
    encoder, index = WordEncoder(), builtin_index()
    hits = index.find(analyse(normalise(DANISH_ASK), patterns))
    for reading in (None, Reading({"legal": 1.0}, encoder.embed(DANISH_ASK), encoder)):
        shares = index.weigh(hits, {}, reading)
        assert sum(shares.values()) == pytest.approx(1.0)
        assert max(shares, key=shares.__getitem__) in {"construction_property", "legal"}


@pytest.mark.skipif(not has_encoder(packaged_model_dir()), reason="the model has no encoder")
def test_the_packaged_encoder_leads_a_danish_post_to_an_english_topic() -> None:
    asks = ["Kender nogen en dygtig tagdækker i Aarhus?", "Kan I anbefale en god revisor?"]
    understood = Understander().understand(
        asks, topics=TopicIndex([ROOFS, BOOKS]), is_complete=True
    )
    assert [each.topics[0].topic_id for each in understood] == ["roofs", "books"]


@pytest.mark.skipif(not has_encoder(packaged_model_dir()), reason="the model has no encoder")
def test_a_topics_own_words_outweigh_the_field_that_a_post_is_of() -> None:
    sign_in = Topic(topic_id="identity", name="Identity and sign-in", phrases=("Keycloak", "MitID"))
    named, unnamed = Understander().understand(
        [
            "Looking for a vendor who can host Keycloak in the EU, any recommendations?",
            "Looking for a vendor who can host PostgreSQL in the EU, any recommendations?",
        ],
        topics=TopicIndex([sign_in]),
        is_complete=True,
    )
    assert [each.probability >= 0.5 for each in named.topics] == [True]
    assert all(each.probability < 0.5 for each in unnamed.topics)
