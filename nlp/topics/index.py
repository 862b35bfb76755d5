"""Says which of the active topics a post is about; a topic works without training."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askwatch.model.lead import TopicScore
from askwatch.model.topic import Topic, Wants
from nlp.analysis import Analysis, analyse
from nlp.intent import log_softmax, softmax
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.topics.meaning import TEMPERATURE, Reading, TextEncoder, embed_topics
from nlp.topics.packs import OTHER_BUSINESS, PRIVATE, builtin_topics
from nlp.topics.terms import TermIndex, TopicHit
from nlp.topics.weights import read_weights

# One phrase in the asking sentence gives 0.86, one anywhere 0.55, one word of prose 0.36; of a
# company's own topic, where no encoder has read the post.
_SCALE = 1.5
# Lexical sums count by the logarithm: the second phrase says less than the first.
_HALF = 0.5
_NEVER = 1e-3  # no share is smaller: one kind of evidence alone rules nothing out
# Below this a topic is not worth telling.
_LEAST = 0.03
_MOST_TOPICS = 5
# What the topic of all that no other one takes gets when nothing at all is known.
_FALLBACK = 0.5
_F32 = NDArray[np.float32]


class TopicIndex:
    """Active topics, ready to be compared with posts."""

    def __init__(self, topics: Sequence[Topic], *, is_builtin: bool = False) -> None:
        self.topics = [topic for topic in topics if topic.is_active]
        self.is_builtin = is_builtin
        self._wants: dict[str, Wants] = {topic.topic_id: topic.wants for topic in self.topics}
        self._terms = TermIndex(self.topics, whole_phrases=is_builtin)
        self._weights = read_weights()
        # Vectors and fields of the topics, and the encoder that they are of.
        self._meant: tuple[TextEncoder, _F32, _F32] | None = None

    def wants(self, topic_id: str) -> Wants:
        """Return which asks a topic wants to hear of."""
        return self._wants[topic_id]

    def find(self, analysis: Analysis) -> list[TopicHit]:
        """Return every term found, each of a topic once, where it weighs most."""
        return self._terms.find(analysis)

    def score(
        self,
        hits: Sequence[TopicHit],
        trained: Mapping[str, float],
        *,
        b2b: float,
        reading: Reading | None = None,
    ) -> tuple[TopicScore, ...]:
        """Return probable topics, best first.

        The built-in topics share one probability: `trained` is what the linear model says of
        them, and where nobody knows anything, `b2b`, the probability that a business could
        answer, decides which topic takes the rest. A company's own topics are independent: a post
        may be about none. `trained` is there what `weigh` of the built-in ones gave.
        """
        sums = self._sum(hits)
        if self.is_builtin and not trained and reading is None and not sums.any():
            left = OTHER_BUSINESS if b2b >= 0.5 else PRIVATE
            return (TopicScore(topic_id=left, probability=_FALLBACK),)
        if self.is_builtin:
            probabilities = self._share(hits, trained, reading)
        elif reading is None:
            probabilities = 1.0 - np.exp(-sums / _SCALE)
        else:
            probabilities = self._judge(sums, trained, reading)
        scores = [
            TopicScore(topic_id=topic.topic_id, probability=round(min(value, 0.999), 4))
            for topic, value in zip(self.topics, probabilities.tolist(), strict=True)
            if value >= _LEAST
        ]
        scores.sort(key=lambda each: (-each.probability, each.topic_id))
        return tuple(scores[:_MOST_TOPICS])

    def weigh(
        self, hits: Sequence[TopicHit], trained: Mapping[str, float], reading: Reading | None
    ) -> dict[str, float]:
        """Return the share of every built-in topic; the shares sum to 1."""
        shares = self._share(hits, trained, reading).tolist()
        names = [topic.topic_id for topic in self.topics]
        return dict(zip(names, shares, strict=True))

    def evidence(
        self, hits: Sequence[TopicHit], trained: Mapping[str, float], reading: Reading | None
    ) -> dict[str, NDArray[np.float64]]:
        """Return what each kind of evidence says of each built-in topic, as log-odds."""
        evidence = {
            "lexical": np.log1p(self._sum(hits) / _HALF),
            "linear": self._log_shares(trained),
        }
        if reading is not None:
            vectors, _ = self._read_topics(reading.encoder)
            evidence["encoder"] = self._log_shares(reading.shares)
            evidence["likeness"] = (vectors @ reading.vector / TEMPERATURE).astype(np.float64)
        return evidence

    def _share(
        self, hits: Sequence[TopicHit], trained: Mapping[str, float], reading: Reading | None
    ) -> NDArray[np.float64]:
        weights = self._weights.fast if reading is None else self._weights.read
        total = np.zeros(len(self.topics))
        for name, values in self.evidence(hits, trained, reading).items():
            total += getattr(weights, name) * values
        return np.asarray(softmax(total.astype(np.float32)), dtype=np.float64)

    def _judge(
        self, sums: NDArray[np.float64], fields: Mapping[str, float], reading: Reading
    ) -> NDArray[np.float64]:
        """Return the probability of each of a company's own topics.

        A post speaks for a topic with the topic's words, by lying as near to it as to the nearest
        of all fields that there are, and by being of the field in which the topic lies.
        """
        weights = self._weights.own
        vectors, own_fields = self._read_topics(reading.encoder)
        nearest = _nearness(np.dot(builtin_vectors(reading.encoder), reading.vector))
        likeness = vectors @ reading.vector / TEMPERATURE - nearest
        shares = np.array([fields.get(topic.topic_id, 0.0) for topic in builtin_topics()])
        odds = (
            weights.lexical * np.log1p(sums / _HALF)
            + weights.likeness * likeness
            + weights.field * np.log(own_fields @ shares + _NEVER)
            + weights.intercept
        )
        return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float64)

    def vectors(self, encoder: TextEncoder) -> _F32:
        """Return (topics, size) vectors, computed when an encoder is first seen."""
        return self._read_topics(encoder)[0]

    def _read_topics(self, encoder: TextEncoder) -> tuple[_F32, _F32]:
        """Return vectors of the topics and, of own ones, shares of the fields they lie in."""
        if self._meant is None or self._meant[0] is not encoder:
            if self.is_builtin:
                lines = embed_topics(self.topics, encoder, lines_only=True)
                self._meant = (encoder, lines, np.empty(0, dtype=np.float32))
            else:
                vectors = embed_topics(self.topics, encoder, lines_only=False)
                self._meant = (encoder, vectors, self._find_fields(vectors, encoder))
        return self._meant[1:]

    def _find_fields(self, vectors: _F32, encoder: TextEncoder) -> _F32:
        near = vectors @ builtin_vectors(encoder).T / TEMPERATURE
        rows = []
        for topic, row in zip(self.topics, near, strict=True):
            text = ". ".join([topic.name, topic.description, *topic.phrases])
            sums = _sum(builtin_index().find(analyse(normalise(text), _patterns())), len(row))
            rows.append(softmax(row + np.log1p(sums / _HALF)))
        return np.array(rows, dtype=np.float32)

    def _sum(self, hits: Iterable[TopicHit]) -> NDArray[np.float64]:
        return _sum(hits, len(self.topics))

    def _log_shares(self, shares: Mapping[str, float]) -> NDArray[np.float64]:
        values = [max(shares.get(topic.topic_id, 0.0), 1e-9) for topic in self.topics]
        return np.asarray(log_softmax(np.log(np.array(values, dtype=np.float32))), dtype=np.float64)


@cache
def builtin_index() -> TopicIndex:
    """Return the built-in topics, ready to be compared with posts."""
    return TopicIndex(builtin_topics(), is_builtin=True)


def builtin_vectors(encoder: TextEncoder) -> _F32:
    """Return the vectors of the built-in topics, computed once for an encoder."""
    return builtin_index().vectors(encoder)


@cache
def _patterns() -> PatternSet:
    return PatternSet.read(resource_path("patterns"))


def _sum(hits: Iterable[TopicHit], topics: int) -> NDArray[np.float64]:
    sums = np.zeros(topics)
    for hit in hits:
        sums[hit.topic] += hit.weight
    return sums


def _nearness(cosines: NDArray[Any]) -> float:
    """Return the smooth maximum of some cosines, in units of the temperature."""
    scaled = cosines / TEMPERATURE
    most = float(scaled.max())
    return most + float(np.log(np.exp(scaled - most).sum()))
