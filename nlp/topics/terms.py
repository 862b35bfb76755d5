"""Finds the words of topics in a post, in other inflections and inside compounds too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from askwatch.model.topic import Topic
from nlp.analysis import Analysis
from nlp.resources import resource_path
from nlp.words import phrase_words

# What a term is worth when it stands in the sentence that asks; by where it was given.
_PHRASE, _PHRASE_WORD, _PROSE_WORD = 2.0, 0.8, 0.45
_LONGER = 0.4  # more for each further word
_IN_ASK, _AT_START, _ELSEWHERE = 1.5, 1.2, 0.6
_START_WORDS = 12
# A stem this long also finds its inflections and compounds; a shorter one its inflections.
_STEM, _TAIL = 5, 6
_LONGEST_FORM = 24
_ENDINGS = frozenset(["s", "'s", "en", "et", "er", "e", "n", "es", "erne", "ene", "'er", "'et"])
# What another topic's shorter part of a word or phrase is still worth.
_PART = 0.4
_CACHE_WORDS = 50_000


@dataclass(frozen=True, slots=True)
class Term:
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


class TermIndex:
    """The terms of some topics; a hit names its topic by place."""

    def __init__(self, topics: Sequence[Topic], *, whole_phrases: bool) -> None:
        """Take the terms of `topics`; with `whole_phrases` their words alone say nothing."""
        self._terms: dict[str, list[Term]] = {}
        self._cache: dict[str, list[Term]] = {}
        prose: dict[str, set[int]] = {}
        for place, topic in enumerate(topics):
            self._add_phrases(place, topic, whole_phrases=whole_phrases)
            for text in (topic.description, *topic.descriptions.values(), *topic.examples):
                for word in _content_words(phrase_words(text)):
                    prose.setdefault(word, set()).add(place)
        # A word that many topics use tells none of them from the others.
        most = max(1, len(topics) // 4)
        for word, places in prose.items():
            if len(places) <= most:
                for place in sorted(places):
                    self._add((word,), place, _PROSE_WORD / len(places))

    def find(self, analysis: Analysis) -> list[TopicHit]:
        """Return every term found, each of a topic once, where it weighs most."""
        words = analysis.words.words
        weights = _place_weights(analysis)
        best: dict[tuple[int, tuple[str, ...]], TopicHit] = {}
        found: list[tuple[TopicHit, tuple[int, tuple[str, ...]]]] = []
        longest = [1] * len(words)  # words of the longest phrase that covers each place
        for first, word in enumerate(words):
            terms = self._cache.get(word)
            if terms is None:
                terms = self._look_up(word)
            for term in terms:
                last = first + 1 + len(term.rest)
                if term.rest and not _follows(term.rest, words, first + 1):
                    continue
                hit = TopicHit(term.topic, first, last, term.weight * weights[first])
                found.append((hit, (term.topic, (word[:_STEM], *term.rest))))
                for place in range(first, last):
                    longest[place] = max(longest[place], last - first)
        for hit, key in found:
            # "car insurance" is no car.
            if hit.last - hit.first < max(longest[hit.first : hit.last]):
                hit = TopicHit(hit.topic, hit.first, hit.last, hit.weight * _PART)  # noqa: PLW2901
            if key not in best or best[key].weight < hit.weight:
                best[key] = hit
        return list(best.values())

    def _add_phrases(self, place: int, topic: Topic, *, whole_phrases: bool) -> None:
        # In one order in every process: sets of words have none.
        for phrase in dict.fromkeys([*topic.phrases, topic.name, *topic.names.values()]):
            words = phrase_words(phrase)
            self._add(words, place, _PHRASE + _LONGER * (len(words) - 1))
            if not whole_phrases:
                for word in _content_words(words):
                    self._add((word,), place, _PHRASE_WORD)

    def _add(self, words: tuple[str, ...], place: int, weight: float) -> None:
        if not words:
            return
        terms = self._terms.setdefault(words[0], [])
        for index, term in enumerate(terms):
            if term.topic == place and term.rest == words[1:]:
                if term.weight < weight:
                    terms[index] = Term(words[1:], place, weight)
                return
        terms.append(Term(words[1:], place, weight))

    def _look_up(self, word: str) -> list[Term]:
        found = list(self._terms.get(word, ()))
        seen = {(term.topic, term.rest) for term in found}
        is_known = any(not term.rest and term.weight >= _PHRASE for term in found)
        for form in _forms(word):
            terms = self._terms.get(form, ())
            for term in terms:
                if (term.topic, term.rest) in seen:
                    continue
                seen.add((term.topic, term.rest))
                # The word itself, or a longer part of it, says what it is about.
                part = Term(term.rest, term.topic, term.weight * _PART) if is_known else term
                found.append(part)
            is_known |= any(not term.rest and term.weight >= _PHRASE for term in terms)
        if len(self._cache) >= _CACHE_WORDS:
            self._cache.clear()
        self._cache[word] = found
        return found


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(resource_path("stop_words.txt").read_text(encoding="utf-8").split())


def _content_words(words: Iterable[str]) -> list[str]:
    stop = _stop_words()
    return list(dict.fromkeys(word for word in words if len(word) >= 4 and word not in stop))


def _forms(word: str) -> Iterable[str]:
    """Yield what `word` may be an inflection or a compound of, longest first."""
    for length in range(min(len(word) - 1, _LONGEST_FORM), 2, -1):
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
