"""Finds request patterns (resources/patterns/*.toml) among the words of a post."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from askwatch.errors import ConfigurationError
from nlp.words import Sentence

_GAP_WORDS = 3
_CACHE_WORDS = 50_000
# The groups every pattern file may have; their order is part of a model's features.
GROUPS = (
    "ask", "need", "compare", "hire", "seek_work", "offer", "howto", "complain", "given",
    "business", "leisure", "provider", "role", "urgent", "thanks", "crowd",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
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


class PatternSet:
    """All patterns of all languages, looked up by their first word."""

    def __init__(self) -> None:
        self._exact: dict[str, list[_Pattern]] = {}
        self._prefix: dict[str, list[_Pattern]] = {}
        self._prefix_lengths: tuple[int, ...] = ()
        self._cache: dict[str, tuple[_Pattern, ...]] = {}

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
        self._cache.clear()

    def find(self, words: Sequence[str], sentences: Iterable[Sentence]) -> list[Hit]:
        """Return the hits inside each sentence, in order of their first word."""
        hits: list[Hit] = []
        cache = self._cache
        for sentence in sentences:
            for place in range(sentence.first, sentence.last):
                word = words[place]
                patterns = cache.get(word)
                if patterns is None:
                    patterns = self._look_up(word)
                for pattern in patterns:
                    last = _match(pattern.rest, words, place + 1, sentence.last)
                    if last:
                        hits.append(Hit(pattern.group, place, last))
        return hits

    def _look_up(self, word: str) -> tuple[_Pattern, ...]:
        found = list(self._exact.get(word, ()))
        for length in self._prefix_lengths:
            if length > len(word):
                break
            found += self._prefix.get(word[:length], ())
        if len(self._cache) >= _CACHE_WORDS:
            self._cache.clear()
        self._cache[word] = result = tuple(found)
        return result


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
