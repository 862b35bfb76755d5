"""Posts and topics as the encoder's training sees them: pieces in, numbers of labels out."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from askwatch.model.topic import Topic
from nlp.analysis import analyse
from nlp.encoder import Window, choose_pieces
from nlp.model import INTENTS
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.training.corpus import LabelledPost
from nlp.training.roughen import vary

NO_TOPIC = -1
_NAME_ONLY, _DESCRIBED = 0.35, 0.7
_TERMS_TOLD = 5
_BUCKETS = 1_000


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one post as numbers."""

    intent: int
    b2b: float
    topic: int  # NO_TOPIC: none
    is_hard: bool


def label(post: LabelledPost, topics: Sequence[str]) -> Labels:
    """Return the numbers of a post's labels."""
    topic = topics.index(post.topic) if post.topic and post.is_ask else NO_TOPIC
    return Labels(INTENTS.index(post.intent), float(post.b2b), topic, post.hard)


def is_held_out(post_id: str, share: float) -> bool:
    """Tell whether a post is kept from the training; a post never changes sides."""
    digest = hashlib.sha256(post_id.encode()).digest()
    return int.from_bytes(digest[:4]) % _BUCKETS < share * _BUCKETS


class PieceReader:
    """Reads texts into pieces exactly as the running stage does."""

    def __init__(self, tokenizer: Any, window: Window) -> None:
        self._tokenizer, self._window = tokenizer, window
        self._patterns = PatternSet.read(resource_path("patterns"))

    def read(self, text: str) -> list[int]:
        """Return the pieces of a post that are in the window."""
        analysis = analyse(normalise(text), self._patterns)
        pieces: list[int] = self._tokenizer.encode(analysis.normal.text).ids
        asking: list[int] = []
        if len(pieces) > self._window.longest and analysis.ask_sentences:
            asking = self._tokenizer.encode(analysis.asking).ids
        return choose_pieces(pieces, asking, self._window)

    def read_varied(self, text: str, share: float, chance: random.Random) -> list[int]:
        """Return the pieces of a post, with probability `share` of one written in haste."""
        return self.read(vary(text, chance) if chance.random() < share else text)


def describe_topic(topic: Topic, chance: random.Random) -> str:
    """Return one of the ways in which somebody may describe a topic, in any language."""
    terms = [topic.name, *topic.names.values(), *topic.phrases, *topic.examples]
    draw = chance.random()
    if draw < _NAME_ONLY:
        return chance.choice(terms)
    if draw < _DESCRIBED:
        name = chance.choice([topic.name, *topic.names.values()])
        return f"{name}: {topic.description}" if topic.description else name
    return ", ".join(chance.sample(terms, min(len(terms), _TERMS_TOLD)))
