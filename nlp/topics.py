"""Says which of the company's topics a post is about; a topic works without training."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp

from pydantic import ValidationError

from askwatch.errors import ConfigurationError
from askwatch.model.ids import TopicId
from askwatch.model.lead import TopicScore
from askwatch.model.topic import Topic, Wants
from nlp.analysis import Analysis
from nlp.resources import resource_path
from nlp.words import phrase_words

# What a term is worth when it stands in the sentence that asks; by where it was given.
_PHRASE, _PHRASE_WORD, _PROSE_WORD = 2.0, 0.8, 0.45
_IN_ASK, _AT_START, _ELSEWHERE = 1.5, 1.2, 0.6
_START_WORDS = 12
# One phrase in the asking sentence gives 0.86, one anywhere 0.55, one word of prose 0.36.
_SCALE = 1.5
# A stem this long also finds its inflections and compounds; a shorter one its inflections.
_STEM, _TAIL = 5, 6
_ENDINGS = frozenset(["s", "'s", "en", "et", "er", "e", "n", "es", "erne", "ene", "'er", "'et"])
_CACHE_WORDS = 50_000
# Below this a topic is not worth telling.
_LEAST = 0.1
_MOST_TOPICS = 5
# The built-in topics of what no other one takes with this probability, and what they get then.
OTHER_BUSINESS, PRIVATE = TopicId("other_business"), TopicId("consumer_other")
_NO_TOPIC, _FALLBACK = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class _Term:
    """The words behind the first one, and what the term says of which topic."""

    rest: tuple[str, ...]
    topic: int
    weight: float


@dataclass(frozen=True, slots=True)
class TopicHit:
    """Words [first, last) spoke for a topic."""

    topic: int
    first: int
    last: int
    weight: float


class TopicIndex:
    """Active topics, ready to be compared with posts."""

    def __init__(self, topics: Sequence[Topic], *, is_builtin: bool = False) -> None:
        self.topics = [topic for topic in topics if topic.is_active]
        self.is_builtin = is_builtin
        self._wants: dict[str, Wants] = {topic.topic_id: topic.wants for topic in self.topics}
        self._terms: dict[str, list[_Term]] = {}
        self._cache: dict[str, list[_Term]] = {}
        prose: dict[str, set[int]] = {}
        for place, topic in enumerate(self.topics):
            self._add_topic(place, topic, prose)
        # A word that many topics use tells none of them from the others.
        most = max(1, len(self.topics) // 4)
        for word, places in prose.items():
            if len(places) <= most:
                for place in sorted(places):
                    self._add((word,), place, _PROSE_WORD / len(places))

    def wants(self, topic_id: str) -> Wants:
        """Return which asks a topic wants to hear of."""
        return self._wants[topic_id]

    def find(self, analysis: Analysis) -> list[TopicHit]:
        """Return every term found, each of a topic once, where it weighs most."""
        words = analysis.words.words
        weights = _place_weights(analysis)
        best: dict[tuple[int, tuple[str, ...]], TopicHit] = {}
        for first, word in enumerate(words):
            terms = self._cache.get(word)
            if terms is None:
                terms = self._look_up(word)
            for term in terms:
                last = first + 1 + len(term.rest)
                if term.rest and not _follows(term.rest, words, first + 1):
                    continue
                hit = TopicHit(term.topic, first, last, term.weight * weights[first])
                key = (term.topic, (word[:_STEM], *term.rest))
                if key not in best or best[key].weight < hit.weight:
                    best[key] = hit
        return list(best.values())

    def score(
        self, hits: Iterable[TopicHit], trained: Mapping[str, float], *, b2b: float
    ) -> tuple[TopicScore, ...]:
        """Return probable topics, best first.

        `trained` is what the model says of built-in ones, `b2b` the probability that a business
        could answer: of the built-in topics one takes what is left of business, one of the rest.
        """
        sums = [0.0] * len(self.topics)
        for hit in hits:
            sums[hit.topic] += hit.weight
        scores = []
        for topic, total in zip(self.topics, sums, strict=True):
            probability = 1.0 - exp(-total / _SCALE)
            if self.is_builtin:
                # Either source may know better than the other: a noisy "or" of the two.
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

    def _add_topic(self, place: int, topic: Topic, prose: dict[str, set[int]]) -> None:
        for phrase in {*topic.phrases, topic.name, *topic.names.values()}:
            words = phrase_words(phrase)
            self._add(words, place, _PHRASE + 0.4 * (len(words) - 1))
            if not self.is_builtin:
                for word in _content_words(words):
                    self._add((word,), place, _PHRASE_WORD)
        for text in (topic.description, *topic.examples):
            for word in _content_words(phrase_words(text)):
                prose.setdefault(word, set()).add(place)

    def _add(self, words: tuple[str, ...], place: int, weight: float) -> None:
        if not words:
            return
        terms = self._terms.setdefault(words[0], [])
        for index, term in enumerate(terms):
            if term.topic == place and term.rest == words[1:]:
                if term.weight < weight:
                    terms[index] = _Term(words[1:], place, weight)
                return
        terms.append(_Term(words[1:], place, weight))

    def _look_up(self, word: str) -> list[_Term]:
        found = list(self._terms.get(word, ()))
        seen = {(term.topic, term.rest) for term in found}
        for form in _forms(word):
            for term in self._terms.get(form, ()):
                if (term.topic, term.rest) not in seen:
                    seen.add((term.topic, term.rest))
                    found.append(term)
        if len(self._cache) >= _CACHE_WORDS:
            self._cache.clear()
        self._cache[word] = found
        return found


@cache
def builtin_topics() -> tuple[Topic, ...]:
    """Return the topics that are active while a company has none of its own.

    Raises:
        ConfigurationError: The file of the package is damaged.
    """
    path = resource_path("topics.toml")
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["topic"]
        # They stand for every business there is, so they want to hear of every ask.
        return tuple(Topic.model_validate({"wants": Wants.BOTH, **entry}) for entry in entries)
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise ConfigurationError(f"{path}: not a topic file: {error}") from error


def builtin_index() -> TopicIndex:
    """Return the built-in topics, ready to be compared with posts."""
    return TopicIndex(builtin_topics(), is_builtin=True)


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(resource_path("stop_words.txt").read_text(encoding="utf-8").split())


def _content_words(words: Iterable[str]) -> set[str]:
    stop = _stop_words()
    return {word for word in words if len(word) >= 4 and word not in stop}


def _forms(word: str) -> Iterable[str]:
    """Yield what `word` may be an inflection or a compound of, longest first."""
    for length in range(min(len(word) - 1, 24), 2, -1):
        if length >= _STEM or word[length:] in _ENDINGS:
            yield word[:length]
    for start in range(3, len(word) - _TAIL + 1):
        yield word[start:]
    if "-" in word or "/" in word:
        yield from (part for part in word.replace("/", "-").split("-") if len(part) >= 2)


def _follows(rest: tuple[str, ...], words: Sequence[str], place: int) -> bool:
    following = words[place : place + len(rest)]
    return len(following) == len(rest) and all(
        word == wanted or (word.startswith(wanted) and len(word) - len(wanted) <= 3)
        for word, wanted in zip(following, rest, strict=True)
    )


def _place_weights(analysis: Analysis) -> list[float]:
    weights = [_ELSEWHERE] * len(analysis.words.words)
    for place in range(min(_START_WORDS, len(weights))):
        weights[place] = _AT_START
    for sentence in analysis.ask_sentences:
        for place in range(sentence.first, sentence.last):
            weights[place] = _IN_ASK
    return weights
