"""Writes posts as hurried people do: this is for training, the corpus holds what was written."""

import random
import re

_ASCII = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
)
_PUNCTUATION = re.compile(r"(?<=\w)[,.?!:;]+(?=\s|$)")
_LOWER, _BARE, _PLAIN, _JOINED, _MISTYPED = 0.35, 0.4, 0.25, 0.3, 0.25
_WORDS_A_TYPO = 25


def roughen(text: str) -> str:
    """Return a text as a hurried person types it on a foreign keyboard."""
    return _PUNCTUATION.sub("", text.lower()).translate(_ASCII)


def vary(text: str, chance: random.Random) -> str:
    """Return a text with some of the marks of haste, other ones at each call."""
    if chance.random() < _LOWER:
        text = text.lower()
    if chance.random() < _BARE:
        text = _PUNCTUATION.sub("", text)
    if chance.random() < _PLAIN:
        text = text.translate(_ASCII)
    if chance.random() < _JOINED:
        text = " ".join(text.split())
    if chance.random() < _MISTYPED:
        text = _mistype(text, chance)
    return text


def _mistype(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    for _ in range(max(1, len(words) // _WORDS_A_TYPO)):
        place = chance.randrange(len(words))
        word = words[place]
        if len(word) > 3:
            at = chance.randrange(len(word) - 1)
            if chance.random() < 0.5:
                words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            else:
                words[place] = word[:at] + word[at + 1 :]
    return " ".join(words)
