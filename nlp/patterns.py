"""Finds request patterns (resources/patterns/*.toml) among the words of a post."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from askwatch.errors import ConfigurationError
from nlp.words import Sentence

_GAP_WORDS = 3
# What is remembered of words and pairs of words; longer words hardly ever come again.
_CACHE_WORDS, _CACHE_PAIRS, _CACHE_LETTERS = 50_000, 50_000, 40
# The groups every pattern file may have; their order is part of a model's features.
GROUPS = (
    "ask", "need", "compare", "hire", "seek_work", "offer", "howto", "complain", "given",
    "business", "leisure", "provider", "role", "urgent", "thanks", "crowd",
)  # fmt: skip


class Hit(NamedTuple):
    """Words [first, last) match a pattern of `group`, an index into GROUPS."""

    group: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Element:
    """One place of a pattern: words, beginnings of words, anything, or a gap."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    is_any: bool = False
    is_gap: bool = False

    def accepts(self, word: str) -> bool:
        return word in self.words or self.is_any or word.startswith(self.prefixes)


@dataclass(frozen=True, slots=True)
class _Pattern:
    group: int
    rest: tuple[_Element, ...]

    def begin(self, following: str) -> "_Begun | None":
        """Return what is left behind the pattern's first two words; None where they do not fit."""
        if not self.rest or self.rest[0].is_gap:
            return _Begun(self.group, 1, self.rest)
        if following and self.rest[0].accepts(following):
            return _Begun(self.group, 2, self.rest[1:])
        return None


class _Begun(NamedTuple):
    """A pattern of which the first words, `done` of them, stand in a text."""

    group: int
    done: int
    rest: tuple[_Element, ...]


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Patterns that begin with the same word, and what is left of them by the word behind it."""

    patterns: tuple[_Pattern, ...]
    by_next: dict[str, tuple[_Begun, ...]]


class PatternSet:
    """All patterns of all languages, looked up by their first word."""

    def __init__(self) -> None:
        self._exact: dict[str, list[_Pattern]] = {}
        self._prefix: dict[str, list[_Pattern]] = {}
        self._prefix_lengths: tuple[int, ...] = ()
        # The patterns that begin with a word; None for most, with which none begins.
        self._cache: dict[str, _Beginning | None] = {}
        self._pairs = 0

    @classmethod
    def read(cls, folder: Path) -> "PatternSet":
        """Return the patterns of all files in `folder`.

        Raises:
            ConfigurationError: A file is missing, is no TOML, or has a pattern that cannot be.
        """
        patterns = cls()
        paths = sorted(folder.glob("*.toml"))
        if not paths:
            raise ConfigurationError(f"{folder}: no pattern files (*.toml) are there")
        for path in paths:
            try:
                groups = tomllib.loads(path.read_text(encoding="utf-8"))["groups"]
                for name, texts in groups.items():
                    patterns.add(GROUPS.index(name), texts)
            except (OSError, ValueError, KeyError, AttributeError) as error:
                raise ConfigurationError(f"{path}: not a pattern file: {error}") from error
        return patterns

    def add(self, group: int, texts: Iterable[str]) -> None:
        """Add patterns written as en.toml tells."""
        for text in texts:
            first, *rest = (_read_element(part) for part in text.split())
            if first.is_any or first.is_gap:
                raise ValueError(f"a pattern begins with a word, not as {text!r} does")
            pattern = _Pattern(group, tuple(rest))
            for word in first.words:
                self._exact.setdefault(word, []).append(pattern)
            for prefix in first.prefixes:
                self._prefix.setdefault(prefix, []).append(pattern)
        self._prefix_lengths = tuple(sorted({len(prefix) for prefix in self._prefix}))
        self._forget()

    def find(self, words: Sequence[str], sentences: Iterable[Sentence]) -> list[Hit]:
        """Return the hits inside each sentence, in order of their first word."""
        hits: list[Hit] = []
        cache = self._cache
        for first, end in sentences:
            for place, word in enumerate(words[first:end], first):
                try:
                    beginning = cache[word]
                except KeyError:
                    beginning = self._look_up(word)
                if beginning is None:
                    continue
                following = words[place + 1] if place + 1 < end else ""
                begun = beginning.by_next.get(following)
                if begun is None:
                    begun = self._look_up_pair(beginning, following)
                for group, done, rest in begun:
                    last = _match(rest, words, place + done, end) if rest else place + done
                    if last:
                        hits.append(Hit(group, place, last))
        return hits

    def _look_up(self, word: str) -> _Beginning | None:
        found = list(self._exact.get(word, ()))
        for length in self._prefix_lengths:
            if length > len(word):
                break
            found += self._prefix.get(word[:length], ())
        result = _Beginning(tuple(found), {}) if found else None
        if len(word) <= _CACHE_LETTERS:
            if len(self._cache) >= _CACHE_WORDS:
                self._forget()
            self._cache[word] = result
        return result

    def _look_up_pair(self, beginning: _Beginning, following: str) -> tuple[_Begun, ...]:
        """Return the patterns that may go on with a word; "" stands for the sentence's end."""
        begun = [pattern.begin(following) for pattern in beginning.patterns]
        result = tuple(each for each in begun if each is not None)
        if len(following) <= _CACHE_LETTERS:
            if self._pairs >= _CACHE_PAIRS:
                self._forget()
            self._pairs += 1
            beginning.by_next[following] = result
        return result

    def _forget(self) -> None:
        self._cache.clear()
        self._pairs = 0


def _match(rest: tuple[_Element, ...], words: Sequence[str], place: int, end: int) -> int:
    """Return the end of a match of `rest` at `place`, or 0; at most one gap is tried deep."""
    for index, element in enumerate(rest):
        if element.is_gap:
            after = rest[index + 1 :]
            for skipped in range(_GAP_WORDS + 1):
                last = _match(after, words, place + skipped, end)
                if last:
                    return last
            return 0
        if place >= end or not element.accepts(words[place]):
            return 0
        place += 1
    return place


def _read_element(part: str) -> _Element:
    if part == "...":
        return _Element(frozenset(), (), is_gap=True)
    if part == "_":
        return _Element(frozenset(), (), is_any=True)
    choices = part.split("|")
    return _Element(
        frozenset(choice for choice in choices if not choice.endswith("*")),
        tuple(choice[:-1] for choice in choices if choice.endswith("*")),
    )
