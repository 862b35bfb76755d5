"""Makes text readable for the steps behind it, and remembers where every character came from."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from askwatch.model.post import TEXT_LIMIT
from nlp.markup import Unmarked, blank_tags, resolve_references, undisguise
from nlp.quotes import blank_quotes

# Curly quotes, long dashes and odd spaces say nothing that their plain forms do not.
_PLAIN = str.maketrans(
    "\u2018\u2019\u201a\u00b4`\u201c\u201d\u201e\u00ab\u00bb\u2013\u2014\u2212\u00a0\u2007\u202f\t\r\x0b\x0c",
    "'''''\"\"\"\"\"---       ",
)
# What cannot be mapped one to one: control and zero-width characters, combining marks, letters
# in another dress (full width, mathematical), lone surrogates.
_ODD = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u200b-\u200f\u2028-\u202e\u2060-\u2069\u20d0-\u20ff\ufe00-\ufe0f\ufeff\uff01-\uff5e\ufffe\uffff"
    "\ud800-\udfff\U0001d400-\U0001d7ff]"
)
_ODD_RUN = re.compile(f"{_ODD.pattern}+")
# Most posts hold nothing that must be mapped: to look for it is ten times faster than to map.
_UNUSUAL = re.compile(f"{_ODD.pattern[:-1]}{re.escape(''.join(map(chr, _PLAIN)))}]")
_MARKS_KEPT = 2


@dataclass(frozen=True)
class NormalText:
    """Normalised text; where it differs, character i was [origins[i], ends[i]) of the original."""

    text: str
    origins: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    @cached_property
    def lower(self) -> str:
        """The text in lower case, character by character at the same places."""
        lowered = self.text.lower()
        if len(lowered) != len(self.text):
            # A few letters (Turkish dotted capital I) grow when lowered.
            lowered = "".join(letter.lower()[0] for letter in self.text)
        return lowered

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where [start, end) of the normalised text stands in the original."""
        if self.origins is None or self.ends is None or end <= start:
            return start, end
        return self.origins[start], self.ends[end - 1]


def lighten(text: str) -> str:
    """Return what the gate reads: cut and in lower case; nothing else, for speed."""
    return text[:TEXT_LIMIT].lower()


def normalise(text: str) -> NormalText:
    """Return the cut text with plain quotes, dashes and spaces and without tricks.

    Spaces stand for what is not the author's own text: quotes, signatures, tags.
    """
    text = blank_tags(text[:TEXT_LIMIT])
    unmarked = resolve_references(text)
    if unmarked is None and _UNUSUAL.search(text) is None:
        return NormalText(_settle(text))
    text = (text if unmarked is None else unmarked.text).translate(_PLAIN)
    if unmarked is None and _ODD.search(text) is None:
        return NormalText(_settle(text))
    normal = _rebuild(text, unmarked)
    return NormalText(_settle(normal.text), normal.origins, normal.ends)


def _settle(text: str) -> str:
    """Do what moves no character."""
    return blank_quotes(undisguise(text))


def _rebuild(text: str, unmarked: Unmarked | None) -> NormalText:
    starts: Sequence[int] = range(len(text)) if unmarked is None else unmarked.starts
    stops: Sequence[int] = range(1, len(text) + 1) if unmarked is None else unmarked.ends
    rebuilt = _Rebuilt([], [], [])
    done = 0
    for found in _ODD_RUN.finditer(text):
        rebuilt.keep(text[done : found.start()], starts, stops, done)
        done = found.end()
        rebuilt.mend(found.group(), starts, stops, found.start())
    rebuilt.keep(text[done:], starts, stops, done)
    return NormalText("".join(rebuilt.letters), rebuilt.origins, rebuilt.ends)


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    """The text so far, each letter with its place in the original."""

    letters: list[str]
    origins: list[int]
    ends: list[int]

    def keep(self, run: str, starts: Sequence[int], stops: Sequence[int], place: int) -> None:
        """Add ordinary characters, which stand at `place` and behind it."""
        self.letters.extend(run)
        self.origins.extend(starts[place : place + len(run)])
        self.ends.extend(stops[place : place + len(run)])

    def mend(self, run: str, starts: Sequence[int], stops: Sequence[int], place: int) -> None:
        """Add odd characters as far as they are seen."""
        marks = 0
        for offset, letter in enumerate(run):
            if unicodedata.combining(letter):
                marks += 1
                if self.letters and marks <= _MARKS_KEPT:
                    composed = unicodedata.normalize("NFC", self.letters[-1] + letter)
                    # A mark that makes no letter of its own with its base is decoration.
                    self.letters[-1] = composed if len(composed) == 1 else self.letters[-1]
                continue
            marks = 0
            plain = _plain_letter(letter)
            if plain:
                self.letters.append(plain)
                self.origins.append(starts[place + offset])
                self.ends.append(stops[place + offset])


@lru_cache(maxsize=4_096)
def _plain_letter(letter: str) -> str:
    """Return one character, or "" for one that is not seen."""
    if _ODD.match(letter) is None:
        return letter
    category = unicodedata.category(letter)
    if category == "Cs":
        return "\ufffd"
    if letter in "\u2028\u2029" or category == "Cc":
        return " "
    if category in {"Cf", "Mn", "Me", "Cn"}:
        return ""
    folded = unicodedata.normalize("NFKC", letter)
    return folded if len(folded) == 1 else letter
