"""Finds the role that a post wants to fill."""

from nlp.entities.grammar import Grammar, read_table
from nlp.entities.passage import Passage
from nlp.entities.wants import GREETINGS, find_product, is_modifier, opens_line, read_phrase

_MOST_SKIPPED, _MOST_WORDS, _MOST_MODIFIERS = 5, 4, 3
# Points of a head of a role; judged by hand. Every word further down costs a little.
_KNOWN, _ASKED, _WANTED, _ASKING, _OPENING, _TITLE = 1.6, 2.0, 1.0, 1.0, 0.6, 2.0
_PER_WORD, _PER_PLACE = 0.1, 0.02


class RoleWords:
    """Heads of roles, and the words before them that belong to a role."""

    def __init__(self) -> None:
        table = read_table("roles.toml")["roles"]
        whole = [word for word in table["words"] if not word.startswith("*")]
        self.words = frozenset(word for word in whole if " " not in word)
        self.phrases = frozenset(tuple(word.split()) for word in whole if " " in word)
        self.openings = frozenset(phrase[0] for phrase in self.phrases)
        self.endings = tuple(word[1:] for word in table["words"] if word.startswith("*"))
        self.modifiers = frozenset(table["modifiers"])

    def match(self, words: list[str], place: int) -> int:
        """Return the word behind a head of a role at `place`, or 0."""
        word = words[place]
        if word in self.openings:
            for phrase in self.phrases:
                if tuple(words[place : place + len(phrase)]) == phrase:
                    return place + len(phrase)
        return place + 1 if self.is_head(word) else 0

    def is_head(self, word: str) -> bool:
        """Tell whether a word is a role, also in "Friseur/in" and "Entwickler/-in"."""
        word = word.partition("/in")[0].partition("/-in")[0] if "/" in word else word
        return word in self.words or word.endswith(self.endings)


def find_role(passage: Passage, grammar: Grammar, roles: RoleWords) -> list[tuple[int, int]]:
    """Return words [first, last) of the role wanted."""
    best, best_score = (0, 0), 0.0
    words = passage.words
    for place in range(len(words)):
        last = roles.match(words, place)
        if not last:
            continue
        first = _extend_role(passage, grammar, roles, place)
        score = _KNOWN + _PER_WORD * (last - first)
        sentence = passage.sentence_of[place]
        score += _ASKING * (sentence in passage.asking) + _OPENING * (sentence == 0)
        score += _ASKED * _is_asked(passage, grammar, first)
        score += _WANTED * (grammar.wanted.match(words, last) is not None)
        score += _TITLE * opens_line(passage, first)
        score -= _PER_PLACE * place
        if score > best_score:
            best, best_score = (first, last), score
    if best_score:
        return [best]
    found = find_product(passage, grammar, ())[:1]
    if found or words[0] in grammar.stop or words[0] in grammar.ask or words[0] in GREETINGS:
        return found
    # An advert that names no role of ours mostly begins with it.
    phrase = read_phrase(passage, grammar, 0)
    return [phrase] if phrase and phrase[1] <= _MOST_WORDS else []


def _is_asked(passage: Passage, grammar: Grammar, first: int) -> bool:
    place, skipped = first, 0
    while place and skipped < _MOST_SKIPPED:
        if grammar.ask.match_before(passage.words, place) is not None:
            return True
        if passage.words[place - 1] not in grammar.skip:
            return False
        place, skipped = place - 1, skipped + 1
    return False


def _extend_role(passage: Passage, grammar: Grammar, roles: RoleWords, place: int) -> int:
    """Return the first word of a role: "Senior React developer", "Teknisk selger"."""
    first = place
    while (
        first
        and place - first < _MOST_MODIFIERS
        and passage.gap(first - 1) == " "
        and passage.words[first - 1] in roles.modifiers
    ):
        first -= 1
    start = first
    while (
        start
        and place - start < _MOST_MODIFIERS
        and passage.gap(start - 1) == " "
        and is_modifier(passage, grammar, start - 1)
    ):
        start -= 1
    # Other words belong to it where they open a line, or stand between an article and the head.
    is_framed = (
        start == 0 or passage.has_break(start - 1) or passage.words[start - 1] in grammar.skip
    )
    return start if is_framed else first
