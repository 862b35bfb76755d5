"""Looks up phrases of one or more words among the words of a text."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from nlp.words import phrase_words

Payload = TypeVar("Payload")
_Entries = dict[str, list[tuple[tuple[str, ...], Payload]]]


class Phrases(Generic[Payload]):
    """Phrases with what they mean; the longest that fits is found, in constant time a place."""

    def __init__(self) -> None:
        self._by_first: _Entries[Payload] = {}
        self._by_last: _Entries[Payload] = {}

    def add(self, phrase: str, payload: Payload) -> None:
        """Add a phrase; of two with the same words the first one counts.

        Raises:
            ValueError: There is no word in it.
        """
        words = phrase_words(phrase)
        if not words:
            raise ValueError(f"a phrase needs a word, {phrase!r} has none")
        _insert(self._by_first, words[0], words, payload)
        _insert(self._by_last, words[-1], words, payload)

    def add_all(self, phrases: Iterable[str], payload: Payload) -> None:
        for phrase in phrases:
            self.add(phrase, payload)

    def __contains__(self, word: str) -> bool:
        """Tell whether a phrase begins with `word`."""
        return word in self._by_first

    def match(self, words: Sequence[str], place: int) -> tuple[int, Payload] | None:
        """Return the end of the longest phrase that begins at `place`, and what it means."""
        if place >= len(words):
            return None
        for phrase, payload in self._by_first.get(words[place], ()):
            last = place + len(phrase)
            if len(phrase) == 1 or tuple(words[place:last]) == phrase:
                return last, payload
        return None

    def match_before(self, words: Sequence[str], end: int) -> tuple[int, Payload] | None:
        """Return the first word of the longest phrase that ends before `end`, and its meaning."""
        if not 0 < end <= len(words):
            return None
        for phrase, payload in self._by_last.get(words[end - 1], ()):
            first = end - len(phrase)
            if len(phrase) == 1 or (first >= 0 and tuple(words[first:end]) == phrase):
                return first, payload
        return None


def _insert(entries: _Entries[Payload], key: str, words: tuple[str, ...], payload: Payload) -> None:
    found = entries.setdefault(key, [])
    if all(known != words for known, _ in found):
        found.append((words, payload))
        found.sort(key=lambda each: -len(each[0]))
