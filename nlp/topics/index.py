"""Says which of the active topics a post is about; a topic works without training."""

from collections.abc import Iterable, Mapping, Sequence
from math import exp

from askwatch.model.lead import TopicScore
from askwatch.model.topic import Topic, Wants
from nlp.analysis import Analysis
from nlp.topics.packs import OTHER_BUSINESS, PRIVATE, builtin_topics
from nlp.topics.terms import TermIndex, TopicHit

_SCALE = 1.5
_LEAST = 0.1
_MOST_TOPICS = 5
_NO_TOPIC, _FALLBACK = 0.3, 0.5


class TopicIndex:
    """Active topics, ready to be compared with posts."""

    def __init__(self, topics: Sequence[Topic], *, is_builtin: bool = False) -> None:
        self.topics = [topic for topic in topics if topic.is_active]
        self.is_builtin = is_builtin
        self._wants: dict[str, Wants] = {topic.topic_id: topic.wants for topic in self.topics}
        self._terms = TermIndex(self.topics, whole_phrases=is_builtin)

    def wants(self, topic_id: str) -> Wants:
        """Return which asks a topic wants to hear of."""
        return self._wants[topic_id]

    def find(self, analysis: Analysis) -> list[TopicHit]:
        """Return every term found, each of a topic once, where it weighs most."""
        return self._terms.find(analysis)

    def score(
        self, hits: Iterable[TopicHit], trained: Mapping[str, float], *, b2b: float
    ) -> tuple[TopicScore, ...]:
        sums = [0.0] * len(self.topics)
        for hit in hits:
            sums[hit.topic] += hit.weight
        scores = []
        for topic, total in zip(self.topics, sums, strict=True):
            probability = 1.0 - exp(-total / _SCALE)
            if self.is_builtin:
                known = trained.get(topic.topic_id, 0.0)
                probability = 1.0 - (1.0 - 0.8 * probability) * (1.0 - known)
            if probability >= _LEAST:
                rounded = round(min(probability, 0.999), 4)
                scores.append(TopicScore(topic_id=topic.topic_id, probability=rounded))
        scores.sort(key=lambda each: (-each.probability, each.topic_id))
        if self.is_builtin and (not scores or scores[0].probability < _NO_TOPIC):
            left = OTHER_BUSINESS if b2b >= 0.5 else PRIVATE
            scores = [each for each in scores if each.topic_id != left]
            scores.insert(0, TopicScore(topic_id=left, probability=_FALLBACK))
        return tuple(scores[:_MOST_TOPICS])


def builtin_index() -> TopicIndex:
    """Return the built-in topics, ready to be compared with posts."""
    return TopicIndex(builtin_topics(), is_builtin=True)
