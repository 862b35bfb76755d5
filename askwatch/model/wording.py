"""The words of a post that tell whether another post is a copy of it."""

import re
import unicodedata
from dataclasses import dataclass

from askwatch.model.post import TEXT_LIMIT

_LINK = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_WORD = re.compile(r"[^\W_]+")
_SHARED = re.compile(
    r"\W{0,4}(?:rt\b|(?:fwd?|wg|vs|videresendt|repost|x-?post(?:ed)?|cross-?post(?:ed)?)\b ?[:\])])"
)
_ANSWERED = re.compile(r"\W{0,4}(?:re|sv|aw)\b ?:")
# What an author adds later: "EDIT: solved", "Opdatering: ...", to the end of the line.
_NOTE = re.compile(
    r"(?<!\w)(?:edit|update|opdatering|rettelse|redigeret|redigert|oppdatering|uppdatering"
    r"|redigering|nachtrag|løst|solved) ?\d{0,2} ?[:\-](?!\w)[^\n]*"
)
_READ_ON = re.compile(
    r"(?:\.\.\.|\u2026) ?[(\[]?(?:read more|see more|show more|continue reading|læs mere|se mere"
    r"|les mer|se mer|läs mer|visa mer|mehr lesen|mehr anzeigen|weiterlesen)\W{0,3}$"
)
_SENTENCE_END = re.compile(r"[.!?\n]+")
_FOLDED = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
)
_GREETING = frozenset(
    [
     "hi", "hello", "hey", "heya", "greetings", "dear", "all", "everyone", "everybody", "folks",
     "guys", "team", "there", "good", "morning", "afternoon", "evening", "hej", "med", "jer",
     "hejsa", "halloej", "goddag", "god", "morgen", "aften", "kaere", "alle", "allesammen",
     "sammen",
     "gruppe", "group", "ng", "hei", "heisan", "hallo", "moin", "liebe", "zusammen", "guten",
     "tag", "in", "die", "runde", "tjena", "tja", "hejsan",
    ]
)  # fmt: skip
_FAREWELL = frozenset(
    [
     "thanks", "thank", "you", "thx", "ty", "in", "advance", "cheers", "regards", "best", "kind",
     "tak", "mange", "forhaand", "paa", "hilsen", "venlig", "med", "mvh", "vh", "kh",
     "takk",
     "hilsner", "tack", "foerhand", "haelsningar", "danke", "vielen",
     "dank", "im", "voraus", "gruss", "gruesse", "viele", "lg", "vg", "so", "much",
    ]
)  # fmt: skip
_GREETING_WORDS, _FAREWELL_WORDS, _LEAST = 4, 5, 4


@dataclass(frozen=True, slots=True)
class Wording:
    """Folded words without greeting, links, mentions, tags, and notes of later edits."""

    words: tuple[str, ...]
    is_shared: bool  # says that somebody else said it first


def read_wording(text: str) -> Wording:
    """Return the wording of a text, written in any case."""
    lower, is_shared = _open(text)
    words = _read_words(_NOTE.sub(" ", lower)) or _read_words(lower)
    return Wording(tuple(_strip_manners(words)), is_shared)


def split_sentences(text: str, *, at_least: int) -> list[tuple[str, ...]]:
    """Return the sentences of a text that have so many words."""
    lower, _ = _open(text)
    sentences = (_read_words(part) for part in _SENTENCE_END.split(_NOTE.sub(" ", lower)))
    return [tuple(words) for words in sentences if len(words) >= at_least]


def _open(text: str) -> tuple[str, bool]:
    """Return the text in lower case behind its marks of sharing; and whether there were any."""
    lower = text[:TEXT_LIMIT].lower()
    is_shared = False
    while True:
        shared = _SHARED.match(lower)
        mark = shared or _ANSWERED.match(lower)
        if mark is None:
            return _READ_ON.sub(" ", _LINK.sub(" ", lower)), is_shared
        is_shared = is_shared or shared is not None
        lower = lower[mark.end() :]


def _read_words(lower: str) -> list[str]:
    if not lower.isascii():
        folded = unicodedata.normalize("NFC", lower).translate(_FOLDED)
        lower = "".join(
            letter
            for letter in unicodedata.normalize("NFKD", folded)
            if not unicodedata.combining(letter)
        )
    return _WORD.findall(lower)


def _strip_manners(words: list[str]) -> list[str]:
    first, last = 0, len(words)
    while first < min(_GREETING_WORDS, last - _LEAST) and words[first] in _GREETING:
        first += 1
    end = max(first + _LEAST, last - _FAREWELL_WORDS)
    while last > end and words[last - 1] in _FAREWELL:
        last -= 1
    return words[first:last]
