"""Text to tokens, once for every back end: words, folded, stemmed in each language we know.

A text becomes one column of tokens per language and one without stems. The columns are aligned:
the n-th token of each stands for the n-th word, so adjacent words stay adjacent, and a document is
found by the inflections of every language, whichever was detected.
"""

import re
import sys
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import snowballstemmer

# The unstemmed column serves every language that has no stemmer here.
PLAIN = "plain"
_STEMMERS = {"da": "danish", "en": "english", "sv": "swedish", "no": "norwegian", "de": "german"}
LANGUAGES = tuple(_STEMMERS)
COLUMNS = (PLAIN, *LANGUAGES)
_ALIASES = {"nb": "no", "nn": "no"}

# Longer "words" are links, keys and noise; Elasticsearch would split them at 255.
_LONGEST_TOKEN = 60
_CACHED_WORDS = 1 << 16

# Spellings that people use for one another on keyboards without the letters.
_SPELLINGS = str.maketrans(
    {
        "æ": "ae", "ä": "ae", "ø": "oe", "ö": "oe", "œ": "oe", "å": "aa", "ü": "ue",
        "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    }
)  # fmt: skip
# The stemmers want the letters back. German does so itself; English has none.
_LETTERS = {
    "da": (("aa", "å"), ("ae", "æ"), ("oe", "ø")),
    "no": (("aa", "å"), ("ae", "æ"), ("oe", "ø")),
    "sv": (("aa", "å"), ("ae", "ä"), ("oe", "ö")),
}
_FURTHER_PASSES = 2
_ACCENTS = re.compile("[\u0300-\u036f]+")
_POSSESSIVE = re.compile(r"['’]s?$")

_stemming = threading.Lock()


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its code points [start, end), and its token in each of `COLUMNS`."""

    start: int
    end: int
    tokens: tuple[str, ...]


def find_words(text: str) -> list[Word]:
    """Return the words of `text` in order."""
    words = []
    for match in _word_pattern().finditer(text):
        tokens = tokens_of(match.group())
        if tokens:
            words.append(Word(match.start(), match.end(), tokens))
    return words


def make_columns(text: str) -> tuple[str, ...]:
    """Return the tokens of `text`, separated by blanks, for each of `COLUMNS`; "" without words."""
    tokens = [word.tokens for word in find_words(text)]
    return tuple(map(" ".join, zip(*tokens, strict=True))) if tokens else ("",) * len(COLUMNS)


def columns_for(lang: str) -> tuple[str, ...]:
    """Return the columns that a question in `lang` looks into; all stems when `lang` is ""."""
    if not lang:
        return LANGUAGES
    return (lang,) if lang in _STEMMERS else (PLAIN,)


def normal_language(lang: str) -> str:
    """Return `lang` as the columns are named: "nb" is "no", and "und" is any language: ""."""
    lang = lang.lower().partition("-")[0]
    return "" if lang == "und" else _ALIASES.get(lang, lang)


@lru_cache(maxsize=_CACHED_WORDS)
def tokens_of(word: str) -> tuple[str, ...]:
    """Return the token of `word` in each of `COLUMNS`; nothing when folding leaves nothing."""
    folded = fold(word)
    if not folded:
        return ()
    # Stemmers keep the word they work on in themselves; the cache makes the wait rare.
    with _stemming:
        return (folded, *(_stem(lang, folded) for lang in LANGUAGES))


def fold(word: str) -> str:
    """Return `word` without case, accents and the choice between å and aa, ø and oe, æ and ae."""
    text = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", word)).casefold()
    text = unicodedata.normalize("NFC", text).translate(_SPELLINGS)
    text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    # Compatibility forms can unfold into blanks and signs, which no token may hold.
    return _unwanted_pattern().sub("", unicodedata.normalize("NFC", text))[:_LONGEST_TOKEN]


def _stem(lang: str, folded: str) -> str:
    for digraph, letter in _LETTERS.get(lang, ()):
        folded = folded.replace(digraph, letter)
    stem = _stemmers()[lang].stemWord(folded) or folded
    # One pass takes one ending, and these languages put the article behind the others:
    # virksomhed-er-ne. Further passes end where the shorter forms do.
    for _ in range(_FURTHER_PASSES if lang in _LETTERS else 0):
        stem = _stemmers()[lang].stemWord(stem) or stem
    return stem


@lru_cache(maxsize=1)
def _stemmers() -> dict[str, _Stemmer]:
    return {lang: snowballstemmer.stemmer(name) for lang, name in _STEMMERS.items()}


@lru_cache(maxsize=1)
def _marks() -> str:
    """Return all combining marks as the inside of a character class; `re` has no name for them."""
    points = (chr(point) for point in range(0x300, min(sys.maxunicode, 0x1F000)))
    return "".join(point for point in points if unicodedata.category(point) in ("Mn", "Mc"))


@lru_cache(maxsize=1)
def _word_pattern() -> re.Pattern[str]:
    """Return what a word looks like: also with marks and apostrophes inside, and C++ and C#."""
    letters = rf"\w[\w{_marks()}]*"
    return re.compile(rf"{letters}(?:['’]{letters})*(?:\+\+|#(?!\w))?")


@lru_cache(maxsize=1)
def _unwanted_pattern() -> re.Pattern[str]:
    return re.compile(rf"[^\w{_marks()}+#]")
